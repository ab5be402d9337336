import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { withLock } from '../../scripts/lock.mjs';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'chiffon-lock-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

it('lets one in at a time, and each in once', async () => {
  const file = path.join(folder, 'busy.lock');
  let inside = 0;
  let most = 0;
  const turns = Array.from({ length: 5 }, () =>
    withLock(file, { pollMs: 1 }, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    }),
  );
  await Promise.all(turns);
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

it('is free again when the work fails', async () => {
  const file = path.join(folder, 'failing.lock');
  await expect(withLock(file, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(file, {}, () => Promise.resolve('mine'))).toBe('mine');
});

it('is taken from a holder that is gone, by one of many who want it', async () => {
  const file = path.join(folder, 'dead.lock');
  await writeFile(file, JSON.stringify([{ pid: process.pid, started: 'another time' }]));
  let inside = 0;
  const turn = () =>
    withLock(file, { pollMs: 1 }, async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    });
  await Promise.all([turn(), turn(), turn()]);
});

it('stays held by a child that still writes when the one that started it is gone', async () => {
  const file = path.join(folder, 'child.lock');
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const content = await withLock(file, {}, (alsoHeldBy) => {
    alsoHeldBy(child.pid ?? 0);
    return readFile(file, 'utf8');
  });
  // As it would be found had this process been killed.
  const [, ofChild] = z.array(z.unknown()).parse(JSON.parse(content));
  await writeFile(file, JSON.stringify([{ pid: process.pid, started: 'another time' }, ofChild]));

  let waited = false;
  const onWait = () => {
    waited = true;
    child.kill('SIGKILL');
  };
  expect(await withLock(file, { onWait, pollMs: 1 }, () => Promise.resolve('mine'))).toBe('mine');
  expect(waited).toBe(true);
});

it('is not held by a process that ended and whose parent never asked', async () => {
  // A shell asks; so the child ends only when its parent is a shell no more.
  const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60 3<&-'], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const [printed]: Buffer[] = await once(parent.stdio[1] ?? parent, 'data');
  await vi.waitUntil(async () => (await readFile(`/proc/${parent.pid}/comm`, 'utf8')) === 'sleep\n');
  const pid = Number(String(printed));
  const stat = () => readFile(`/proc/${pid}/stat`, 'utf8');
  parent.stdio[3]?.destroy();
  await vi.waitUntil(async () => (await stat()).includes(') Z '));
  const file = path.join(folder, 'zombie.lock');
  await writeFile(file, JSON.stringify([{ pid, started: (await stat()).split(') ')[1]?.split(' ')[19] }]));
  expect(await withLock(file, { pollMs: 1 }, () => Promise.resolve('mine'))).toBe('mine');
  parent.kill();
});

it('that was left half written counts for ten seconds', async () => {
  const file = path.join(folder, 'half.lock');
  await writeFile(file, '');
  await utimes(file, new Date(), new Date(Date.now() - 11_000));
  expect(await withLock(file, { pollMs: 1 }, () => Promise.resolve('mine'))).toBe('mine');
});

it('is freed even if somebody was killed while freeing it', async () => {
  const file = path.join(folder, 'clearing.lock');
  await writeFile(file, '[]');
  await mkdir(`${file}.clearing`);
  await utimes(`${file}.clearing`, new Date(), new Date(Date.now() - 11_000));
  expect(await withLock(file, { pollMs: 1 }, () => Promise.resolve('mine'))).toBe('mine');
});
