// Several witnesses: two audit repositories over the same log, and two processes on one of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showFiles } from '../../adapters/git/audit-files.ts';
import { makeGit } from '../../adapters/git/git.ts';
import { openAuditRepository } from '../../adapters/git/open-audit.ts';
import { auditEntry } from '../../core/audit/audit-entry.ts';
import { chainOf, storedFrom, wholeStory } from '../../core/audit/test-stream.ts';
import type { AuditEntry } from '../../core/ports/repository.ts';
import { parseTaskEvent } from '../../core/task/event.ts';
import { git, makeScratch } from './scratch.ts';

const scratch = makeScratch();
const stream = storedFrom(chainOf(wholeStory().map((event) => ({ task: 1, event }))), parseTaskEvent);
const entries = stream.flatMap((_, index) => auditEntry(stream.slice(0, index + 1)) ?? []);
const [first, second, third] = entries as [AuditEntry, AuditEntry, AuditEntry];
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('two audit repositories', () => {
  it('of the same entries have the same commits, and ids of their own', async () => {
    const one = await openAuditRepository({ folder: scratch.path('audit') });
    const other = await openAuditRepository({ folder: scratch.path('audit') });
    for (const entry of entries) await one.record(entry);
    for (const entry of entries) await other.record(entry);
    expect(await other.entries()).toEqual(await one.entries());
    expect(other.id).not.toBe(one.id);
  });

  it('one that was away catches up from where it stopped', async () => {
    const folder = scratch.path('audit');
    const one = await openAuditRepository({ folder: scratch.path('audit') });
    for (const entry of entries) await one.record(entry);
    await (await openAuditRepository({ folder })).record(first);
    const late = await openAuditRepository({ folder });
    for (const entry of entries) await late.record(entry);
    expect(await late.entries()).toEqual(await one.entries());
    expect(await late.altered()).toEqual([]);
  });
});

describe('the id of an audit repository', () => {
  it('is the same for everybody who opens the folder, also when they make it at the same moment', async () => {
    const folder = scratch.path('audit');
    const opened = await Promise.all([1, 2, 3].map(() => openAuditRepository({ folder })));
    const ids = new Set(opened.map(({ id }) => id));
    expect([...ids]).toEqual([expect.stringMatching(uuid)]);
    expect((await openAuditRepository({ folder })).id).toBe([...ids][0]);
    expect(git(folder, 'config', 'chiffon.id')).toBe([...ids][0]);
  });

  it('is given to a repository from before there were ids, once', async () => {
    const folder = scratch.path('audit');
    await openAuditRepository({ folder });
    git(folder, 'config', '--unset', 'chiffon.id');
    const { id } = await openAuditRepository({ folder });
    expect(id).toMatch(uuid);
    expect((await openAuditRepository({ folder })).id).toBe(id);
  });
});

describe('two processes on one audit repository', () => {
  it('that record the same entries at once: each is one commit, the files are the newest, nothing is damaged', async () => {
    const folder = scratch.path('audit');
    const told = scratch.path('entries.json');
    writeFileSync(told, JSON.stringify(manyEntries(25)));
    const script = join(import.meta.dirname, 'record.ts');
    const codes = await Promise.all(
      [1, 2].map(async () => {
        const bot = spawn(process.execPath, [script, folder, told], { stdio: ['ignore', 'ignore', 'pipe'] });
        const words: Buffer[] = [];
        bot.stderr.on('data', (chunk: Buffer) => words.push(chunk));
        const [code] = await once(bot, 'close');
        return [code, Buffer.concat(words).toString()];
      }),
    );
    expect(codes).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const audit = await openAuditRepository({ folder });
    expect((await audit.entries()).map(({ seq }) => seq)).toEqual(manyEntries(25).map(({ seq }) => seq));
    expect(await audit.altered()).toEqual([]);
    expect(git(folder, 'fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');
    expect(git(folder, 'for-each-ref', 'refs/chiffon/')).toBe('');
  });

  it('the second goes on after what the first recorded, and finds an entry that is there', async () => {
    const folder = scratch.path('audit');
    const one = await openAuditRepository({ folder });
    const other = await openAuditRepository({ folder });
    const commit = await one.record(first);
    expect(await other.record(first)).toBe(commit);
    await one.record(second);
    await other.record(third);
    expect((await one.entries()).map(({ seq }) => seq)).toEqual([first.seq, second.seq, third.seq]);
    await expect(one.record({ ...third, hash: 'f'.repeat(64) })).rejects.toMatchObject({ kind: 'AUDIT_MISMATCH' });
  });

  it('files of an older entry that are written late do not stay', async () => {
    const folder = scratch.path('audit');
    const one = await openAuditRepository({ folder });
    const commit = await one.record(first);
    await (await openAuditRepository({ folder })).record(second);

    await showFiles(makeGit({ folder }), commit, first.files);
    const page = 'tasks/00/00001/README.md';
    expect(readFileSync(join(folder, page), 'utf8')).toBe(second.files.find(({ path }) => path === page)?.text);
    expect(await one.altered()).toEqual([]);
  });
});

/** One page that every entry changes, and a file of each. */
function manyEntries(count: number): readonly AuditEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    ...first,
    seq: index + 1,
    hash: String(index + 1).padStart(64, '0'),
    title: `#1 entry ${index + 1}`,
    files: [
      { path: `tasks/00/00001/${index + 1}.json`, text: `{"seq":${index + 1}}\n` },
      { path: 'tasks/00/00001/README.md', text: `the newest is ${index + 1}\n` },
    ],
  }));
}
