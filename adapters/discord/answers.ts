// Answers to what somebody sent: to them alone while their interaction can still be answered, else where they said it.
import type { REST } from 'discord.js';
import { MessageFlags, Routes } from 'discord.js';
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import type { Incoming, View } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { bodyOf, filesOf } from './api.ts';
import { isClosed, toChiffonError } from './api-error.ts';
import type { Message } from './message.ts';
import { channelOf, parseReference } from './reference.ts';

/** How something that was sent can be answered. */
export type Asked =
  | {
      readonly type: 'interaction';
      readonly applicationId: string;
      readonly token: string;
      readonly channel: string;
      readonly atMs: number;
      /** Whether Discord took the acknowledgement. */
      readonly acknowledged: Promise<boolean>;
      /** "Chiffon is thinking" stands there until it is answered. */
      readonly thinks: boolean;
    }
  | { readonly type: 'message'; readonly channel: string; readonly message: string };

export type Answers = ReturnType<typeof makeAnswers>;

/** A token lives for 15 minutes; the rest is for the way. */
const tokenMs = 14.5 * 60_000;
const rememberedAtMost = 2_000;
const alone = MessageFlags.Ephemeral;

export function makeAnswers(parts: {
  readonly api: Api;
  readonly renderPrivate: (view: View, channel: string) => readonly Message[];
  readonly renderPublic: (view: View, channel: string) => readonly Message[];
  readonly nowMs: () => number;
  readonly log: Logger;
}) {
  const { api, nowMs, log } = parts;
  const asked = makeRecent<Asked>(rememberedAtMost);
  const answered = makeRecent<true>(rememberedAtMost);

  async function byToken(id: string, given: Extract<Asked, { type: 'interaction' }>, messages: readonly Message[]) {
    const { applicationId, token, thinks } = given;
    for (const message of messages) {
      const isFirst = thinks && !answered.has(id);
      answered.set(id, true);
      const options = { ...filesOf(message), auth: false };
      const send = (rest: REST): Promise<unknown> =>
        isFirst
          ? rest.patch(Routes.webhookMessage(applicationId, token), { body: bodyOf(message), ...options })
          : rest.post(Routes.webhook(applicationId, token), { body: bodyOf(message, alone), ...options });
      await api.call(`answer:${id}`, { urgency: 'decisive' }, send);
    }
  }

  /** Where it was said, or in the conversation's channel when that cannot be written to any more. */
  async function inPublic(channels: readonly string[], replyTo: string | null, messages: readonly Message[]) {
    const [channel, ...others] = channels;
    if (channel === undefined) return;
    try {
      for (const [index, message] of messages.entries())
        await api.post(channel, { message, replyTo: index === 0 ? replyTo : null }, 'decisive');
    } catch (error) {
      const next = others.filter((other) => other !== channel);
      if (next.length === 0 || !isClosed(error)) throw error;
      await inPublic(next, null, messages);
    }
  }

  return {
    asked: (messageId: string, how: Asked): void => asked.set(messageId, how),

    isAnswered: (messageId: string): boolean => answered.has(messageId),

    async answer(incoming: Incoming, view: View): Promise<void> {
      const { messageId, conversation } = incoming;
      const channel = channelOf(conversation);
      const given = asked.get(messageId);
      try {
        if (given?.type === 'message') {
          answered.set(messageId, true);
          return await inPublic([given.channel, channel], given.message, parts.renderPublic(view, channel));
        }
        const messages = parts.renderPrivate(view, channel);
        if (given !== undefined && nowMs() < given.atMs + tokenMs && (await given.acknowledged))
          try {
            return await byToken(messageId, given, messages);
          } catch (error) {
            log.info(
              { err: toChiffonError(error) },
              'an answer goes into the channel, for it could not be given privately',
            );
          }
        const root = incoming.thread === undefined ? null : parseReference(incoming.thread).message;
        await inPublic([given?.channel ?? channel, channel], given === undefined ? root : null, messages);
      } catch (error) {
        throw toChiffonError(error);
      }
    },

    /** A sentence of the adapter's own, e.g. in the place of "is thinking". */
    async say(messageId: string, content: string, pings: readonly string[] = []): Promise<void> {
      const given = asked.get(messageId);
      if (given === undefined) return;
      const message: Message = { content, components: [], files: [], pings };
      if (given.type === 'message') return inPublic([given.channel], given.message, [message]);
      if (nowMs() < given.atMs + tokenMs && (await given.acknowledged)) await byToken(messageId, given, [message]);
    },
  };
}
