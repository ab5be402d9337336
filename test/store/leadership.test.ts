// Leadership on a server, among real processes that are killed, stopped and cut off.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OpenStore } from '../../adapters/postgres/open-store.ts';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { appendLock } from '../../adapters/postgres/server-store.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { AppendRequest, Fence } from '../../core/ports/event-log.ts';
import { openTcpProxy } from '../faults/tcp-proxy.ts';
import type { FreshDatabase } from '../setup/postgres.ts';
import { freshDatabase } from '../setup/postgres.ts';
import type { PostgresServer } from '../setup/postgres-kind.ts';
import { startPostgres } from '../setup/postgres-server.ts';
import type { StoreProcess } from './start-store-process.ts';
import { startStoreProcess } from './start-store-process.ts';

const takeoverMs = 5_000;
const never = new AbortController().signal;

let dataFolder: string;
let database: FreshDatabase;
let store: OpenStore;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
  database = await freshDatabase();
  store = await openStore({ databaseUrl: database.url, dataFolder });
});
afterAll(async () => {
  await store.close();
  await database.drop();
  await rm(dataFolder, { recursive: true });
});

const startOther = () => startStoreProcess({ databaseUrl: database.url, dataFolder });

const append = (task: number, expectedVersion: number, more: Partial<AppendRequest> = {}): AppendRequest => ({
  task: toTaskId(task),
  expectedVersion,
  actor: toActorId('system:test'),
  at: '2026-01-01T00:00:00.000Z',
  events: [{ type: 'system.noted', kind: 'TEST', reason: 'r', detail: null }],
  ...more,
});

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** How long this process waited for the leadership that another one had. */
async function takeOver(name: string, before: Fence): Promise<{ readonly fence: Fence; readonly ms: number }> {
  const began = performance.now();
  const { fence } = await store.lead(name, AbortSignal.timeout(20_000));
  expect(fence.token).toBeGreaterThan(before.token);
  return { fence, ms: performance.now() - began };
}

async function expectFenced(other: StoreProcess, fence: Fence): Promise<void> {
  const { seq } = await store.head();
  const task = await store.nextTask();
  const fenced = { kind: 'FENCED' };
  await expect(other.ask('append', append(task, 0, { fence }))).rejects.toMatchObject(fenced);
  await expect(other.ask('saveCheckpoint', fence.name, 99, fence)).rejects.toMatchObject(fenced);
  await expect(other.ask('saveDelivered', fence.name, 'key', 'old', fence)).rejects.toMatchObject(fenced);
  expect(await store.head()).toMatchObject({ seq });
  expect(await store.checkpoint(fence.name)).not.toBe(99);
}

describe('a leader', () => {
  test('that is killed is followed at once', async () => {
    const other = await startOther();
    const old = await other.ask('lead', 'killed');
    await other.kill();
    expect((await takeOver('killed', old)).ms).toBeLessThan(2_000);
  });

  test('that hangs is followed within five seconds, and can write nothing when it wakes up', async () => {
    const other = await startOther();
    const old = await other.ask('lead', 'hangs');
    await other.ask('saveCheckpoint', 'hangs', 1, old);
    process.kill(other.pid, 'SIGSTOP');
    const { fence, ms } = await takeOver('hangs', old);
    expect(ms).toBeLessThan(takeoverMs);
    process.kill(other.pid, 'SIGCONT');
    await expectFenced(other, old);
    expect(await other.ask('isLost', 'hangs')).toBe(true);
    await store.saveCheckpoint('hangs', 2, fence);
  });

  test('keeps its leadership for as long as it lives, however quiet it is', async () => {
    const other = await startOther();
    await other.ask('lead', 'quiet');
    // Longer than a silent session may be; there is no condition to wait for, for nothing is to happen.
    await expect(store.lead('quiet', AbortSignal.timeout(6_000))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(await other.ask('isLost', 'quiet')).toBe(false);
  });

  test('whose connection is cut knows that it has lost, and leads again after the next one', async () => {
    const other = await startOther();
    const old = await other.ask('lead', 'cut');
    await withClient(database.url, (client) =>
      client.query(
        `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 2
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ),
    );
    await vi.waitUntil(() => other.ask('isLost', 'cut'), { timeout: takeoverMs, interval: 20 });
    const next = await store.lead('cut', never);
    await expectFenced(other, old);
    await next.release();
    expect((await other.ask('lead', 'cut')).token).toBeGreaterThan(next.fence.token);
  });

  test.each(['both', 'to client'] as const)(
    'whose network swallows everything (%s) is followed within five seconds, knows it by its own clock, and writes nothing more',
    async (direction) => {
      const name = `silent ${direction}`;
      await using wire = await openTcpProxy(database.url);
      const other = await startStoreProcess({ databaseUrl: wire.url, dataFolder });
      const old = await other.ask('lead', name);
      await other.ask('saveCheckpoint', name, 1, old);
      wire.stall(direction);
      const knows = vi.waitUntil(() => other.ask('isLost', name), { timeout: takeoverMs, interval: 20 });
      const { ms } = await takeOver(name, old);
      expect(ms).toBeLessThan(takeoverMs);
      await knows;
      const write = other.ask('saveCheckpoint', name, 98, old);
      const failed = expect(write).rejects.toMatchObject({ kind: expect.stringMatching(/^(DATABASE_FAILED|FENCED)$/) });
      wire.resume();
      await failed;
      expect(await store.checkpoint(name)).toBe(1);
      await expectFenced(other, old);
    },
  );

  test('that hangs in the middle of an append keeps the others waiting for less than five seconds', async () => {
    const other = await startOther();
    const task = await store.nextTask();
    await withClient(database.url, async (holder) => {
      await holder.query('SELECT pg_advisory_lock($1)', [appendLock]);
      other.ask('append', append(task, 0)).catch(() => {});
      const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
      await vi.waitUntil(async () => (await holder.query(waiting)).rowCount === 1, { timeout: 5_000, interval: 5 });
      process.kill(other.pid, 'SIGSTOP');
    });
    const began = performance.now();
    expect(await store.append(append(task, 0))).toMatchObject({ type: 'appended' });
    expect(performance.now() - began).toBeLessThan(takeoverMs);
  });

  test('that has its last write under way ends it before the next one leads', async () => {
    const old = await store.lead('last write', never);
    await store.saveCheckpoint('last write', 1, old.fence);
    await withClient(database.url, async (client) => {
      // Its write has passed the fence, and is caught before its commit, at a row that the test has.
      await client.query(`BEGIN; SELECT FROM checkpoint WHERE projector = 'last write' FOR UPDATE`);
      const write = store.saveCheckpoint('last write', 2, old.fence);
      const caught = `SELECT FROM pg_stat_activity WHERE application_name = 'chiffon' AND wait_event_type = 'Lock'`;
      const isCaught = () => withClient(database.url, async (watcher) => (await watcher.query(caught)).rowCount === 1);
      await vi.waitUntil(isCaught, { timeout: 5_000, interval: 20 });
      await old.release();
      const other = await startOther();
      let leads = false;
      const next = other.ask('lead', 'last write').then((fence) => {
        leads = true;
        return fence;
      });
      const waits = `SELECT FROM pg_stat_activity WHERE application_name = 'chiffon leader' AND wait_event_type = 'Lock'`;
      const seen = () => withClient(database.url, async (watcher) => (await watcher.query(waits)).rowCount === 1);
      await vi.waitUntil(seen, { timeout: 5_000, interval: 20 });
      expect(leads).toBe(false);
      await client.query('COMMIT');
      await write;
      expect((await next).token).toBe(old.fence.token + 1);
    });
  });
});

describe('two processes', () => {
  test('that get the same message append it once', async () => {
    const others = await Promise.all([startOther(), startOther()]);
    const before = await store.head();
    const task = await store.nextTask();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        others[index % 2 === 0 ? 0 : 1].ask('append', append(task + index, 0, { once: 'the same message' })),
      ),
    );
    expect(results.filter(({ type }) => type === 'appended')).toHaveLength(1);
    expect(results.filter(({ type }) => type === 'repeated')).toHaveLength(19);
    expect((await store.head()).seq).toBe(before.seq + 1);
  });
});

describe('a server that is restarted', () => {
  /** Holds an append in its own session: whatever holds it from another one may be stopped first and let it go. */
  const dawdle = `
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
    CREATE TRIGGER dawdle AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION dawdle()`;
  let server: PostgresServer;
  let onIt: OpenStore;
  beforeAll(async () => {
    server = await startPostgres();
    onIt = await openStore({ databaseUrl: server.url, dataFolder });
  });
  afterAll(async () => {
    await onIt.close();
    await server.stop();
  });

  test('fails what is under way, and then everything goes on: queries, subscribers and leaderships', async () => {
    const old = await onIt.lead('restart', never);
    const heard: number[] = [];
    onIt.subscribe((seq) => heard.push(seq));
    await onIt.append(append(1, 0));
    await vi.waitUntil(() => heard.includes(1), { timeout: 5_000, interval: 5 });

    const failed = { kind: 'DATABASE_FAILED', retryable: true };
    await withClient(server.url, (client) => client.query(dawdle));
    const underWay = expect(onIt.append(append(1, 1))).rejects.toMatchObject(failed);
    const asleep = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
    const isAsleep = () => withClient(server.url, async (client) => (await client.query(asleep)).rowCount === 1);
    await vi.waitUntil(isAsleep, { timeout: 5_000, interval: 20 });
    await server.restart(async () => {
      await underWay;
      await expect(onIt.head()).rejects.toMatchObject(failed);
      await vi.waitUntil(() => old.lost.aborted, { timeout: takeoverMs, interval: 5 });
      heard.length = 0;
    });
    await withClient(server.url, (client) => client.query('DROP TRIGGER dawdle ON event'));

    expect(await onIt.head()).toMatchObject({ seq: 1 });
    // By another process, before the listener may be back.
    const other = await startStoreProcess({ databaseUrl: server.url, dataFolder });
    await other.ask('append', append(1, 1, { fence: old.fence }));
    await vi.waitUntil(() => heard.includes(2), { timeout: 10_000, interval: 5 });
    const next = await onIt.lead('restart', AbortSignal.timeout(10_000));
    expect(next.fence.token).toBe(old.fence.token + 1);
    await expect(onIt.append(append(1, 2, { fence: old.fence }))).rejects.toMatchObject({ kind: 'FENCED' });
    expect(await onIt.append(append(1, 2, { fence: next.fence }))).toMatchObject({ type: 'appended' });
  });
});
