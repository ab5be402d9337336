// The requests that Chiffon makes of a homeserver. What is sent into rooms goes through the send queue, for that is what a
// homeserver counts; what is only read is asked for at once, and again where that makes sense.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import type { SendQueue } from '../../core/chat/send-queue.ts';
import { isForbidden, isNotFound, mayHaveGotThrough, waitMs } from './api-error.ts';
import type { Content } from './content.ts';
import type { RoomEvent } from './event.ts';
import { eventSchema, eventsSchema } from './event.ts';
import type { Client, MatrixRequest } from './sdk.ts';
import { path } from './sdk.ts';

export type Pace = { readonly urgency: Urgency; readonly slot?: string; readonly everyMs?: number };

export type Api = ReturnType<typeof makeApi>;

const attemptsAtMost = 4;
const pauseMs = 300;
const waitAtMostMs = 15_000;
const sentSchema = z.object({ event_id: z.string() });
const pageSchema = z.object({ chunk: eventsSchema, end: z.string().optional() });
const relationsSchema = z.object({ chunk: eventsSchema, next_batch: z.string().optional() });
const relationsAtMost = 1_000;

export function makeApi({ client, queue, signal }: { client: Client; queue: SendQueue; signal: AbortSignal }) {
  /** What may be asked twice is asked again when nothing came through. */
  async function ask(request: MatrixRequest): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.request({ signal, ...request });
      } catch (error) {
        const wait = waitMs(error);
        if (signal.aborted || attempt >= attemptsAtMost || (wait === null && !mayHaveGotThrough(error))) throw error;
        await sleep(Math.min(waitAtMostMs, wait ?? pauseMs * 2 ** attempt), undefined, { signal });
      }
    }
  }

  async function orNull<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (isNotFound(error) || isForbidden(error)) return null;
      throw error;
    }
  }

  const inRoom = (room: string): string => path`/_matrix/client/v3/rooms/${room}`;

  return {
    ask,

    /** Sends an event; the same transaction id again sends nothing, and gives the first one's id. */
    async send(room: string, type: string, content: Content, transaction: string, pace: Pace): Promise<string> {
      let id: string | undefined;
      await queue.send({
        ...pace,
        lane: `send:${room}`,
        run: async () => {
          const request = {
            method: 'PUT',
            path: path`/_matrix/client/v3/rooms/${room}/send/${type}/${transaction}`,
          } as const;
          id = sentSchema.parse(await client.request({ ...request, body: content })).event_id;
        },
      });
      if (id === undefined) throw new Error('a newer state was sent instead');
      return id;
    },

    /** May resolve by a newer edit of the same slot. */
    edit(room: string, content: Content, pace: Pace): Promise<void> {
      const request = {
        method: 'PUT',
        path: path`/_matrix/client/v3/rooms/${room}/send/m.room.message/${randomUUID()}`,
        body: content,
      } as const;
      return queue.send({ ...pace, lane: `send:${room}`, run: async () => void (await client.request(request)) });
    },

    redact(room: string, event: string, transaction: string): Promise<void> {
      const request = {
        method: 'PUT',
        path: path`/_matrix/client/v3/rooms/${room}/redact/${event}/${transaction}`,
        body: {},
      } as const;
      return queue.send({
        ...{ urgency: 'decisive', lane: `send:${room}` },
        run: async () => void (await client.request(request)),
      });
    },

    upload: (text: string, name: string): Promise<string> => client.upload(text, name),

    /** Null when it is not there, or not for the bot. */
    event: (room: string, event: string): Promise<RoomEvent | null> =>
      orNull(ask({ path: `${inRoom(room)}${path`/event/${event}`}` }).then((answer) => eventSchema.parse(answer))),

    state: (room: string, type: string, key = ''): Promise<unknown> =>
      orNull(ask({ path: `${inRoom(room)}${path`/state/${type}/${key}`}` })),

    /** One page, newest first. `end`: where the next one begins; undefined where there is none. */
    async page(
      room: string,
      query: { from?: string | undefined; to?: string; limit: number; filter?: unknown },
    ): Promise<{ readonly events: readonly RoomEvent[]; readonly end: string | undefined }> {
      const { filter, ...rest } = query;
      const asked = { dir: 'b', ...rest, filter: filter === undefined ? undefined : JSON.stringify(filter) };
      const { chunk, end } = pageSchema.parse(await ask({ path: `${inRoom(room)}/messages`, query: asked }));
      return { events: chunk, end };
    },

    /** The reactions to an event that were not taken back, oldest first. */
    async reactions(room: string, event: string): Promise<readonly RoomEvent[]> {
      const found: RoomEvent[] = [];
      let from: string | undefined;
      do {
        const asked = ask({
          path: path`/_matrix/client/v1/rooms/${room}/relations/${event}/m.annotation/m.reaction`,
          query: { limit: 100, from },
        });
        const page = await orNull(asked);
        if (page === null) return [];
        const { chunk, next_batch: next } = relationsSchema.parse(page);
        found.push(...chunk);
        from = next;
      } while (from !== undefined && found.length < relationsAtMost);
      return found.toReversed();
    },

    members: (room: string): Promise<readonly string[]> =>
      ask({ path: `${inRoom(room)}/joined_members` }).then((answer) =>
        Object.keys(z.object({ joined: z.record(z.string(), z.unknown()) }).parse(answer).joined),
      ),

    join: (room: string, via: readonly string[] = []): Promise<string> =>
      ask({
        method: 'POST',
        path: `${path`/_matrix/client/v3/join/${room}`}${via.map((server, at) => `${at === 0 ? '?' : '&'}server_name=${encodeURIComponent(server)}`).join('')}`,
        body: {},
      }).then((answer) => z.object({ room_id: z.string() }).parse(answer).room_id),
  };
}
