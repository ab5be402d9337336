// What the newest pages of a room's history say of the bot's messages and of the reactions to them: a few requests for all of them,
// where asking for each takes two.
import type { Api } from './api.ts';
import type { RoomEvent, Tap } from './event.ts';
import { readTap } from './event.ts';

export type History = {
  /** As it was sent, with its newest edit; undefined for one that is not on these pages. */
  readonly event: (id: string) => RoomEvent | undefined;
  /** Those that were not taken back, oldest first; undefined where some may not be on these pages. */
  readonly taps: (target: string) => readonly Tap[] | undefined;
};

/** What is further back than that is asked for by itself. */
const pagesAtMost = 10;
/** A card with its edit is a thousand times what a reaction is. */
const limits = { messages: 100, reactions: 500 };
const messageTypes = ['m.room.message', 'm.room.encrypted'];

export const noHistory: History = { event: () => undefined, taps: () => undefined };

type Wanted = {
  readonly api: Pick<Api, 'page'>;
  readonly self: string;
  readonly room: string;
  /** Of the bot. */
  readonly messages: readonly string[];
  /** Whether to look for reactions as well. */
  readonly reactions: boolean;
};

export async function readHistory({ api, self, room, messages, reactions }: Wanted): Promise<History> {
  const left = new Set(messages);
  const events = new Map<string, RoomEvent>();
  let end: string | undefined;
  // Each page costs what asking for one of them costs.
  for (let pages = 0; left.size > 0 && pages < Math.min(pagesAtMost, messages.length); pages += 1) {
    const filter = { senders: [self], types: messageTypes };
    const page = await api.page(room, { from: end, limit: limits.messages, filter });
    for (const event of page.events) if (left.delete(event.event_id)) events.set(event.event_id, event);
    end = page.end;
    if (end === undefined) break;
  }
  const taps = reactions && events.size > 0 ? await tapsAfter(api, room, end) : null;
  return {
    event: (id) => events.get(id),
    taps: (target) => (taps === null || !events.has(target) ? undefined : (taps.get(target) ?? [])),
  };
}

/** Null where there are more than the pages hold. A reaction comes after what it is given to. */
async function tapsAfter(
  api: Wanted['api'],
  room: string,
  to: string | undefined,
): Promise<ReadonlyMap<string, readonly Tap[]> | null> {
  const newestFirst: Tap[] = [];
  let end: string | undefined;
  for (let pages = 0; pages < pagesAtMost; pages += 1) {
    const page = await api.page(room, { from: end, to, limit: limits.reactions, filter: { types: ['m.reaction'] } });
    newestFirst.push(...page.events.flatMap((event) => readTap(event) ?? []));
    end = page.end;
    if (end === undefined || end === to) return Map.groupBy(newestFirst.toReversed(), ({ target }) => target);
  }
  return null;
}
