import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { attemptKey, envelopeOf } from '../../core/contracts/envelope.ts';
import { toRunId, toTaskId } from '../../core/ids.ts';
import { openJournal } from './journal.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-journal-'));
  folders.push(folder);
  return folder;
}

const about = (token = 1) => ({ task: toTaskId(1), run: toRunId(randomUUID()), step: 1, attempt: 1, token });
const speaker = { name: 'one', clock: { now: () => new Date('2026-01-01T00:00:00Z') }, newId: randomUUID };
const refused = (of: ReturnType<typeof about>) =>
  ({
    type: 'attempt.refused',
    ...envelopeOf(speaker, 'core', of),
    ...{ instance: 'life', kind: 'EXPIRED', reason: 'Late.' },
  }) as const;
const expiry = '2026-01-01T01:00:00.000Z';
const mark = { pid: 7, startTime: '8', bootId: 'b', tag: 't' };

it('remembers over a restart how far each attempt came', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  const all = [about(1), about(2), about(3), about(4), about(5)] as const;
  const [claimed, prepared, started, ended, settled] = all;
  const word = refused(settled);
  for (const each of all) await journal.claim(each, 'life', expiry);
  for (const each of all.slice(1)) await journal.prepared(attemptKey(each), mark);
  for (const each of all.slice(2)) await journal.started(attemptKey(each));
  await journal.ended(attemptKey(ended), refused(ended));
  await journal.ended(attemptKey(settled), word);
  await journal.settled(attemptKey(settled));
  const before = journal.entries();
  await journal.close();
  const again = await openJournal(folder);
  expect(again.entries()).toEqual(before);
  const fresh = { instance: 'life', expiresAt: expiry, mark: null, started: false, event: null, settled: false };
  expect(again.entry(attemptKey(claimed))).toEqual({ ...fresh, about: claimed });
  expect(again.entry(attemptKey(prepared))).toEqual({ ...fresh, about: prepared, mark });
  expect(again.entry(attemptKey(started))).toEqual({ ...fresh, about: started, mark, started: true });
  expect(again.entry(attemptKey(settled))).toMatchObject({ event: word, settled: true });
  await again.close();
});

it('is for the agent’s user alone, and has a line on the disk when the promise resolves', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  await journal.claim(about(), 'life', expiry);
  const path = join(folder, 'attempts.jsonl');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).toMatch(/^\{"type":"claimed".*\}\n$/);
  await journal.close();
});

it('reads past a line that a power cut tore', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  const kept = about();
  await journal.claim(kept, 'life', expiry);
  await journal.close();
  await appendFile(join(folder, 'attempts.jsonl'), '{"type":"started","key":"');
  const again = await openJournal(folder);
  expect(again.entries().map((entry) => entry.about)).toEqual([kept]);
  await again.close();
});

const hour = (index: number) => new Date(Date.UTC(2026, 0, 1, index)).toISOString();

it('forgets the oldest of the attempts whose end core knows, and until when commands may be of those', async () => {
  const folder = await aFolder();
  const open = about(1_000);
  const settled = Array.from({ length: 510 }, (_, index) => about(index + 1)).flatMap((each, index) => [
    // The first lives longest.
    { type: 'claimed', about: each, instance: 'life', expiresAt: hour(index === 0 ? 600 : index) },
    { type: 'ended', key: attemptKey(each), event: refused(each) },
    { type: 'settled', key: attemptKey(each) },
  ]);
  const lines = [{ type: 'claimed', about: open, instance: 'life', expiresAt: hour(0) }, ...settled];
  await writeFile(join(folder, 'attempts.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const again = await openJournal(folder);
  expect(again.entries()).toHaveLength(501);
  expect(again.entry(attemptKey(open))).toBeDefined();
  expect(again.forgottenUntil()).toBe(hour(600));
  await again.close();
  const third = await openJournal(folder);
  expect(third.forgottenUntil()).toBe(hour(600));
  await third.close();
});

it('stays small while it goes on, and knows after it until when it has forgotten', async () => {
  const folder = await aFolder();
  const path = join(folder, 'attempts.jsonl');
  const all = Array.from({ length: 1_501 }, (_, index) => about(index + 1));
  const lines = all.flatMap((each, index) => [
    { type: 'claimed', about: each, instance: 'life', expiresAt: hour(index) },
    ...(index < 500 ? [{ type: 'settled', key: attemptKey(each) }] : []),
  ]);
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const journal = await openJournal(folder);
  const settle = (from: number, to: number) =>
    Promise.all(all.slice(from, to).map((each) => journal.settled(attemptKey(each))));
  await settle(500, 549);
  expect(journal.entries()).toHaveLength(1_501);
  expect(journal.forgottenUntil()).toBe('');
  await settle(549, 550);
  expect(journal.entries()).toHaveLength(1_451);
  expect(journal.forgottenUntil()).toBe(hour(49));
  // What is written after it is in the new file.
  await settle(550, 551);
  await journal.close();
  const again = await openJournal(folder);
  expect(again.forgottenUntil()).toBe(hour(50));
  expect(again.entries()).toHaveLength(1_450);
  await again.close();
});

it('keeps the line that follows one which could not be written', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  const kept = about(2);
  // BigInt is no JSON: the write fails, as one on a full disk does.
  await expect(journal.claim({ ...about(1), step: 1n as never }, 'life', expiry)).rejects.toThrow();
  await journal.claim(kept, 'life', expiry);
  await journal.close();
  const again = await openJournal(folder);
  expect(again.entries().map((entry) => entry.about)).toEqual([kept]);
  await again.close();
});
