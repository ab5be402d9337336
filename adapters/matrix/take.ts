// Takes what was heard, room by room and each in its order: what people said and tapped is handed over once, and the rest is what
// the rooms themselves tell. Resolves when all of it is stored.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import { makeQueue } from '../../core/queue.ts';
import { isForbidden, isNotFound, mayHaveGotThrough, toChiffonError, waitMs } from './api-error.ts';
import type { RoomEvent, Tap, Written } from './event.ts';
import { isRedacted, readTap, readWritten } from './event.ts';
import type { Places } from './places.ts';
import type { Rooms } from './rooms.ts';
import type { Batch } from './sync.ts';
import type { Threads } from './threads.ts';
import type { Unread } from './unread.ts';

type Parts = {
  readonly self: string;
  readonly memory: ChatMemory;
  readonly places: Places;
  readonly rooms: Pick<Rooms, 'isServed' | 'invited'>;
  readonly threads: Threads;
  readonly unread: Pick<Unread, 'read' | 'done'>;
  readonly onTap: (room: string, tap: Tap) => Promise<void>;
  readonly onWords: (room: string, written: Written) => Promise<void>;
  readonly watch: (room: string, event: RoomEvent) => Promise<void>;
  readonly look: (conversation: ConversationId | null) => void;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

const attemptsAtMost = 6;
const pauseMs = 500;
const rememberedAtMost = 10_000;

export function makeTake(parts: Parts) {
  const { self, memory, places, rooms, threads, log, signal } = parts;
  /** What is under way or done: by a sync and by a look at the card, the same tap comes twice. */
  const taken = makeRecent<Promise<void>>(rememberedAtMost);
  const lanes = new Map<string, ReturnType<typeof makeQueue>>();

  /** Once for ever, also when it comes again in another life. */
  function once(id: string, work: () => Promise<void>): Promise<void> {
    const there = taken.get(id);
    if (there !== undefined) return there;
    const key = `handled:${id}`;
    const doing = (async () => {
      if ((await memory.recall(key)) !== undefined) return;
      await work();
      await memory.keep(key, '1');
    })();
    taken.set(id, doing);
    doing.catch(() => taken.delete(id));
    return doing;
  }

  async function hear(room: string, event: RoomEvent): Promise<void> {
    if (isRedacted(event)) return;
    if (event.state_key !== undefined || event.type === 'm.room.redaction') return parts.watch(room, event);
    if (event.sender === self) return;
    if (event.type === 'm.room.encrypted') {
      const read = await parts.unread.read(room, event);
      if (read === null) return;
      await hear(room, read);
      return parts.unread.done(event);
    }
    const tap = readTap(event);
    if (tap !== null) return once(tap.id, () => parts.onTap(room, tap));
    const written = readWritten(event);
    if (written !== null) {
      if (written.thread !== null) threads.heard(written.thread, written.id);
      return once(written.id, () => parts.onWords(room, written));
    }
  }

  /** What a homeserver that is away keeps from being done is done later; what it refuses is over. */
  async function untilDone(room: string, event: RoomEvent): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await hear(room, event);
      } catch (error) {
        signal.throwIfAborted();
        const cause = error instanceof Error && 'cause' in error ? error.cause : error;
        const later = waitMs(cause) !== null || mayHaveGotThrough(cause);
        if (isForbidden(cause) || isNotFound(cause) || !later || attempt >= attemptsAtMost) {
          log.error({ err: toChiffonError(error), room, type: event.type }, 'what came from Matrix could not be taken');
          return;
        }
        await sleep(waitMs(cause) ?? pauseMs * 2 ** attempt, undefined, { signal });
      }
    }
  }

  function inOrder(room: string, events: readonly RoomEvent[]): Promise<void> {
    const lane = lanes.get(room) ?? makeQueue();
    lanes.set(room, lane);
    return lane(async () => {
      if (!(await rooms.isServed(room))) return;
      for (const event of events) await untilDone(room, event);
    });
  }

  return {
    /** What waited for its key. */
    again: (room: string, event: RoomEvent): Promise<void> => inOrder(room, [event]),

    /** What was tapped under a card, heard by a look at it. */
    tapped: (room: string, tap: Tap): Promise<void> => once(tap.id, () => parts.onTap(room, tap)),

    async batch({ rooms: heard, invites, left }: Batch): Promise<void> {
      for (const room of left) {
        places.forget(room, 'members');
        log.warn({ room }, 'Chiffon is not in a Matrix room any more');
      }
      const invited = invites.map((invite) =>
        rooms
          .invited(invite)
          .catch((error: unknown) => log.warn({ err: toChiffonError(error) }, 'an invitation could not be accepted')),
      );
      const taking = [...heard].map(async ([room, { events, whole }]) => {
        await inOrder(room, events);
        // Somebody was away for very long: at least what is open is true, and what was tapped there counts.
        if (!whole) parts.look(await places.conversationOf(room));
      });
      await Promise.all([...invited, ...taking]);
    },
  };
}
