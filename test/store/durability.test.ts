// What was acknowledged is on the disk, and survives whatever ends the process. kills.long.test.ts kills it more often.
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { forkStoreProcess, startStoreProcess } from './start-store-process.ts';
import { request, surviveKills, wholeLog } from './survive-kills.ts';

const watchedDisk = new URL('./watched-disk.ts', import.meta.url).href;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-durability-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('a new database is on the disk as a whole before it is taken for made', async () => {
  const log = join(folder, 'first.log');
  const dataFolder = join(folder, 'first');
  const store = await startStoreProcess({ dataFolder }, { module: watchedDisk, env: { WATCHED_DISK_LOG: log } });
  const lines = (await readFile(log, 'utf8')).split('\n');
  const synced = new Set(lines.slice(0, lines.indexOf(`rm ${dataFolder}/postgres.unfinished`)));
  expect(synced).toContain(`fsync ${dataFolder}`);
  const entries = await readdir(join(dataFolder, 'postgres'), { recursive: true });
  const unsynced = entries.filter((entry) => !synced.has(`fsync ${dataFolder}/postgres/${entry}`));
  expect(entries.length).toBeGreaterThan(900);
  expect(unsynced).toEqual([]);
  await store.ask('close');
}, 120_000);

test('an append is acknowledged only after an fsync of all that was written to the log on disk', async () => {
  const log = join(folder, 'disk.log');
  const store = await startStoreProcess(
    { dataFolder: join(folder, 'watched') },
    { module: watchedDisk, env: { WATCHED_DISK_LOG: log } },
  );
  const appends = 50;
  for (let version = 0; version < appends; version += 1) {
    await appendFile(log, `ask ${version}\n`);
    expect(await store.ask('append', request(toTaskId(1), version))).toMatchObject({ type: 'appended' });
    await appendFile(log, `acknowledged ${version}\n`);
  }
  await store.ask('close');
  await store.gone;

  const lines = (await readFile(log, 'utf8')).split('\n');
  for (let version = 0; version < appends; version += 1) {
    const during = lines.slice(lines.indexOf(`ask ${version}`) + 1, lines.indexOf(`acknowledged ${version}`));
    const lastWrite = during.findLast((line) => line.startsWith('write '));
    expect(lastWrite).toContain('/pg_wal/');
    expect(during.at(-1)).toBe(lastWrite?.replace('write', 'fsync'));
  }
}, 120_000);

test('after kill -9 at any moment, all that was acknowledged is there, and the chain is whole', async () => {
  await surviveKills(join(folder, 'killed'), 6);
}, 240_000);

test('a first start that is killed leaves nothing that a later one trips over', async () => {
  const dataFolder = join(folder, 'begun');
  for (const made of ['postgres.unfinished', 'postgres/global/pg_control']) {
    const store = forkStoreProcess({ dataFolder });
    await vi.waitUntil(() => existsSync(join(dataFolder, made)), { timeout: 60_000, interval: 1 });
    expect([made, existsSync(join(dataFolder, 'postgres.unfinished'))]).toEqual([made, true]);
    await store.kill();
  }
  const store = await startStoreProcess({ dataFolder });
  expect(await store.ask('append', request(toTaskId(1), 0))).toMatchObject({ type: 'appended', events: [{ seq: 1 }] });
  await store.kill();
  const again = await startStoreProcess({ dataFolder });
  expect((await wholeLog(again)).size).toBe(1);
  await again.ask('close');
}, 240_000);
