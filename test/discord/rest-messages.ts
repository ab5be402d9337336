// The routes of a channel's messages.
import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import { ApiError, missingPermissions, parseForm, unknownMessage } from './api-error.ts';
import { apiMessage } from './api-message.ts';
import { deleteMessage, editMessage, findMessage, writeMessage } from './messages.ts';
import { channelForBot, may } from './permissions.ts';
import type { BucketRule } from './rate-limits.ts';
import { type Call, noContent, param, queryNumber, type Route } from './route.ts';
import { checkWritable, threadArchived } from './threads.ts';
import { TooManyRequests } from './too-many.ts';
import { checkFlags, editedMessage, parseSent } from './validate-message.ts';
import type { Channel, Message } from './world.ts';

const messages = '/channels/:channel/messages';
const one = `${messages}/:message`;
const five = (name: string, perMs: number): BucketRule => ({ name, limit: 5, perMs });

export const messageRoutes: readonly Route[] = [
  { method: 'GET', path: messages, limit: five('list messages', 5_000), handle: list },
  {
    method: 'GET',
    path: one,
    limit: five('get message', 5_000),
    handle: (call) => ({ status: 200, body: apiMessage(call.world, found(call)) }),
  },
  { method: 'POST', path: messages, limit: five('create message', 5_000), handle: create },
  { method: 'PATCH', path: one, limit: five('edit message', 5_000), handle: edit },
  { method: 'DELETE', path: one, limit: five('delete message', 1_000), handle: remove },
];

function create(call: Call) {
  const { world, body, files } = call;
  const channel = writable(call);
  const sent = parseSent(body);
  if (files.length > 0) channelForBot(world, channel.id, 'AttachFiles');
  if (sent.message_reference) channelForBot(world, channel.id, 'ReadMessageHistory');
  const message = writeMessage(
    world,
    { ...sent, flags: (sent.flags ?? 0) & ~64 },
    { channel, authorId: world.application.bot.id, files },
  );
  return { status: 200, body: apiMessage(world, message) };
}

function writable(call: Call): Channel {
  const { world } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  if (
    !may(world, channel, world.application.bot.id, channel.kind === 'thread' ? 'SendMessagesInThreads' : 'SendMessages')
  )
    throw missingPermissions();
  if (channel.kind === 'thread') checkWritable(world, channel, world.application.bot.id);
  return channel;
}

/** Edits of a message older than an hour are counted apart. */
const oldEdits: BucketRule = { name: 'edit old message', limit: 3, perMs: 6_000 };
const oldAfterMs = 3_600_000;

function edit(call: Call) {
  const { world, limits, body, files } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  const message = findMessage(channel, param(call, 'message'));
  if (message.authorId !== world.application.bot.id)
    throw new ApiError(
      403,
      RESTJSONErrorCodes.CannotEditMessageAuthoredByAnotherUser,
      'Cannot edit a message authored by another user',
      { violation: 'an edit of a message of somebody else' },
    );
  if (channel.kind === 'thread' && channel.archived) throw threadArchived();
  const edited = parseForm(editedMessage, body);
  checkFlags(edited.flags ?? 0);
  if (world.clock.now() - message.createdMs > oldAfterMs) {
    const retryAfterMs = limits.takeHidden(oldEdits, channel.id);
    if (retryAfterMs > 0)
      throw new TooManyRequests({
        scope: 'user',
        retryAfterMs,
        code: RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
        message: 'Maximum number of edits to messages older than 1 hour reached. Try again later.',
      });
  }
  editMessage(world, message, edited, files);
  return { status: 200, body: apiMessage(world, message) };
}

function remove(call: Call) {
  const { world } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  const message = findMessage(channel, param(call, 'message'));
  if (message.authorId !== world.application.bot.id) channelForBot(world, channel.id, 'ManageMessages');
  deleteMessage(world, message);
  return noContent;
}

/** Newest first; `around` has the others on both sides. */
function list(call: Call) {
  const { world, query } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  const limit = queryNumber(call, 'limit', { or: 50, min: 1, max: 100 });
  const visible = may(world, channel, world.application.bot.id, 'ReadMessageHistory')
    ? channel.messages.filter(({ deleted, ephemeralFor }) => !deleted && ephemeralFor === undefined)
    : [];
  const page = choose(visible, limit, query);
  return { status: 200, body: page.toReversed().map((message) => apiMessage(world, message)) };
}

function choose(visible: readonly Message[], limit: number, query: URLSearchParams): readonly Message[] {
  const at = (name: string): bigint | undefined =>
    /^\d+$/.test(query.get(name) ?? '') ? BigInt(query.get(name) ?? 0) : undefined;
  const [before, after, around] = [at('before'), at('after'), at('around')];
  if (after !== undefined) return visible.filter(({ id }) => BigInt(id) > after).slice(0, limit);
  if (around !== undefined) {
    const place = visible.findIndex(({ id }) => BigInt(id) >= around);
    const from = Math.max(0, (place < 0 ? visible.length : place) - Math.floor(limit / 2));
    return visible.slice(from, from + limit);
  }
  return visible.filter(({ id }) => before === undefined || BigInt(id) < before).slice(-limit);
}

function found(call: Call): Message {
  const channel = channelForBot(call.world, param(call, 'channel'));
  if (!may(call.world, channel, call.world.application.bot.id, 'ReadMessageHistory')) throw unknownMessage();
  return findMessage(channel, param(call, 'message'));
}
