// What a person sees: the messages of a room, single events, what made the phone ring; and waiting until it is there. The
// server wakes who waits (a long-polled sync), so nobody asks over and over.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type ClientApi, MatrixRefusal, url } from './client-api.ts';
import { type Message, readMessages } from './messages.ts';
import { type RoomEvent, roomEventSchema, roomEventsSchema } from './room-event.ts';

export type Reading = {
  /** Every event of the room that the person may see, oldest first, with edits, reactions and redactions as they came. */
  events(room: string): Promise<readonly RoomEvent[]>;
  /** As a client shows them, oldest first. */
  messages(room: string): Promise<readonly Message[]>;
  /** Those of the thread that begins with this message, which is not among them. */
  thread(room: string, root: string): Promise<readonly Message[]>;
  /** As the server keeps it: bundled edits and reactions aside, what was sent. */
  event(room: string, eventId: string): Promise<RoomEvent>;
  /** What would have made the person's phone ring, by the default push rules: newest first. */
  rang(room: string): Promise<readonly { readonly eventId: string; readonly highlight: boolean }[]>;
  /** Resolves to the first value that is neither false, undefined nor null; looks again whenever anything happens. */
  until<T>(look: () => Promise<T | Nothing> | T | Nothing, options?: UntilOptions): Promise<T>;
  /** The first message that fits, whenever it comes. */
  sees(room: string, fits: (message: Message) => boolean, options?: UntilOptions): Promise<Message>;
  /** What the server has new for this person since the token; an own filter may make it limited. */
  sync(options?: SyncOptions): Promise<Sync>;
};

type Nothing = false | undefined | null;

export type UntilOptions = {
  /** 60,000 when nothing is said. */
  readonly timeoutMs?: number;
  /** Said when the time is over. */
  readonly what?: string;
};

export type SyncOptions = {
  readonly since?: string | undefined;
  readonly timeoutMs?: number;
  readonly filter?: unknown;
};

const syncSchema = z.looseObject({
  next_batch: z.string(),
  rooms: z
    .looseObject({
      invite: z.record(z.string(), z.unknown()).default({}),
      join: z
        .record(
          z.string(),
          z.looseObject({
            timeline: z.looseObject({ events: z.array(roomEventSchema), limited: z.boolean().optional() }),
          }),
        )
        .default({}),
    })
    .default({ invite: {}, join: {} }),
});
export type Sync = z.infer<typeof syncSchema>;

const rangSchema = z.object({
  notifications: z.array(
    z.looseObject({
      room_id: z.string(),
      actions: z.array(z.unknown()),
      event: z.looseObject({ event_id: z.string() }),
    }),
  ),
});

export function makeReading({ call }: ClientApi): Reading {
  const events: Reading['events'] = async (room) => {
    const newestFirst: RoomEvent[] = [];
    let from: string | undefined;
    do {
      const path = url`/_matrix/client/v3/rooms/${room}/messages`;
      const page = roomEventsSchema.parse(await call({ path, query: { dir: 'b', limit: 1_000, from } }));
      newestFirst.push(...page.chunk);
      from = page.end;
    } while (from !== undefined);
    return newestFirst.reverse();
  };
  const messages: Reading['messages'] = async (room) => readMessages(await events(room));

  const sync: Reading['sync'] = async ({ since, timeoutMs = 0, filter } = {}) =>
    syncSchema.parse(
      await call({
        path: '/_matrix/client/v3/sync',
        query: { since, timeout: timeoutMs, filter: filter === undefined ? undefined : JSON.stringify(filter) },
        timeoutMs: timeoutMs + 30_000,
      }),
    );
  // The test asks by itself for what it wants to see, so little has to come with being woken.
  const filter = { room: { timeline: { limit: 1 }, state: { types: [] } } };

  const until: Reading['until'] = async (look, { timeoutMs = 60_000, what = 'what was waited for' } = {}) => {
    const over = performance.now() + timeoutMs;
    let since: string | undefined;
    let thrown: unknown;
    for (;;) {
      const leftMs = over - performance.now();
      if (leftMs < 0)
        throw new Error(`${what} was not there within ${Math.round(timeoutMs / 1_000)} s`, { cause: thrown });
      try {
        // The first time it only says where we are: what happens from now on wakes us after the look.
        since = (await sync({ since, timeoutMs: since ? Math.min(leftMs, 10_000) : 0, filter })).next_batch;
      } catch (error) {
        if (error instanceof MatrixRefusal) throw error;
        // A server that is down wakes nobody.
        await wait(50);
        continue;
      }
      try {
        const value = await look();
        if (value !== false && value !== undefined && value !== null) return value;
      } catch (error) {
        thrown = error;
      }
    }
  };

  return {
    events,
    messages,
    thread: async (room, root) => (await messages(room)).filter(({ thread }) => thread === root),
    event: async (room, eventId) =>
      roomEventSchema.parse(await call({ path: url`/_matrix/client/v3/rooms/${room}/event/${eventId}` })),
    rang: async (room) =>
      rangSchema
        .parse(await call({ path: '/_matrix/client/v3/notifications', query: { limit: 200 } }))
        .notifications.filter((notification) => notification.room_id === room)
        .map(({ event, actions }) => ({ eventId: event.event_id, highlight: actions.some(isHighlight) })),
    until,
    sees: async (room, fits, options) => await until(async () => (await messages(room)).find(fits), options),
    sync,
  };
}

function isHighlight(action: unknown): boolean {
  const parsed = z.object({ set_tweak: z.literal('highlight'), value: z.boolean().default(true) }).safeParse(action);
  return parsed.success && parsed.data.value;
}
