// Messages that cannot be read or taken. In encrypted rooms, one whose key has not come waits for it, over a restart too, and when that
// takes long, or it can never be read, the room is told once. Nothing that somebody wrote is passed over without a word.
import type { Logger } from 'pino';
import { z } from 'zod';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import { makeQueue } from '../../core/queue.ts';
import type { Api } from './api.ts';
import { toChiffonError } from './api-error.ts';
import type { Content } from './content.ts';
import type { Encryption } from './encryption.ts';
import type { RoomEvent } from './event.ts';
import { keyOf } from './post-once.ts';

export type Unread = Awaited<ReturnType<typeof openUnread>>;

type Parts = {
  readonly api: Pick<Api, 'send' | 'eventAsSent'>;
  readonly memory: ChatMemory;
  readonly encryption: Encryption;
  /** How long a key is waited for without a word. */
  readonly patienceMs: number;
  readonly wake: (ms: number, call: () => void) => () => void;
  readonly log: Logger;
};

const waitingAtMost = 200;
const rememberedAtMost = 10_000;
const memoryKey = 'unread';
const waitingSchema = z.array(z.object({ room: z.string(), event: z.string() }));

const noKey =
  'I could not read a message here: its key has not reached me. It is read when the key comes; if nothing happens, please send it again.';
const sentences = {
  withheld:
    'I could not read a message here: the client it was sent from gives its keys only to sessions that it trusts. Please trust mine (my profile, then my session), or allow unverified sessions in this room, and send it again.',
  forged: 'I did not take a message here: it does not come from a session of the person whose name stands on it.',
  plain:
    'I did not take a message here: this room is encrypted, and the message was not. Please send it again with encryption.',
  broken: 'I could not read a message here. Please send it again.',
};
const fault = 'I could not take this; my log says why. Please send it again.';

/** Before anything is heard: what waits from then on is kept beside what waited before. */
export async function openUnread({ api, memory, encryption, patienceMs, wake, log }: Parts) {
  const waiting = new Map<string, { readonly room: string; readonly event: RoomEvent; readonly enough: () => void }>();
  /** Those of an earlier life that were not looked at yet, by their event: the room. */
  const before = new Map<string, string>();
  const told = makeRecent<true>(rememberedAtMost);
  const inTurn = makeQueue();
  const lookingBack = makeQueue();
  let ended = false;
  const kept = waitingSchema.safeParse(JSON.parse((await memory.recall(memoryKey)) ?? '[]'));
  for (const { room, event } of kept.data ?? []) before.set(event, room);

  /** Once for a room, a life and what is said. */
  async function tell(room: string, event: RoomEvent, sentence: string): Promise<void> {
    const once = `${room} ${sentence}`;
    if (told.has(once)) return;
    told.set(once, true);
    await say(room, event, { msgtype: 'm.notice', body: sentence, 'm.mentions': {} });
  }

  async function say(room: string, event: RoomEvent, content: Content): Promise<void> {
    await api.send(room, 'm.room.message', content, keyOf(`unread ${event.event_id}`), { urgency: 'milestone' });
  }

  const keep = (): Promise<void> =>
    inTurn(() => {
      const rooms = new Map([...before, ...[...waiting].map(([id, { room }]) => [id, room] as const)]);
      return memory.keep(memoryKey, JSON.stringify([...rooms].map(([event, room]) => ({ room, event }))));
    });

  async function wait(room: string, event: RoomEvent): Promise<void> {
    // Tried again: what could not be kept before is kept now.
    if (waiting.has(event.event_id)) return keep();
    const enough = wake(patienceMs, () => {
      tell(room, event, noKey).catch((error: unknown) => log.warn({ err: toChiffonError(error) }, noKey));
    });
    waiting.set(event.event_id, { room, event, enough });
    log.info({ room, event: event.event_id }, 'a message waits for its key');
    for (const [oldest, { enough: stop }] of waiting) {
      if (waiting.size <= waitingAtMost) break;
      stop();
      waiting.delete(oldest);
      await tell(room, event, noKey);
    }
    await keep();
  }

  /** One that the homeserver does not give now is looked at when keys come, or in another life. */
  const lookBack = (again: (room: string, event: RoomEvent) => Promise<void>): Promise<void> =>
    lookingBack(async () => {
      for (const [id, room] of [...before]) {
        if (ended) return;
        try {
          const event = await api.eventAsSent(room, id);
          if (event !== null) await again(room, event);
          before.delete(id);
        } catch (error) {
          if (ended) return;
          log.warn({ err: toChiffonError(error), room, event: id }, 'a message that waited could not be looked at');
        }
      }
      await keep();
    });

  return {
    /** The event that is in it; null for one that waits or cannot be read, which is seen to here. */
    async read(room: string, event: RoomEvent): Promise<RoomEvent | null> {
      if (encryption.off !== null) {
        await tell(room, event, encryption.off);
        return null;
      }
      const opened = await encryption.opened(room, event);
      if (opened.type === 'missing') {
        await wait(room, event);
        return null;
      }
      if (opened.type === 'refused') {
        log.warn({ room, event: event.event_id, reason: opened.reason, why: opened.why }, 'a message was not taken');
        await tell(room, event, sentences[opened.reason]);
        return null;
      }
      // Only what people say: what changes a room is never inside of a message.
      return opened.event.type === 'm.room.message' ? opened.event : null;
    },

    /** Words that are not encrypted where all are meant to be: who seems to have said them has not, perhaps. */
    plain: (room: string, event: RoomEvent): Promise<void> => tell(room, event, encryption.off ?? sentences.plain),

    /** Something went wrong with what somebody wrote or tapped, and it is not tried again. */
    failed: (room: string, event: RoomEvent): Promise<void> =>
      say(room, event, {
        ...{ msgtype: 'm.notice', body: fault, 'm.mentions': {} },
        'm.relates_to': { 'm.in_reply_to': { event_id: event.event_id } },
      }).catch((error: unknown) => log.warn({ err: toChiffonError(error) }, fault)),

    /** What came of it is stored. */
    async done({ event_id: id }: RoomEvent): Promise<void> {
      const there = waiting.get(id);
      if (there === undefined) return;
      there.enough();
      waiting.delete(id);
      await keep();
    },

    /** @param again takes what can be read now */
    async begin(again: (room: string, event: RoomEvent) => Promise<void>): Promise<void> {
      encryption.onKeys(() => {
        if (ended) return;
        for (const { room, event } of waiting.values())
          again(room, event).catch((error: unknown) => log.warn({ err: toChiffonError(error) }, 'a message waits'));
        lookBack(again).catch((error: unknown) => log.warn({ err: error }, 'which messages wait could not be kept'));
      });
      await lookBack(again);
    },

    end(): void {
      ended = true;
      for (const { enough } of waiting.values()) enough();
    },
  };
}
