// Hears what happens: long-polls /sync itself, through the SDK's client. The SDK's own loop does not do: it emits events to listeners
// whose promises it does not await, so the token it keeps (before or after, by a setting) is never later than their work; it drops
// what a limited timeline leaves out; and it waits for nothing when a homeserver says 429. Here a batch is completed, handed over,
// and its token kept once all that came of it and of every batch before is stored; meanwhile the next one is asked for.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ChatMemory } from '../../core/ports/chat.ts';
import type { Api } from './api.ts';
import { isAborted, isUnknownToken, MatrixRefusal, toChiffonError, waitMs } from './api-error.ts';
import type { Complete } from './backfill.ts';
import { completed } from './backfill.ts';
import type { DeviceNews } from './encryption/machine.ts';
import { eventsSchema } from './event.ts';
import type { Client } from './sdk.ts';

export type Invite = { readonly room: string; readonly state: unknown };

export type Batch = {
  readonly rooms: ReadonlyMap<string, Complete>;
  readonly invites: readonly Invite[];
  /** The bot is not in these any more. */
  readonly left: readonly string[];
};

type Parts = {
  readonly client: Client;
  readonly api: Api;
  readonly memory: ChatMemory;
  readonly self: string;
  /** What every answer says of devices, before the rest of it. */
  readonly heard: (news: DeviceNews) => Promise<void>;
  /** Resolves when all that comes of it is stored. */
  readonly take: (batch: Batch) => Promise<void>;
  /** What happened meanwhile cannot be heard any more. */
  readonly missed: () => void;
  /** The login is not accepted any more. */
  readonly lost: (why: Error) => void;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

const longPollMs = 30_000;
const answerWithinMs = 30_000;
const pauseMs = { first: 500, most: 20_000 };
/** Tries of a batch, after which a room that cannot be completed is not waited for. */
const patience = 6;
const tokenKey = 'sync-token';

const nothing = { not_types: ['*'] };
const timelineFilter = {
  types: [
    'm.room.message',
    'm.room.encrypted',
    'm.reaction',
    'm.room.redaction',
    'm.room.member',
    'm.room.power_levels',
    'm.room.encryption',
    'm.room.tombstone',
  ],
};
const roomQuiet = { account_data: nothing, ephemeral: nothing, state: nothing };
const filter = JSON.stringify({
  ...{ presence: nothing, account_data: nothing },
  room: { ...roomQuiet, timeline: { ...timelineFilter, limit: 50 } },
});
/**
 * For what lies there at a start: invitations, and where the stream is. Synapse gives who asks the same again within two minutes the
 * answer of then; a sender whom nobody is makes it another question.
 */
const firstFilter = (): string =>
  JSON.stringify({
    ...{ account_data: nothing, presence: { ...nothing, not_senders: [`@${randomUUID()}:chiffon.invalid`] } },
    room: { ...roomQuiet, timeline: { ...nothing, limit: 1 } },
  });

const joinedSchema = z.object({
  timeline: z
    .object({ events: eventsSchema, limited: z.boolean().default(false), prev_batch: z.string().optional() })
    .default({ events: [], limited: false }),
});
const syncSchema = z.object({
  next_batch: z.string(),
  to_device: z.object({ events: z.array(z.unknown()).default([]) }).default({ events: [] }),
  device_lists: z
    .object({ changed: z.array(z.string()).default([]), left: z.array(z.string()).default([]) })
    .default({ changed: [], left: [] }),
  device_one_time_keys_count: z.record(z.string(), z.number()).default({}),
  device_unused_fallback_key_types: z.array(z.string()).optional(),
  rooms: z
    .object({
      join: z.record(z.string(), joinedSchema).default({}),
      invite: z.record(z.string(), z.unknown()).default({}),
      leave: z.record(z.string(), z.unknown()).default({}),
    })
    .default({ join: {}, invite: {}, leave: {} }),
});
type Answer = z.infer<typeof syncSchema>;

/** Resolves when it listens; `ended` when it listens no more and all that was heard is stored. */
export async function startSync(parts: Parts): Promise<{ readonly ended: Promise<void> }> {
  const { client, api, memory, self, signal, log } = parts;
  let since = await memory.recall(tokenKey);
  // Invitations come once, in the sync after them: those that were not accepted then are looked at again at each start.
  const first = await ask(undefined, 0);
  // What was sent to this device meanwhile comes in portions, and is gone once somebody asks from a later point.
  for (let head = first; head.to_device.events.length > 0; ) head = await ask(head.next_batch, 0, firstFilter());
  let stored: Promise<void> = parts.take(batchOf(first, new Map()));
  if (since === undefined) {
    since = first.next_batch;
    stored = keptAfter(stored, first.next_batch);
  }
  const ended = listen(since);

  async function listen(from: string): Promise<void> {
    let at: string | undefined = from;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (at === undefined) {
          at = (await ask(undefined, 0)).next_batch;
          parts.missed();
        }
        const answer: Answer = await ask(at, failures === 0 ? longPollMs : 0);
        const rooms = await completeRooms(answer, at, failures >= patience);
        if (failures > 0) log.info({}, 'the Matrix homeserver answers again');
        failures = 0;
        at = answer.next_batch;
        const batch = batchOf(answer, rooms);
        if (rooms.size + batch.invites.length + batch.left.length === 0) continue;
        const before = stored;
        stored = keptAfter(Promise.all([before, parts.take(batch)]), at);
      } catch (error) {
        if (signal.aborted || isAborted(error)) break;
        if (isUnknownToken(error)) {
          parts.lost(toChiffonError(error));
          break;
        }
        if (error instanceof BadSince) {
          log.warn(
            { reason: error.message },
            'the homeserver does not know where Chiffon was: what is open is looked at',
          );
          at = undefined;
        }
        failures += 1;
        if (failures === 1) log.warn({ err: toChiffonError(error) }, 'the Matrix homeserver cannot be heard');
        const pause = waitMs(error) ?? Math.min(pauseMs.most, pauseMs.first * 2 ** (failures - 1));
        await sleep(pause, undefined, { signal }).catch(() => {});
      }
    }
    await stored.catch(() => {});
  }

  /** A batch that could not be taken keeps its token and all later ones from being kept: it is heard again at the next start. */
  function keptAfter(work: Promise<unknown>, token: string): Promise<void> {
    const kept = work.then(async () => {
      await memory.keep(tokenKey, token).catch((error: unknown) => {
        log.warn({ err: error }, 'how far Matrix was heard could not be kept');
      });
    });
    kept.catch((error: unknown) => {
      if (!signal.aborted)
        log.warn({ err: error }, 'what came from Matrix was not taken; it is heard again at the next start');
    });
    return kept;
  }

  async function ask(
    token: string | undefined,
    timeout: number,
    wanted = token === undefined ? firstFilter() : filter,
  ): Promise<Answer> {
    const query = { since: token, timeout, filter: wanted };
    const timeoutMs = timeout + answerWithinMs;
    const asked = client.request({ path: '/_matrix/client/v3/sync', query, timeoutMs, signal });
    const answer = syncSchema.parse(
      await asked.catch((error: unknown) => {
        throw token !== undefined && isBadSince(error) ? new BadSince(error.message) : error;
      }),
    );
    await parts.heard({
      ...{ toDevice: answer.to_device.events, ...answer.device_lists },
      oneTimeKeys: answer.device_one_time_keys_count,
      unusedFallbackKeys: answer.device_unused_fallback_key_types,
    });
    return answer;
  }

  /** @param enough a room whose history cannot be had holds up the others no longer: what is open there is looked at */
  async function completeRooms(answer: Answer, token: string, enough: boolean): Promise<ReadonlyMap<string, Complete>> {
    const rooms = new Map<string, Complete>();
    for (const [room, { timeline }] of Object.entries(answer.rooms.join)) {
      const { events, limited, prev_batch: before } = timeline;
      if (events.length === 0 && !limited) continue;
      const how = { api, room, since: token, self, filter: timelineFilter };
      const complete = completed({ ...how, timeline: { events, limited, before } }).catch(
        (error: unknown): Complete => {
          if (!enough || signal.aborted) throw error;
          log.error({ err: toChiffonError(error), room }, 'what was said in a Matrix room meanwhile cannot be had');
          return { events, whole: false };
        },
      );
      rooms.set(room, await complete);
    }
    return rooms;
  }

  return { ended };
}

function batchOf({ rooms }: Answer, complete: ReadonlyMap<string, Complete>): Batch {
  return {
    rooms: complete,
    invites: Object.entries(rooms.invite).map(([room, state]) => ({ room, state })),
    left: Object.keys(rooms.leave),
  };
}

/** The homeserver does not know the token. */
class BadSince extends Error {}

function isBadSince(error: unknown): error is MatrixRefusal {
  const codes = ['M_UNKNOWN', 'M_UNKNOWN_POS', 'M_INVALID_PARAM'];
  return error instanceof MatrixRefusal && error.status === 400 && codes.includes(error.errcode);
}
