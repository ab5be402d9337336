// Listing tasks among thousands that have ended: PostgreSQL's own counters say how it found them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { toConversationId, toTaskId } from '../../core/ids.ts';
import type { TaskTable } from '../../core/ports/event-log.ts';
import { freshDatabase } from '../setup/postgres.ts';

const tasks = 5_000;
const limit = 20;
const conversation = toConversationId('terminal:7');

test.each<readonly [string, Parameters<TaskTable['listTasks']>[0], number]>([
  ['the newest', { limit }, limit],
  ['an older page', { limit, before: toTaskId(100) }, limit],
  ['the open ones', { open: true, limit }, 10],
  ['the open ones of a conversation', { open: true, conversation, limit }, 10],
  ['those of a conversation', { conversation, limit }, limit],
  ['those in a state that few have', { states: ['running'], limit }, 10],
  ['those in an end that few have', { states: ['unknown'], limit }, 5],
])('%s are found by an index, without going through the others', async (_, filter, found) => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
  await using database = await freshDatabase();
  await (await openStore({ databaseUrl: database.url, dataFolder })).close();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `INSERT INTO task SELECT n,
       CASE WHEN n % 500 = 7 THEN 'running' WHEN n % 1000 = 3 THEN 'unknown' ELSE 'succeeded' END,
       'r', 'terminal:' || n % 250, 'terminal:local', 'a', 'b', 0, 's' FROM generate_series(1, ${tasks}) n`,
  );
  await client.query('ANALYZE task');
  const scans = async () => {
    const { rows } = await client.query<{ readonly all: string; readonly rows: string }>(
      `SELECT seq_scan AS all, seq_tup_read + idx_tup_fetch AS rows FROM pg_stat_user_tables WHERE relname = 'task'`,
    );
    return { all: Number(rows[0]?.all), rows: Number(rows[0]?.rows) };
  };
  const before = await scans();
  const store = await openStore({ databaseUrl: database.url, dataFolder });
  expect(await store.listTasks(filter)).toHaveLength(found);
  // A connection that ends has its counts written.
  await store.close();
  await expect.poll(async () => (await scans()).rows, { timeout: 10_000 }).toBeGreaterThanOrEqual(before.rows + found);
  const after = await scans();
  expect(after.all).toBe(before.all);
  expect(after.rows - before.rows).toBeLessThan(tasks / 20);
  await client.end();
  await rm(dataFolder, { recursive: true });
});
