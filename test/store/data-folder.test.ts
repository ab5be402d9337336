// The data folder: one process at a time, private, and honest about a full disk and damaged files.
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../adapters/postgres/open-store.ts';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toRunId, toTaskId } from '../../core/ids.ts';
import type { AppendRequest } from '../../core/ports/event-log.ts';
import { verifyChain } from '../../core/task/chain.ts';
import { startStoreProcess } from './start-store-process.ts';

const watchedDisk = new URL('./watched-disk.ts', import.meta.url).href;
let folder: string;
/** A data folder with one event in it, closed; tests take copies, for a first start takes seconds. */
let used: string;

const task = toTaskId(1);
const request = (expectedVersion: number, of: TaskId = task, reason = 'x'): AppendRequest => ({
  task: of,
  expectedVersion,
  actor: toActorId('system:test'),
  at: '2026-01-01T00:00:00.000Z',
  events: [{ type: 'system.noted', kind: 'TEST', reason, detail: null }],
});

async function copyOfUsed(name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(used, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-folder-'));
  used = join(folder, 'deep/used');
  const store = await openStore({ dataFolder: used });
  await store.append(request(0));
  await store.putSecret(task, 'secret', 'value');
  await store.close();
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('what the store makes is for its user alone', async () => {
  const mode = async (path: string) => ((await stat(join(used, path))).mode & 0o777).toString(8);
  expect(await Promise.all(['.', 'postgres', 'secret.key'].map(mode))).toEqual(['700', '700', '600']);
});

describe('a second Chiffon', () => {
  test('is refused, with the first one named, until the first one is gone, by kill -9 if need be', async () => {
    const dataFolder = await copyOfUsed('shared');
    const first = await startStoreProcess({ dataFolder });
    const refused = {
      kind: 'DATA_FOLDER_IN_USE',
      message: expect.stringMatching(new RegExp(`process ${first.pid}.* uses the data folder ${dataFolder}`)),
    };
    await expect(startStoreProcess({ dataFolder })).rejects.toMatchObject(refused);
    await expect(openStore({ dataFolder })).rejects.toMatchObject(refused);
    expect(await first.ask('append', request(1))).toMatchObject({ type: 'appended' });
    await first.kill();
    const second = await openStore({ dataFolder });
    expect((await second.head()).seq).toBe(2);
    await expect(openStore({ dataFolder })).rejects.toMatchObject({ kind: 'DATA_FOLDER_IN_USE' });
    await second.close();
    await (await openStore({ dataFolder })).close();
  }, 120_000);
});

describe('a disk that', () => {
  const faulty = async (name: string) => {
    const dataFolder = await copyOfUsed(name);
    const fault = join(folder, `${name}.fault`);
    const store = await startStoreProcess({ dataFolder }, { module: watchedDisk, env: { WATCHED_DISK_FAULT: fault } });
    return { store, break: (how: string) => writeFile(fault, how), mend: () => rm(fault) };
  };
  const output = (seq: number) => ({
    run: toRunId('0'.repeat(36)),
    step: 1,
    attempt: 1,
    seq,
    text: 'x'.repeat(100_000),
    lines: 0,
  });

  test('is full where the tables lie refuses what does not fit, and nothing of it stays', async () => {
    const disk = await faulty('full-tables');
    await disk.break('write /base/ ENOSPC');
    const chunks = Array.from({ length: 400 }, (_, index) => output(index + 1));
    await expect(disk.store.ask('appendOutput', chunks)).rejects.toMatchObject({ kind: 'DISK_FULL' });
    await disk.mend();
    expect(await disk.store.ask('outputExtent', output(1).run, 1, 1)).toMatchObject({ chunks: 0 });
    expect(await disk.store.ask('append', request(1))).toMatchObject({ type: 'appended' });
    await disk.store.ask('close');
  }, 120_000);

  test.each([
    ['is full where the log lies', 'write /pg_wal/ ENOSPC', 'DISK_FULL'],
    ['cannot keep what was written', 'fsync /pg_wal/ EIO', 'DATABASE_FAILED'],
  ])(
    '%s acknowledges nothing; the store recovers when it is mended, with all that was acknowledged',
    async (name, how, kind) => {
      const disk = await faulty(name.replaceAll(' ', '-'));
      for (let version = 1; version < 5; version += 1) await disk.store.ask('append', request(version));
      await disk.break(how);
      const answers = await Promise.allSettled([
        disk.store.ask('append', request(5)),
        disk.store.ask('append', request(0, toTaskId(2))),
      ]);
      expect(answers).toMatchObject([
        { status: 'rejected', reason: { kind } },
        { status: 'rejected', reason: { kind } },
      ]);
      await disk.mend();
      expect((await disk.store.ask('readTask', task)).length).toBeGreaterThanOrEqual(5);
      const version = (await disk.store.ask('readTask', task)).length;
      expect(await disk.store.ask('append', request(version))).toMatchObject({ type: 'appended' });
      expect(verifyChain(await disk.store.ask('readChain', 0, 100))).toMatchObject({ type: 'whole' });
      await disk.store.ask('close');
    },
    120_000,
  );
});

test('the log on disk stays bounded, however much is written', async () => {
  const dataFolder = await copyOfUsed('bounded');
  const store = await openStore({ dataFolder });
  const text = randomBytes(500_000).toString('hex');
  for (let seq = 1; seq <= 110; seq += 1)
    await store.appendOutput([{ run: toRunId('0'.repeat(36)), step: 1, attempt: 1, seq, text, lines: 0 }]);
  const wal = join(dataFolder, 'postgres/pg_wal');
  const sizes = await Promise.all((await readdir(wal)).map(async (name) => (await stat(join(wal, name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(90_000_000);
  await store.close();
}, 120_000);

test('the event loop goes on while the store works', async () => {
  const dataFolder = await copyOfUsed('busy');
  const store = await openStore({ dataFolder });
  const gaps: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }, 5);
  const began = performance.now();
  for (let version = 1; version <= 500; version += 1) await store.append(request(version));
  const tookMs = performance.now() - began;
  clearInterval(timer);
  await store.close();
  // With PGlite on this thread it does not fire once in seconds. The bounds leave room for a machine with other work.
  expect(gaps.length).toBeGreaterThan(tookMs / 5 / 10);
  expect(gaps.sort((a, b) => a - b)[Math.floor(gaps.length * 0.99)]).toBeLessThan(250);
}, 120_000);

describe('a damaged folder', () => {
  test.each<[string, (postgres: string) => Promise<void>, string]>([
    ['a missing PG_VERSION', (postgres) => rm(join(postgres, 'PG_VERSION')), 'DATA_FOLDER_DAMAGED'],
    ['files of another PostgreSQL', (postgres) => writeFile(join(postgres, 'PG_VERSION'), '17\n'), 'SCHEMA_MISMATCH'],
    ['a cut off control file', (postgres) => truncate(join(postgres, 'global/pg_control'), 100), 'DATA_FOLDER_DAMAGED'],
    ['no log on disk', (postgres) => rm(join(postgres, 'pg_wal'), { recursive: true }), 'DATA_FOLDER_DAMAGED'],
    [
      'garbage for a catalogue',
      (postgres) => writeFile(join(postgres, 'global/1262'), 'garbage'.repeat(2_000)),
      'DATA_FOLDER_DAMAGED',
    ],
  ])(
    'with %s is refused in one sentence, and left as it is',
    async (name, damage, kind) => {
      const dataFolder = await copyOfUsed(name.replaceAll(' ', '-'));
      await damage(join(dataFolder, 'postgres'));
      const refused = { name: 'ChiffonError', kind, message: expect.stringContaining(`the data folder ${dataFolder}`) };
      await expect(openStore({ dataFolder })).rejects.toMatchObject(refused);
      await expect(openStore({ dataFolder })).rejects.toMatchObject(refused);
    },
    120_000,
  );

  test('that is no folder, or not ours, is refused in one sentence', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const dataFolder of [file, join(file, 'below')])
      await expect(openStore({ dataFolder })).rejects.toMatchObject({
        kind: 'DATA_FOLDER_UNUSABLE',
        message: expect.stringContaining(dataFolder),
      });
  });
});

describe('secrets', () => {
  test('stored under another key are refused in one sentence', async () => {
    const dataFolder = await copyOfUsed('other-key');
    const store = await openStore({ dataFolder, secretKey: Buffer.alloc(32, 7).toString('base64') });
    await expect(store.secret('secret')).rejects.toMatchObject({ kind: 'SECRET_UNREADABLE' });
    await store.close();
  }, 120_000);

  test('a key that is not 32 bytes in base64 is refused before anything is made', async () => {
    const dataFolder = join(folder, 'never');
    await expect(openStore({ dataFolder, secretKey: 'c2hvcnQ=' })).rejects.toMatchObject({ kind: 'BAD_SETTING' });
    await expect(stat(dataFolder)).rejects.toThrow('ENOENT');
  });
});
