import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { belongsInHistory, historyLinesAtMost, makeHistory } from './history.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-history-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('lines come back newest first, from a file only its owner can read', async () => {
  const file = join(folder, 'kept');
  const history = makeHistory(file);
  history.save(['second', 'first\nwith two lines']);
  await history.settled();
  expect(await makeHistory(file).load()).toEqual(['second', 'first\nwith two lines']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a file that others could read is closed with the next line', async () => {
  const file = join(folder, 'open');
  await writeFile(file, '"old"\n', { mode: 0o644 });
  const history = makeHistory(file);
  history.save(['new', ...(await history.load())]);
  await history.settled();
  expect([(await stat(file)).mode & 0o777, await readFile(file, 'utf8')]).toEqual([0o600, '"old"\n"new"\n']);
});

test('it stays bounded', async () => {
  const file = join(folder, 'long');
  const history = makeHistory(file);
  history.save(Array.from({ length: 3 * historyLinesAtMost }, (_, index) => `line ${index}`));
  await history.settled();
  expect(await history.load()).toHaveLength(historyLinesAtMost);
  expect((await history.load())[0]).toBe('line 0');
});

test.each([
  'deploy grafana with admin_password hunter2',
  'set the API key of traefik to abcdef',
  'use https://me:hunter22@git.example/repo',
  'add ghp_0123456789abcdefghijABCDEFGHIJ0123456789',
  `too long ${'x'.repeat(5_000)}`,
  '   ',
])('never kept: %s', (line) => {
  expect(belongsInHistory(line)).toBe(false);
});

test.each(['deploy uptime kuma to homelab and add existing portals to config', 'approve #3', 'change on nas instead'])(
  'kept: %s',
  (line) => {
    expect(belongsInHistory(line)).toBe(true);
  },
);

test('a damaged, a missing or an unwritable file is no obstacle', async () => {
  const file = join(folder, 'damaged');
  await writeFile(file, '"good"\n{"no": 1}\nnonsense\n');
  expect(await makeHistory(file).load()).toEqual(['good']);
  expect(await makeHistory(join(folder, 'none')).load()).toEqual([]);
  const nowhere = makeHistory(join(folder, 'no', 'such', 'folder'));
  nowhere.save(['line']);
  await expect(nowhere.settled()).resolves.toBeUndefined();
  expect(await makeHistory(null).load()).toEqual([]);
});
