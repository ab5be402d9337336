// What a person's client is told of its rooms, with the moment in which it is told: a long-polled sync and nothing else.
import { setTimeout as wait } from 'node:timers/promises';
import type { Person } from '../test/matrix/people.ts';
import type { RoomEvent } from '../test/matrix/room-event.ts';
import { until } from '../test/services/until.ts';

export type Heard = { readonly room: string; readonly event: RoomEvent; readonly atMs: number };

export type RoomWatch = {
  /** In their order. */
  readonly heard: readonly Heard[];
  /** The first that fits, of those after the first so many. */
  readonly sees: (
    fits: (heard: Heard) => boolean,
    how: { readonly from: number; readonly what: string; readonly timeoutMs?: number },
  ) => Promise<Heard>;
  readonly stop: () => void;
};

const pollMs = 5_000;
const nothing = { not_types: ['*'] };
const filter = {
  ...{ presence: nothing, account_data: nothing },
  room: { account_data: nothing, ephemeral: nothing, state: nothing, timeline: { limit: 500 } },
};

/** With more digits than `Date.now()`, and of the same clock as what other processes write down. */
export const epochMs = (): number => performance.timeOrigin + performance.now();

export async function watchRooms(person: Person): Promise<RoomWatch> {
  const heard: Heard[] = [];
  let stopped = false;
  let { next_batch: since } = await person.sync({ filter });
  let failure: Error | undefined;
  const listen = async (): Promise<void> => {
    while (!stopped && failure === undefined)
      try {
        const { next_batch: next, rooms } = await person.sync({ since, timeoutMs: pollMs, filter });
        const atMs = epochMs();
        since = next;
        for (const [room, { timeline }] of Object.entries(rooms.join)) {
          if (timeline.limited) failure = new Error('a sync left something out');
          for (const event of timeline.events) heard.push({ room, event, atMs });
        }
      } catch {
        // It may be asked again: what is asked for is what came since.
        await wait(50);
      }
  };
  void listen();
  return {
    heard,
    sees: (fits, { from, what, timeoutMs = 60_000 }) => {
      let looked = from;
      const look = (): Heard | undefined => {
        if (failure !== undefined) throw failure;
        for (; looked < heard.length; looked += 1) {
          const one = heard[looked];
          if (one !== undefined && fits(one)) return one;
        }
        return undefined;
      };
      return until(look, { what: () => what, timeoutMs, everyMs: 5 });
    },
    stop: () => {
      stopped = true;
    },
  };
}

/** What an event says of another one: it edits it, reacts to it, or stands in its thread. */
export function relates({ event }: Heard, kind: 'm.replace' | 'm.annotation' | 'm.thread', target: string): boolean {
  const relation = event.content['m.relates_to'];
  return relation?.rel_type === kind && relation.event_id === target;
}

/** As it reads from then on. */
export function bodyOf({ event: { content } }: Heard): string {
  return content['m.new_content']?.body ?? content.body ?? '';
}
