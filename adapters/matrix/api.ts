// The requests that Chiffon makes of a homeserver. What is sent into rooms goes through the send queue, for that is what a
// homeserver counts; what is only read is asked for at once, and again where that makes sense.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Urgency } from '../../core/chat/channel-budget.ts';
import type { SendQueue } from '../../core/chat/send-queue.ts';
import { isForbidden, isNotFound, mayHaveGotThrough, waitMs } from './api-error.ts';
import type { Content } from './content.ts';
import type { Encryption } from './encryption.ts';
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

type Parts = {
  readonly client: Client;
  readonly queue: SendQueue;
  readonly signal: AbortSignal;
  readonly encryption: Pick<Encryption, 'sealed' | 'sealedFile' | 'opened'>;
};

export function makeApi({ client, queue, signal, encryption }: Parts) {
  /** What may be asked twice is asked again when nothing came through. */
  const ask = (request: MatrixRequest): Promise<unknown> => repeated(() => client.request({ signal, ...request }));

  async function repeated<T>(asked: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await asked();
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

  async function put(room: string, type: string, content: Content, transaction: string): Promise<unknown> {
    const sealed = await encryption.sealed(room, type, content);
    return client.request({
      method: 'PUT',
      path: path`/_matrix/client/v3/rooms/${room}/send/${sealed.type}/${transaction}`,
      body: sealed.content,
    });
  }

  /** As it is where it cannot be read. */
  async function opened(room: string, event: RoomEvent): Promise<RoomEvent> {
    const read = await encryption.opened(room, event);
    return read.type === 'clear' ? read.event : event;
  }

  const inRoom = (room: string): string => path`/_matrix/client/v3/rooms/${room}`;
  const askEvent = (room: string, event: string): Promise<RoomEvent> =>
    ask({ path: `${inRoom(room)}${path`/event/${event}`}` }).then((answer) => eventSchema.parse(answer));

  return {
    ask,

    /** Sends an event; the same transaction id again sends nothing, and gives the first one's id. */
    async send(room: string, type: string, content: Content, transaction: string, pace: Pace): Promise<string> {
      let id: string | undefined;
      await queue.send({
        ...pace,
        lane: `send:${room}`,
        run: async () => {
          id = sentSchema.parse(await put(room, type, content, transaction)).event_id;
        },
      });
      if (id === undefined) throw new Error('a newer state was sent instead');
      return id;
    },

    /** May resolve by a newer edit of the same slot. */
    edit(room: string, content: Content, pace: Pace): Promise<void> {
      const transaction = randomUUID();
      const run = async () => void (await put(room, 'm.room.message', content, transaction));
      return queue.send({ ...pace, lane: `send:${room}`, run });
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

    /** @returns what an event in that room says of where it lies */
    async upload(room: string, text: string, name: string): Promise<Content> {
      const bytes = Buffer.from(text);
      const sealed = await encryption.sealedFile(room, bytes);
      if (sealed === null) return { url: await repeated(() => client.upload(bytes, { type: 'text/plain', name })) };
      // Neither its name nor its kind is the homeserver's business.
      return sealed.contentAt(await repeated(() => client.upload(sealed.bytes, { type: 'application/octet-stream' })));
    },

    /** Null when it is not there, or not for the bot. */
    event: (room: string, event: string): Promise<RoomEvent | null> =>
      orNull(askEvent(room, event).then((there) => opened(room, there))),

    /** Encrypted where it was. */
    eventAsSent: (room: string, event: string): Promise<RoomEvent | null> => orNull(askEvent(room, event)),

    state: (room: string, type: string, key = ''): Promise<unknown> =>
      orNull(ask({ path: `${inRoom(room)}${path`/state/${type}/${key}`}` })),

    /** What is in an encrypted one; as it is where that cannot be read. */
    opened,

    /** One page, newest first, as they were sent. `end`: where the next one begins; undefined where there is none. */
    async page(
      room: string,
      query: { from?: string | undefined; to?: string | undefined; limit: number; filter?: unknown },
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
