import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { appendLock } from '../../adapters/postgres/server-store.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { AppendRequest } from '../../core/ports/event-log.ts';
import type { StoreUnderTest } from '../contracts/store.ts';
import { storeContract } from '../contracts/store.ts';
import type { FreshDatabase } from '../setup/postgres.ts';
import { freshDatabase } from '../setup/postgres.ts';

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
});
afterAll(async () => {
  await rm(dataFolder, { recursive: true });
});

type Database = FreshDatabase & { readonly program: string; readonly owner: string };

/** An empty database with the two roles that docs/database.md tells people to make. */
async function databaseWithRoles(): Promise<Database> {
  const database = await freshDatabase();
  const suffix = randomBytes(4).toString('hex');
  const [, statements = ''] = /```sql\n(CREATE ROLE[^`]*)```/.exec(await readFile('docs/database.md', 'utf8')) ?? [];
  const { pathname } = new URL(database.url);
  const name = statements
    .replaceAll('DATABASE chiffon', `DATABASE "${pathname.slice(1)}"`)
    .replaceAll(/\b(chiffon|chiffon_owner)\b/g, (role) => `${role}_${suffix}`);
  expect(await runSql(database.url, [name])).toEqual(['done']);
  const as = (role: string, password: string) => {
    const url = new URL(database.url);
    url.username = `${role}_${suffix}`;
    url.password = password;
    return url.href;
  };
  const drop = async () => {
    await database.drop();
    const server = new URL(database.url);
    server.pathname = '/postgres';
    await runSql(server.href, [`DROP ROLE chiffon_${suffix}`, `DROP ROLE chiffon_owner_${suffix}`]);
  };
  return {
    url: database.url,
    program: as('chiffon', 'another'),
    owner: as('chiffon_owner', 'one'),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

async function runSql(url: string, statements: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const outcomes: string[] = [];
  for (const statement of statements)
    outcomes.push(
      await client.query(statement).then(
        () => 'done',
        (error: unknown) => (error instanceof pg.DatabaseError ? error.code : undefined) ?? String(error),
      ),
    );
  await client.end();
  return outcomes;
}

const request = (task: number, expectedVersion: number): AppendRequest => ({
  task: toTaskId(task),
  expectedVersion,
  actor: toActorId('system:test'),
  at: '2026-01-01T00:00:00.000Z',
  events: [{ type: 'system.noted', kind: 'TEST', reason: 'r', detail: null }],
});

describe('the store on a server, under a role that may only read and append', () => {
  storeContract(async () => {
    const database = await databaseWithRoles();
    const open = async (): Promise<StoreUnderTest> => {
      const one = () => openStore({ databaseUrl: database.program, databaseMigrationUrl: database.owner, dataFolder });
      const stores = [await one(), await one(), await one()] as const;
      const close = async () => void (await Promise.all(stores.map((store) => store.close())));
      return {
        stores,
        reopen: async () => {
          await close();
          return await open();
        },
        sql: (...statements) => runSql(database.url, statements),
        close: async () => {
          await close();
          await database.drop();
        },
      };
    };
    return await open();
  });
});

describe('the roles of docs/database.md', () => {
  test('keep the program from changing the log, its triggers and its tables', async () => {
    await using database = await databaseWithRoles();
    const store = await openStore({ databaseUrl: database.program, databaseMigrationUrl: database.owner, dataFolder });
    await store.append(request(1, 0));
    const attempts = [
      `UPDATE event SET at = 'x'`,
      'DELETE FROM event',
      'TRUNCATE event',
      'ALTER TABLE event DISABLE TRIGGER event_append_only',
      'DROP TABLE event',
      'SET session_replication_role = replica',
      'DELETE FROM output',
      'DELETE FROM drizzle.__drizzle_migrations',
    ];
    expect(await runSql(database.program, attempts)).toEqual(attempts.map(() => '42501'));
    await store.close();
    const again = await openStore({ databaseUrl: database.program, dataFolder });
    expect((await again.head()).seq).toBe(1);
    expect(again.notes).not.toContainEqual(expect.stringContaining('role'));
    await again.close();
  });

  test('are asked for by name when they are missing', async () => {
    await using database = await databaseWithRoles();
    const open = openStore({ databaseUrl: database.program, dataFolder });
    await expect(open).rejects.toMatchObject({
      kind: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('DATABASE_MIGRATION_URL'),
    });
  });

  test('are missed in a note when the program runs as an owner or a superuser', async () => {
    await using database = await databaseWithRoles();
    const notes = async (databaseUrl: string) => {
      const store = await openStore({ databaseUrl, dataFolder });
      await store.close();
      return store.notes;
    };
    expect(await notes(database.owner)).toContainEqual(
      expect.stringMatching(/chiffon_owner_\w+ owns the record.*docs\/database.md/),
    );
    expect(await notes(database.url)).toContainEqual(expect.stringMatching(/is a superuser/));
    await runSql(database.url, [
      `GRANT ALL ON event TO ${new URL(database.program).username}`,
      `GRANT ALL ON SCHEMA drizzle TO PUBLIC`,
      `GRANT ALL ON ALL TABLES IN SCHEMA drizzle TO PUBLIC`,
    ]);
    expect(await notes(database.program)).toContainEqual(expect.stringMatching(/has more rights/));
  });
});

describe('a server', () => {
  test('that several start on at once gets its tables once', async () => {
    await using database = await databaseWithRoles();
    const opened = await Promise.all(
      Array.from({ length: 4 }, () => openStore({ databaseUrl: database.owner, dataFolder })),
    );
    await opened[0]?.append(request(1, 0));
    expect(await Promise.all(opened.map(async (store) => (await store.head()).seq))).toEqual([1, 1, 1, 1]);
    await Promise.all(opened.map((store) => store.close()));
  });

  test('whose tables a newer version made is refused', async () => {
    await using database = await freshDatabase();
    await (await openStore({ databaseUrl: database.url, dataFolder })).close();
    await runSql(database.url, [
      `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('x', 9999999999999)`,
    ]);
    await expect(openStore({ databaseUrl: database.url, dataFolder })).rejects.toMatchObject({
      kind: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('newer'),
    });
  });

  test('that is too old is refused by its version', async () => {
    await using database = await freshDatabase();
    const { pathname } = new URL(database.url);
    // There is no old server here; this one says that it is one.
    await runSql(database.url, [
      `CREATE FUNCTION public.current_setting(name text) RETURNS text LANGUAGE sql AS
       $$ SELECT CASE name WHEN 'server_version_num' THEN '130014' ELSE pg_catalog.current_setting(name) END $$`,
      `ALTER DATABASE "${pathname.slice(1)}" SET search_path = public, pg_catalog`,
    ]);
    await expect(openStore({ databaseUrl: database.url, dataFolder })).rejects.toMatchObject({
      kind: 'BAD_SETTING',
      message: 'The server of DATABASE_URL is PostgreSQL 13; Chiffon needs 14 or later.',
    });
  });

  test('that may lose what it acknowledged is pointed out', async () => {
    await using database = await freshDatabase();
    const { pathname } = new URL(database.url);
    await runSql(database.url, [`ALTER DATABASE "${pathname.slice(1)}" SET synchronous_commit = off`]);
    const store = await openStore({ databaseUrl: database.url, dataFolder });
    expect(store.notes).toContainEqual(expect.stringContaining('power cut'));
    await store.close();
  });

  test('that drops every connection is connected to again, by queries and by subscribers', async () => {
    await using database = await freshDatabase();
    const [one, other] = [
      await openStore({ databaseUrl: database.url, dataFolder }),
      await openStore({ databaseUrl: database.url, dataFolder }),
    ];
    let heard = 0;
    one.subscribe((seq) => {
      heard = seq;
    });
    await other.append(request(1, 0));
    await vi.waitUntil(() => heard === 1, { timeout: 5_000, interval: 5 });

    // The append is caught in the middle of its transaction, waiting for a lock that the test has.
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [appendLock]);
    const caught = expect(other.append(request(1, 1))).rejects.toMatchObject({
      kind: 'DATABASE_FAILED',
      retryable: true,
    });
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
    await vi.waitUntil(async () => (await holder.query(waiting)).rowCount === 1, { timeout: 5_000, interval: 5 });
    await holder.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await caught;
    await holder.end();
    expect(await other.append(request(1, 1))).toMatchObject({ type: 'appended' });
    const { seq } = await other.head();
    await vi.waitUntil(() => heard === seq, { timeout: 10_000, interval: 5 });
    await Promise.all([one.close(), other.close()]);
  }, 30_000);

  test('that cannot be used is named in one sentence, without the password', async () => {
    await using database = await freshDatabase();
    const url = (parts: { port?: string; pathname?: string; username?: string }) =>
      Object.assign(new URL(database.url), { password: 'hunter2', ...parts }).href;
    const cases: readonly (readonly [string, string, string])[] = [
      [url({ port: '1' }), 'DATABASE_FAILED', 'cannot be reached (ECONNREFUSED)'],
      [url({ pathname: '/nowhere' }), 'DATABASE_FAILED', 'The database nowhere at '],
      [url({ username: 'nobody_here' }), 'DATABASE_FAILED', 'refuses the user or password'],
      ['postgres://chiffon:hunter2@[bad', 'BAD_SETTING', 'DATABASE_URL must be a URL'],
      ['mysql://chiffon:hunter2@localhost/chiffon', 'BAD_SETTING', 'DATABASE_URL must be a URL'],
    ];
    for (const [databaseUrl, kind, words] of cases) {
      const error: unknown = await openStore({ databaseUrl, dataFolder }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ChiffonError', kind, message: expect.stringContaining(words) });
      const { message, cause } = error instanceof Error ? error : new Error();
      expect([message, String(cause), cause instanceof Error ? cause.stack : ''].join()).not.toContain('hunter2');
    }
  });
});
