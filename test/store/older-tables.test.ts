// A server whose tables an older version of Chiffon made, with a record in them: the next start brings them up to date, and
// the record is the same.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { ChainLink } from '../../core/task/chain.ts';
import { verifyChain } from '../../core/task/chain.ts';
import { freshDatabase } from '../setup/postgres.ts';

const journalSchema = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });

let folder: string;
let links: readonly ChainLink[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
  await using database = await freshDatabase();
  const store = await openStore({ databaseUrl: database.url, dataFolder: folder });
  for (let task = 1; task <= 20; task += 1)
    for (let version = 0; version < 3; version += 1) await store.append(note(task, version));
  links = await store.readChain(0, 100);
  await store.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const note = (task: number, expectedVersion: number) => ({
  task: toTaskId(task),
  expectedVersion,
  actor: toActorId('system:test'),
  at: '2026-01-01T00:00:00.000Z',
  events: [{ type: 'system.noted' as const, kind: 'TEST', reason: `${task}/${expectedVersion}`, detail: null }],
});

/** The migrations as they were when this one was the last. */
async function migrationsUpTo(last: string): Promise<string> {
  const journal = journalSchema.parse(JSON.parse(await readFile('drizzle/meta/_journal.json', 'utf8')));
  const entries = journal.entries.slice(0, journal.entries.findIndex(({ tag }) => tag === last) + 1);
  expect(entries.at(-1)?.tag).toBe(last);
  const migrations = join(folder, last);
  await mkdir(join(migrations, 'meta'), { recursive: true });
  await writeFile(join(migrations, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }));
  for (const { tag } of entries) await cp(`drizzle/${tag}.sql`, join(migrations, `${tag}.sql`));
  return migrations;
}

test.each(['0001_append_only', '0002_separate_processes', '0003_open_by_conversation'])(
  'tables at %s are brought up to date, and their record goes on',
  async (last) => {
    await using database = await freshDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await migrate(drizzle(client), { migrationsFolder: await migrationsUpTo(last) });
    await client.query(
      `INSERT INTO event SELECT * FROM json_to_recordset($1::json) AS link
       (seq bigint, task bigint, version integer, type text, payload text, actor text, at text, "prevHash" text, hash text)`,
      [JSON.stringify(links)],
    );
    await client.query(
      `INSERT INTO task VALUES (20, 'running', 'r', 'terminal:local', 'terminal:local', 'a', 'b', 1, 's')`,
    );
    await client.query(`INSERT INTO checkpoint VALUES ('audit', 60)`);
    await client.end();

    const store = await openStore({ databaseUrl: database.url, dataFolder: folder });
    expect(await store.readChain(0, 100)).toEqual(links);
    expect(await store.checkpoint('audit')).toBe(60);
    expect(await store.listTasks({ open: true, limit: 10 })).toMatchObject([{ task: 20, state: 'running' }]);
    const { fence, release } = await store.lead('audit', AbortSignal.timeout(10_000));
    expect(await store.append({ ...note(20, 3), fence, once: 'key' })).toMatchObject({ type: 'appended' });
    expect(await store.append({ ...note(20, 4), once: 'key' })).toEqual({ type: 'repeated', task: 20 });
    expect(verifyChain(await store.readChain(0, 100))).toMatchObject({ type: 'whole', head: { seq: 61 } });
    await release();
    await store.close();
  },
);
