// The routes of interactions: the acknowledgement, and the messages that come by an interaction's token.
import { MessageFlags, RESTJSONErrorCodes } from 'discord-api-types/v10';
import { ApiError, parseForm, unknownMessage } from './api-error.ts';
import { apiMessage } from './api-message.ts';
import { type Interaction, tokenLifeMs } from './interaction.ts';
import { acknowledge, messageOf, writeReply } from './interaction-callback.ts';
import { deleteMessage, editMessage } from './messages.ts';
import type { BucketRule } from './rate-limits.ts';
import { type Call, noContent, param, type Route } from './route.ts';
import { checkFlags, editedMessage, parseSent } from './validate-message.ts';
import type { Message } from './world.ts';

const webhook = '/webhooks/:application/:token';
const limit = (name: string): BucketRule => ({ name: `webhook ${name}`, limit: 5, perMs: 2_000 });

export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/interactions/:interaction/:token/callback',
    limit: undefined,
    byToken: true,
    handle: (call) => {
      const answer = acknowledge(call.world, param(call, 'interaction'), param(call, 'token'), call.body, call.files);
      return call.query.get('with_response') === 'true' ? { status: 200, body: answer } : noContent;
    },
  },
  { method: 'POST', path: webhook, limit: limit('post'), byToken: true, handle: followUp },
  ...['@original', ':message'].flatMap((which): Route[] => {
    const path = `${webhook}/messages/${which}`;
    return [
      { method: 'GET', path, limit: limit('get'), byToken: true, handle: (call) => shown(call, replyOf(call)) },
      { method: 'PATCH', path, limit: limit('edit'), byToken: true, handle: edit },
      { method: 'DELETE', path, limit: limit('delete'), byToken: true, handle: remove },
    ];
  }),
];

function shown({ world }: Call, message: Message) {
  return { status: 200, body: apiMessage(world, message) };
}

/** The first one after a deferred reply takes that one's place. */
function followUp(call: Call) {
  const { world, body, files } = call;
  const interaction = interactionOf(call);
  const sent = parseSent(body);
  const deferred = messageOf(world, interaction, interaction.originalId);
  if (deferred && interaction.replyIds.includes(deferred.id) && (deferred.flags & MessageFlags.Loading) !== 0) {
    editMessage(world, deferred, parseForm(editedMessage, body), files);
    return shown(call, deferred);
  }
  return shown(call, writeReply(world, interaction, sent, files));
}

function edit(call: Call) {
  const edited = parseForm(editedMessage, call.body);
  checkFlags(edited.flags ?? 0);
  const message = replyOf(call);
  editMessage(call.world, message, edited, call.files);
  return shown(call, message);
}

function remove(call: Call) {
  deleteMessage(call.world, replyOf(call));
  return noContent;
}

function replyOf(call: Call): Message {
  const interaction = interactionOf(call);
  const { message: id } = call.params;
  const known = id === undefined || interaction.replyIds.includes(id) || id === interaction.originalId;
  const message = known ? messageOf(call.world, interaction, id ?? interaction.originalId) : undefined;
  if (!message) throw unknownMessage();
  return message;
}

function interactionOf(call: Call): Interaction {
  const { world } = call;
  const token = param(call, 'token');
  const found = [...world.interactions.values()].find((one) => one.token === token);
  if (!found || param(call, 'application') !== world.application.id)
    throw new ApiError(404, RESTJSONErrorCodes.UnknownWebhook, 'Unknown Webhook', { violation: 'an unknown webhook' });
  if (world.clock.now() - found.createdMs > tokenLifeMs)
    throw new ApiError(401, RESTJSONErrorCodes.InvalidWebhookToken, 'Invalid Webhook Token', {
      violation: "an interaction's token is used after 15 minutes",
    });
  if (!found.acknowledgement)
    throw new ApiError(404, RESTJSONErrorCodes.UnknownWebhook, 'Unknown Webhook', {
      violation: 'an answer to an interaction that was not acknowledged',
    });
  return found;
}
