// The routes of channels and threads.
import { RESTJSONErrorCodes } from 'discord-api-types/v10';
import { z } from 'zod';
import { ApiError, missingPermissions, parseForm, unknownUser } from './api-error.ts';
import { apiChannel, apiThread } from './api-objects.ts';
import { findMessage } from './messages.ts';
import { channelForBot, may } from './permissions.ts';
import type { BucketRule } from './rate-limits.ts';
import { type Call, noContent, param, type Route } from './route.ts';
import { changeThread, deleteChannel, startThread, tellOfChannel, threadArchived } from './threads.ts';
import { TooManyRequests } from './too-many.ts';
import type { Channel, Thread } from './world.ts';

const channelPath = '/channels/:channel';
const rule = (name: string, limit: number, perMs: number): BucketRule => ({ name, limit, perMs });
const members = rule('thread members', 5, 5_000);

export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: channelPath,
    limit: rule('get channel', 10, 5_000),
    handle: (call) => shown(call, channelForBot(call.world, param(call, 'channel'))),
  },
  { method: 'PATCH', path: channelPath, limit: rule('edit channel', 5, 5_000), handle: change },
  { method: 'DELETE', path: channelPath, limit: rule('delete channel', 5, 5_000), handle: remove },
  {
    method: 'POST',
    path: `${channelPath}/messages/:message/threads`,
    limit: rule('create thread', 10, 10_000),
    handle: openAtMessage,
  },
  {
    method: 'PUT',
    path: `${channelPath}/thread-members/@me`,
    limit: members,
    handle: (call) => join(call, call.world.application.bot.id),
  },
  {
    method: 'PUT',
    path: `${channelPath}/thread-members/:user`,
    limit: members,
    handle: (call) => join(call, param(call, 'user')),
  },
  {
    method: 'DELETE',
    path: `${channelPath}/thread-members/@me`,
    limit: members,
    handle: (call) => leave(call, call.world.application.bot.id),
  },
  {
    method: 'DELETE',
    path: `${channelPath}/thread-members/:user`,
    limit: members,
    handle: (call) => leave(call, param(call, 'user')),
  },
  { method: 'POST', path: `${channelPath}/typing`, limit: rule('typing', 5, 5_000), handle: typing },
  { method: 'POST', path: '/users/@me/channels', limit: rule('open dm', 10, 10_000), handle: openDirect },
];

function shown({ world }: Call, channel: Channel, status = 200) {
  return { status, body: channel.kind === 'thread' ? apiThread(world, channel) : apiChannel(world, channel) };
}

const threadName = z.string().min(1).max(100);
const autoArchive = z.literal([60, 1440, 4320, 10080]);
const newThread = z.object({
  name: threadName,
  auto_archive_duration: autoArchive.nullish(),
  rate_limit_per_user: z.int().min(0).max(21_600).nullish(),
});

function openAtMessage(call: Call) {
  const { world, body } = call;
  const parent = channelForBot(world, param(call, 'channel'), 'CreatePublicThreads');
  const message = findMessage(parent, param(call, 'message'));
  if (parent.kind !== 'text') throw wrongKind('a thread is opened where there can be none');
  const { name, auto_archive_duration } = parseForm(newThread, body);
  const thread = startThread(world, parent, {
    id: message.id,
    name,
    ownerId: world.application.bot.id,
    ...(auto_archive_duration && { autoArchiveMinutes: auto_archive_duration }),
  });
  return shown(call, thread, 201);
}

const channelChange = z.object({
  name: threadName.optional(),
  archived: z.boolean().optional(),
  locked: z.boolean().optional(),
  auto_archive_duration: autoArchive.optional(),
  rate_limit_per_user: z.int().min(0).max(21_600).nullish(),
  topic: z.string().max(1024).nullish(),
});

/** The name may be changed twice in ten minutes, of which no header tells. */
const renames = rule('rename channel', 2, 600_000);

function change(call: Call) {
  const { world, limits, body } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  const { name, archived, locked, auto_archive_duration } = parseForm(channelChange, body);
  if (channel.kind === 'dm') throw wrongKind('a direct channel is changed');
  if (channel.kind === 'thread') checkThreadChange(call, channel, { name, archived, locked });
  else channelForBot(world, channel.id, 'ManageChannels');
  if (name !== undefined && name !== channel.name) {
    const retryAfterMs = limits.takeHidden(renames, channel.id);
    if (retryAfterMs > 0) throw new TooManyRequests({ scope: 'user', retryAfterMs });
  }
  if (channel.kind === 'thread')
    changeThread(world, channel, {
      ...(name !== undefined && { name }),
      ...(archived !== undefined && { archived }),
      ...(locked !== undefined && { locked }),
      ...(auto_archive_duration !== undefined && { autoArchiveMinutes: auto_archive_duration }),
    });
  else {
    if (name !== undefined) channel.name = name;
    tellOfChannel(world, channel, 'CHANNEL_UPDATE');
  }
  return shown(call, channel);
}

type Wanted = { name: string | undefined; archived: boolean | undefined; locked: boolean | undefined };

/** An unlocked thread may be opened by whoever may write in it; the rest is for its owner and for who manages threads. */
function checkThreadChange({ world }: Call, thread: Thread, { name, archived, locked }: Wanted): void {
  const bot = world.application.bot.id;
  const manages = may(world, thread, bot, 'ManageThreads');
  if (thread.archived && archived !== false && (name !== undefined || locked !== undefined)) throw threadArchived();
  if (manages) return;
  const opens = archived === false && !thread.locked && may(world, thread, bot, 'SendMessagesInThreads');
  const owns = thread.ownerId === bot && !thread.locked;
  if (locked !== undefined || (name !== undefined && !owns) || (archived !== undefined && !opens && !owns))
    throw missingPermissions();
}

function remove(call: Call) {
  const { world } = call;
  const channel = channelForBot(world, param(call, 'channel'));
  if (channel.kind === 'dm') throw wrongKind('a direct channel is deleted');
  channelForBot(world, channel.id, channel.kind === 'thread' ? 'ManageThreads' : 'ManageChannels');
  const answer = shown(call, channel);
  deleteChannel(world, channel);
  return answer;
}

function join(call: Call, userId: string) {
  const thread = threadOf(call);
  const { world } = call;
  if (!world.guilds.get(thread.guildId)?.members.has(userId)) throw unknownUser();
  if (thread.archived) throw threadArchived();
  thread.members.add(userId);
  world.signal.tell();
  return noContent;
}

function leave(call: Call, userId: string) {
  const thread = threadOf(call);
  if (userId !== call.world.application.bot.id) channelForBot(call.world, thread.id, 'ManageThreads');
  if (thread.archived) throw threadArchived();
  thread.members.delete(userId);
  call.world.signal.tell();
  return noContent;
}

function threadOf(call: Call): Thread {
  const channel = channelForBot(call.world, param(call, 'channel'));
  if (channel.kind !== 'thread') throw wrongKind('a channel that is no thread has no thread members');
  return channel;
}

function typing(call: Call) {
  channelForBot(call.world, param(call, 'channel'), 'SendMessages');
  return noContent;
}

const directTo = z.object({ recipient_id: z.string() });

function openDirect(call: Call) {
  const { world, body } = call;
  const user = world.users.get(parseForm(directTo, body).recipient_id);
  if (!user || user.bot) throw unknownUser();
  const known = [...world.channels.values()].find((one) => one.kind === 'dm' && one.recipientId === user.id);
  const channel: Channel = known ?? { kind: 'dm', id: world.newId(), recipientId: user.id, messages: [] };
  world.channels.set(channel.id, channel);
  return shown(call, channel);
}

function wrongKind(violation: string): ApiError {
  return new ApiError(
    400,
    RESTJSONErrorCodes.CannotExecuteActionOnThisChannelType,
    'Cannot execute action on this channel type',
    { violation },
  );
}
