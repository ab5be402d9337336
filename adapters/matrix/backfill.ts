// A sync gives the newest events of a room; when there were more, the ones in between are fetched, so that nothing that was said is
// missed. Of a room that the bot came into just now, what was said before it came is not for it.
import type { Api } from './api.ts';
import type { RoomEvent } from './event.ts';
import { isJoinOf } from './event.ts';

export type Timeline = {
  readonly events: readonly RoomEvent[];
  readonly limited: boolean;
  /** Where the events begin; those before it are fetched from there. */
  readonly before: string | undefined;
};

/** `whole`: nothing is missing. */
export type Complete = { readonly events: readonly RoomEvent[]; readonly whole: boolean };

const pageSize = 200;
/** Who was away for longer than that has to look at what is open instead. */
const eventsAtMost = 5_000;

export async function completed(how: {
  readonly api: Pick<Api, 'page'>;
  readonly room: string;
  readonly timeline: Timeline;
  /** The end of what was heard before. */
  readonly since: string;
  readonly self: string;
  readonly filter: unknown;
}): Promise<Complete> {
  const { api, room, timeline, since, self, filter } = how;
  const fromJoin = (events: readonly RoomEvent[]) => {
    const at = events.findLastIndex((event) => isJoinOf(event, self));
    return at === -1 ? null : events.slice(at);
  };
  const joined = fromJoin(timeline.events);
  if (joined !== null) return { events: joined, whole: true };
  if (!timeline.limited || timeline.before === undefined) return { events: timeline.events, whole: true };
  const ids = new Set(timeline.events.map(({ event_id }) => event_id));
  const older: RoomEvent[] = [];
  let from: string | undefined = timeline.before;
  while (from !== undefined && older.length < eventsAtMost) {
    const page: Awaited<ReturnType<Api['page']>> = await api.page(room, { from, to: since, limit: pageSize, filter });
    older.push(...page.events.filter(({ event_id }) => !ids.has(event_id)));
    for (const { event_id } of page.events) ids.add(event_id);
    if (page.events.some((event) => isJoinOf(event, self))) break;
    from = page.end;
  }
  const all = [...older.toReversed(), ...timeline.events];
  return { events: fromJoin(all) ?? all, whole: from === undefined || older.length < eventsAtMost };
}
