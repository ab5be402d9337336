// Cards that an earlier life of the chat posted, and what a later one asks of the homeserver to bring them up to date.
import { expect } from 'vitest';
import type { ShownMessage } from '../../core/ports/chat.ts';
import type { ChatStage } from './chat-stage.ts';
import { planOf } from './chat-stage.ts';
import type { Observer } from './observer.ts';

const much = { requests: 10_000, withinMs: 1_000 };
/** The chat's own pace is not what is looked at here. */
export const limits = { lane: much, all: much };

/** What was asked of messages since then, by kind. */
export function asked({ count }: Observer, from: number) {
  return {
    pages: count('GET /rooms/:room/messages', from),
    singles: count('GET /rooms/:room/event/', from) + count('GET /rooms/:room/relations/', from),
    edits: count('PUT /rooms/:room/send/m.room.', from),
    reactions: count('PUT /rooms/:room/send/m.reaction/', from),
  };
}

/** Posts so many open cards in another life; resolves when all that belongs to them is there. */
export async function cardsOfBefore(
  stage: ChatStage,
  observer: Observer,
  count: number,
  {
    conversation,
    between,
  }: {
    readonly conversation?: ShownMessage['conversation'];
    readonly between?: (task: number) => Promise<unknown> | undefined;
  } = {},
): Promise<readonly ShownMessage[]> {
  const chat = await stage.startChat({ homeserverUrl: observer.url, limits });
  const shown: ShownMessage[] = [];
  for (let task = 1; task <= count; task += 1) {
    const where = conversation ?? stage.conversation;
    const view = planOf(task);
    shown.push({ conversation: where, reference: await chat.post(where, `event:${task}`, view), view });
    await between?.(task);
  }
  await stage.until(() => expect(asked(observer, 0).reactions).toBe(3 * count), 120_000);
  await chat.stop();
  return shown;
}

/** As when the bot does not know any more how far it had heard: what was tapped is read at the cards or not at all. */
export const forgetTheSync = ({ memory }: ChatStage) => memory.keep('sync-token', 's0_nothing_like_that');

export const taps = ({ taken }: ChatStage) => taken.map(({ messageId }) => messageId);

export const expired = (shown: ShownMessage, task: number): ShownMessage => ({
  ...shown,
  view: planOf(task, { standing: 'expired' }),
});
