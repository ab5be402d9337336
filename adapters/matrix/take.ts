// Takes what was heard, room by room and each in its order: what people said and tapped is handed over once, and the rest is what
// the rooms themselves tell. Resolves when all of it is stored.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { makeRecent } from '../../core/chat/recent.ts';
import { ChiffonError, isOfStore } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import { makeQueue } from '../../core/queue.ts';
import { isAway, isForbidden, isNotFound, mayHaveGotThrough, toChiffonError, waitMs } from './api-error.ts';
import type { Removal, RoomEvent, Tap, Written } from './event.ts';
import { isRedacted, readRemoval, readTap, readWritten } from './event.ts';
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
  readonly unread: Pick<Unread, 'read' | 'done' | 'plain' | 'failed'>;
  /** Resolves to what is to be kept of the tap, for `onRemoval`. */
  readonly onTap: (room: string, tap: Tap) => Promise<string | undefined>;
  readonly onRemoval: (room: string, removal: Removal, kept: string) => Promise<void>;
  readonly onWords: (room: string, written: Written) => Promise<void>;
  readonly watch: (room: string, event: RoomEvent) => Promise<void>;
  readonly look: (conversation: ConversationId | null) => void;
  readonly signal: AbortSignal;
  /** Between two tries: the first pause, which doubles, and the longest. */
  readonly pauseMs: { readonly first: number; readonly most: number };
  readonly log: Logger;
};

const handledKey = (id: string): string => `handled:${id}`;
/** Of what is refused for a reason that nobody knows: it would hold up its room for ever. */
const attemptsAtMost = 6;
const rememberedAtMost = 10_000;

export function makeTake(parts: Parts) {
  const { self, memory, places, rooms, threads, log, signal } = parts;
  /** What is under way or done: by a sync and by a look at the card, the same tap comes twice. */
  const taken = makeRecent<Promise<void>>(rememberedAtMost);
  const lanes = new Map<string, ReturnType<typeof makeQueue>>();

  /** Once for ever, also when it comes again in another life. */
  function once(id: string, work: () => Promise<string | undefined>): Promise<void> {
    const there = taken.get(id);
    if (there !== undefined) return there;
    const key = handledKey(id);
    const doing = (async () => {
      if ((await memory.recall(key)) !== undefined) return;
      await memory.keep(key, (await work()) ?? '1');
    })();
    taken.set(id, doing);
    doing.catch(() => taken.delete(id));
    return doing;
  }

  /** @param sealed it came encrypted */
  async function hear(room: string, event: RoomEvent, sealed = false): Promise<void> {
    if (isRedacted(event)) return;
    const removal = readRemoval(event);
    if (removal !== null) await onceForAll(removal.id, async () => takeBack(room, removal));
    if (removal !== null || event.state_key !== undefined) return parts.watch(room, event);
    if (event.sender === self) return;
    if (event.type === 'm.room.encrypted') {
      const read = await parts.unread.read(room, event);
      if (read === null) return;
      await hear(room, read, true);
      return parts.unread.done(event);
    }
    const tap = readTap(event);
    if (tap !== null) return once(tap.id, () => parts.onTap(room, tap));
    const written = readWritten(event);
    if (written !== null) {
      if (written.thread !== null) threads.heard(written.thread, written.id);
      // Words that are not encrypted where all are meant to be have not been said by who seems to have said them, perhaps.
      if (!sealed && (await places.isEncrypted(room))) return parts.unread.plain(room, event);
      return onceForAll(written.id, () => parts.onWords(room, written));
    }
  }

  const onceForAll = (id: string, work: () => Promise<void>): Promise<void> =>
    once(id, () => work().then(() => undefined));

  async function takeBack(room: string, removal: Removal): Promise<void> {
    // It may be under way still.
    await taken.get(removal.target)?.catch(() => {});
    const key = handledKey(removal.target);
    const kept = await memory.recall(key);
    if (kept !== undefined) return parts.onRemoval(room, removal, kept);
    // A look at its card may have read it before it was removed, and hand it over after this.
    await memory.keep(key, '1');
  }

  /**
   * What a store or a homeserver that is away keeps from being done is done later, and what comes after it waits; what the homeserver
   * refuses, or a fault of ours, is over. Rejects when the chat ends before, or another bot has it now: then it is heard again in the
   * next life.
   * @param lost somebody is told, where it was theirs
   */
  async function untilDone(
    room: string,
    work: () => Promise<void>,
    lost = async (): Promise<void> => {},
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ChiffonError && error.kind === 'FENCED') throw error;
        const pause = pauseBeforeNext(error, attempt);
        if (pause === null) {
          log.error({ err: toChiffonError(error), room }, 'what came from Matrix could not be taken');
          return lost();
        }
        if (attempt === 1)
          log.warn({ err: error, room }, 'what came from Matrix cannot be taken now; it is tried again');
        await sleep(pause, undefined, { signal });
      }
    }
  }

  /** In ms; null when trying again cannot help. */
  function pauseBeforeNext(error: unknown, attempt: number): number | null {
    const grown = Math.min(parts.pauseMs.most, parts.pauseMs.first * 2 ** (attempt - 1));
    const cause = error instanceof Error && 'cause' in error ? error.cause : error;
    if (isForbidden(cause) || isNotFound(cause)) return null;
    if (isOfStore(error)) return grown;
    if (isAway(cause)) return waitMs(cause) ?? grown;
    return mayHaveGotThrough(cause) && attempt < attemptsAtMost ? grown : null;
  }

  function inLane(room: string, work: () => Promise<void>): Promise<void> {
    const lane = lanes.get(room) ?? makeQueue();
    lanes.set(room, lane);
    return lane(work);
  }

  function inOrder(room: string, events: readonly RoomEvent[]): Promise<void> {
    return inLane(room, async () => {
      let served = false;
      await untilDone(room, async () => {
        served = await rooms.isServed(room);
      });
      if (!served) return;
      for (const event of events)
        await untilDone(
          room,
          () => hear(room, event),
          async () => {
            if (event.sender !== self) await parts.unread.failed(room, event);
          },
        );
    });
  }

  return {
    /** What waited for its key. */
    again: (room: string, event: RoomEvent): Promise<void> => inOrder(room, [event]),

    /** What was tapped under a card, heard by a look at it; after what was heard in its room before. */
    tapped: (room: string, tap: Tap): Promise<void> =>
      inLane(room, () => untilDone(room, () => once(tap.id, () => parts.onTap(room, tap)))),

    async batch({ rooms: heard, invites, left }: Batch): Promise<void> {
      for (const room of left) {
        places.forget(room, 'members');
        log.warn({ room }, 'Chiffon is not in a Matrix room any more');
      }
      // A room of a server that is away must not hold up all others: it is tried again at the next start.
      const invited = invites.map((invite) =>
        rooms
          .invited(invite)
          .catch((error: unknown) => log.warn({ err: toChiffonError(error) }, 'an invitation could not be accepted')),
      );
      const taking = [...heard].map(async ([room, { events, whole }]) => {
        await inOrder(room, events);
        // Somebody was away for very long: at least what is open is true, and what was tapped there counts.
        if (!whole) await untilDone(room, async () => parts.look(await places.conversationOf(room)));
      });
      await Promise.all([...invited, ...taking]);
    },
  };
}
