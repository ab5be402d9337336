// The connection that holds a process's leaderships. Its locks end with the process, with its machine, and with a hang: the
// server ends a session that it has not heard of for a few seconds, and this side gives up a moment before.
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { ChiffonError } from '../../core/error.ts';
import { sqlState } from './database-fault.ts';
import { takeToken } from './fence.ts';
import type { Server } from './server-pool.ts';

export type LockSession = {
  /** Aborted when the connection has ended or was not heard of in time; its locks are another's then. */
  readonly lost: AbortSignal;
  /** The names whose locks it has. */
  readonly locked: ReadonlySet<string>;
  /** Locks those of these names that are free. Asked with none, it is only heard of. */
  readonly tryLock: (names: readonly string[]) => Promise<void>;
  /** Undefined while the leader before still writes: to be asked again. */
  readonly takeToken: (name: string) => Promise<number | undefined>;
  readonly free: (name: string) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** The first of an advisory lock's two numbers: Chiffon's leaderships. The second is a hash of the name. */
const leaderships = 424_300_003;
/** The server ends the session when it heard nothing for this long. */
const idleMs = 3_500;
/** Less, counted from before the last question that was answered, so that this side knows first. */
const lostMs = 3_000;
/** How long a connection may take to be closed in good order. */
const farewellMs = 500;
const lockNotAvailable = '55P03';

const settings = [
  `set idle_session_timeout = ${idleMs}`,
  // For a machine that vanishes while an answer is on its way to it.
  `set tcp_user_timeout = ${idleMs}`,
  'set tcp_keepalives_idle = 1',
  'set tcp_keepalives_interval = 1',
  'set tcp_keepalives_count = 3',
  // The last write of the leader before may hold the token's row for a moment; other names are not to wait for it.
  'set lock_timeout = 500',
].join('; ');

/** Rejects with what the driver throws. */
export async function openLockSession({ config }: Server): Promise<LockSession> {
  const socket = new Socket();
  const client = new pg.Client({
    ...config,
    stream: () => socket,
    application_name: 'chiffon leader',
    connectionTimeoutMillis: lostMs,
    query_timeout: lostMs,
  });
  const losing = new AbortController();
  const lose = (why: string) => losing.abort(new ChiffonError('FENCED', `The leadership is over: ${why}.`));
  client.on('error', () => lose('the connection to the database was lost'));
  client.on('end', () => lose('the connection to the database ended'));
  let watch: NodeJS.Timeout | undefined;
  let heardAt = 0;
  // performance.now() goes on while the process is stopped, so a process that is woken up knows how long it was away.
  const asking = async <T>(question: () => Promise<T>): Promise<T> => {
    const askedAt = performance.now();
    const answer = await question();
    clearTimeout(watch);
    const leftMs = lostMs - (performance.now() - askedAt);
    if (leftMs <= 0) lose('the database took too long to answer');
    else {
      heardAt = askedAt;
      // After long work of this process an answer may lie there unread: timers come first, so it is read before it is judged.
      watch = setTimeout(() => setImmediate(judge), leftMs).unref();
    }
    losing.signal.throwIfAborted();
    return answer;
  };
  const judge = () => {
    if (performance.now() - heardAt >= lostMs) lose('the database was not heard of in time');
  };
  const query = (text: string, values: readonly unknown[]) =>
    asking(async () => (await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' })).rows);
  const locked = new Set<string>();
  const end = async () => {
    clearTimeout(watch);
    const ended = client.end().catch(() => {});
    // Where nobody listens any more at the other end, a farewell would wait for ever; nor does the driver tell of an end that
    // came before it was asked for.
    const farewell = setTimeout(() => socket.destroy(), losing.signal.aborted ? 0 : farewellMs);
    await Promise.race([ended, isClosed(socket)]);
    clearTimeout(farewell);
    lose('the connection to the database ended');
  };
  try {
    await client.connect();
    await client.query(settings);
  } catch (error) {
    lose('it never began');
    await end();
    throw error;
  }
  return {
    lost: losing.signal,
    locked,
    tryLock: async (names) => {
      const rows = await query(
        'select pg_try_advisory_lock($1, key) from unnest($2::int[]) with ordinality as asked (key)',
        [leaderships, names.map(lockKey)],
      );
      for (const [index, name] of names.entries()) if (rows[index]?.[0] === true) locked.add(name);
    },
    takeToken: (name) =>
      asking(async () => {
        try {
          return await takeToken(drizzle(client), name);
        } catch (error) {
          if (sqlState(error) === lockNotAvailable) return undefined;
          throw error;
        }
      }),
    free: async (name) => {
      if (locked.delete(name)) await query('select pg_advisory_unlock($1, $2)', [leaderships, lockKey(name)]);
    },
    end,
  };
}

function isClosed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function lockKey(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE();
}
