import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { protocolVersion } from '../../core/contracts/messages.ts';
import { toRunId, toTaskId } from '../../core/ids.ts';
import { attemptKey, openJournal } from './journal.ts';

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
const refused = (of: ReturnType<typeof about>) =>
  ({
    type: 'attempt.refused',
    protocol: protocolVersion,
    id: 'x',
    sentAt: '2026-01-01T00:00:00.000Z',
    sender: 'one',
    ...of,
    kind: 'EXPIRED',
    reason: 'Late.',
  }) as const;
const mark = { pid: 7, startTime: '8', bootId: 'b', tag: 't' };

it('remembers over a restart how far each attempt came', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  const [claimed, running, ended, sent] = [about(1), about(2), about(3), about(4)];
  for (const each of [claimed, running, ended, sent]) await journal.claim(each);
  for (const each of [running, ended, sent]) await journal.running(attemptKey(each), mark);
  for (const each of [ended, sent]) await journal.ended(attemptKey(each), refused(each));
  await journal.sent(attemptKey(sent));
  const before = journal.entries();
  await journal.close();
  const again = await openJournal(folder);
  expect(again.entries()).toEqual(before);
  expect(again.entry(attemptKey(running))).toEqual({ about: running, mark, event: null, sent: false });
  expect(again.entry(attemptKey(sent))).toMatchObject({ event: refused(sent), sent: true });
  await again.close();
});

it('is for the agent’s user alone, and has a line on the disk when the promise resolves', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  await journal.claim(about());
  const path = join(folder, 'attempts.jsonl');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).toMatch(/^\{"type":"claimed".*\}\n$/);
  await journal.close();
});

it('reads past a line that a power cut tore', async () => {
  const folder = await aFolder();
  const journal = await openJournal(folder);
  const kept = about();
  await journal.claim(kept);
  await journal.close();
  await appendFile(join(folder, 'attempts.jsonl'), '{"type":"running","key":"');
  const again = await openJournal(folder);
  expect(again.entries().map((entry) => entry.about)).toEqual([kept]);
  await again.close();
});

it('forgets the oldest of the attempts whose end core knows', async () => {
  const folder = await aFolder();
  const open = about(0);
  const settled = Array.from({ length: 510 }, (_, index) => about(index + 1)).flatMap((each) => [
    { type: 'claimed', about: each },
    { type: 'ended', key: attemptKey(each), event: refused(each) },
    { type: 'sent', key: attemptKey(each) },
  ]);
  const lines = [{ type: 'claimed', about: open }, ...settled];
  await writeFile(join(folder, 'attempts.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const again = await openJournal(folder);
  expect(again.entries()).toHaveLength(501);
  expect(again.entry(attemptKey(open))).toBeDefined();
  await again.close();
});
