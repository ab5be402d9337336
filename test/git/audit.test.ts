// The audit repository on real git: what a commit holds, what a second telling changes, signatures, and what people see.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAuditRepository } from '../../adapters/git/open-audit.ts';
import { auditEntry } from '../../core/audit/audit-entry.ts';
import { chainOf, storedFrom, wholeStory } from '../../core/audit/test-stream.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { AuditEntry } from '../../core/ports/repository.ts';
import { parseTaskEvent } from '../../core/task/event.ts';
import { git, makeScratch } from './scratch.ts';

const scratch = makeScratch();
const stream = storedFrom(chainOf(wholeStory().map((event) => ({ task: 1, event }))), parseTaskEvent);
const entries = stream.flatMap((_, index) => auditEntry(stream.slice(0, index + 1)) ?? []);
const [first, second, third] = entries as [AuditEntry, AuditEntry, AuditEntry];

/** A key of this kind, made for the test. */
function makeKey(type: 'ed25519' | 'rsa' | 'ecdsa', passphrase = ''): string {
  const path = scratch.path('key');
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'audit', '-f', path]);
  return path;
}

describe('recording', () => {
  it('one commit for each entry: the title, the chain’s head in trailers, the files', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    const commits: CommitSha[] = [];
    for (const entry of entries) commits.push(await audit.record(entry));
    expect(git(folder, 'rev-list', '--count', 'main')).toBe(String(entries.length + 1));
    expect(git(folder, 'log', '-1', '--format=%an <%ae> %aI%n%B', String(commits[0]))).toBe(
      `Chiffon <chiffon@localhost> 2026-03-01T12:00:02+00:00\n#1 plan 1 proposed, 1 step\n\nChiffon-Seq: 2\nChiffon-Head: ${first.hash}\nChiffon-Task: 1`,
    );
    expect(git(folder, 'ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual([
      'README.md',
      'tasks/00/00001/00000002-plan.proposed.json',
      'tasks/00/00001/00000003-approval.given.json',
      'tasks/00/00001/00000004-plan.approved.json',
      'tasks/00/00001/00000005-run.started.json',
      'tasks/00/00001/00000008-attempt.finished.json',
      'tasks/00/00001/00000009-change.merged.json',
      'tasks/00/00001/00000010-task.succeeded.json',
      'tasks/00/00001/README.md',
    ]);
    expect(await audit.entries()).toEqual(
      entries.map(({ seq, hash, task }, index) => ({ seq, hash, task, commit: commits[index], signed: null })),
    );
    expect(await audit.read(commits[1] ?? never(), 'tasks/00/00001/README.md')).toBe(second.files[1]?.text);
    expect(await audit.read(commits[1] ?? never(), 'tasks/00/00001/nothing.json')).toBeUndefined();
    expect(git(folder, 'fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');
  });

  it('the files lie there for people, as the last commit says', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    for (const entry of entries) await audit.record(entry);
    expect(readFileSync(join(folder, 'tasks/00/00001/README.md'), 'utf8')).toBe(entries.at(-1)?.files[1]?.text);
    expect(readdirSync(join(folder, 'tasks/00/00001'))).toHaveLength(8);
    expect(await audit.altered()).toEqual([]);
    const clone = scratch.path('clone');
    git(scratch.root, 'clone', '--quiet', folder, clone);
    expect(git(clone, 'status', '--porcelain')).toBe('');
  });

  it('an entry told twice, at once or after a restart, is one commit', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    const [one, same] = await Promise.all([audit.record(first), audit.record(first)]);
    expect(same).toBe(one);
    await audit.record(second);
    const again = await openAuditRepository({ folder });
    expect(await again.record(first)).toBe(one);
    await again.record(third);
    expect(git(folder, 'rev-list', '--count', 'main')).toBe('4');
  });

  it('a crash between the commit and its files: the next start writes them', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    await audit.record(first);
    const page = readFileSync(join(folder, 'tasks/00/00001/README.md'));
    await audit.record(second);
    writeFileSync(join(folder, 'tasks/00/00001/README.md'), page);
    rmSync(join(folder, 'tasks/00/00001/00000003-approval.given.json'));
    const again = await openAuditRepository({ folder });
    expect(await again.altered()).toEqual([]);
    expect(readFileSync(join(folder, 'tasks/00/00001/README.md'), 'utf8')).toBe(second.files[1]?.text);
  });

  it('an altered, added or removed file is found, and a restart does not hide it', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    for (const entry of entries) await audit.record(entry);
    const path = 'tasks/00/00001';
    writeFileSync(join(folder, path, 'README.md'), 'all was well\n');
    writeFileSync(join(folder, path, 'extra.json'), '{}');
    rmSync(join(folder, path, '00000002-plan.proposed.json'));
    const again = await openAuditRepository({ folder });
    expect([...(await again.altered())].sort()).toEqual([
      `${path}/00000002-plan.proposed.json`,
      `${path}/README.md`,
      `${path}/extra.json`,
    ]);
  });

  it('an entry that comes after a later one, or twice with another hash, is a mismatch', async () => {
    const audit = await openAuditRepository({ folder: scratch.path('audit') });
    await audit.record(first);
    await audit.record(third);
    await expect(audit.record(second)).rejects.toMatchObject({
      kind: 'AUDIT_MISMATCH',
      message: expect.stringContaining('none for event 3'),
    });
    await expect(audit.record({ ...third, hash: 'f'.repeat(64) })).rejects.toMatchObject({ kind: 'AUDIT_MISMATCH' });
  });

  it('a commit of somebody else’s is never written over, and told', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    await audit.record(first);
    const theirs = git(folder, 'commit-tree', '-p', 'main', '-m', 'a note', 'main^{tree}');
    git(folder, 'update-ref', 'refs/heads/main', theirs);
    await expect(audit.record(second)).rejects.toMatchObject({ kind: 'GIT_FAILED' });
    expect(git(folder, 'rev-parse', 'main')).toBe(theirs);
    const again = await openAuditRepository({ folder });
    await again.record(second);
    await expect(again.entries()).rejects.toMatchObject({
      kind: 'AUDIT_MISMATCH',
      message: expect.stringContaining(theirs),
    });
  });

  it('a title cannot end in trailers of its own', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    await audit.record({ ...first, title: `x\n\nChiffon-Seq: 99\nChiffon-Head: ${'0'.repeat(64)}\nChiffon-Task: 9\n` });
    expect((await audit.entries()).map(({ seq }) => seq)).toEqual([2]);
    expect(git(folder, 'log', '-1', '--format=%b', 'main').split('\n')).toHaveLength(3);
    expect((await (await openAuditRepository({ folder })).record(first)).length).toBe(40);
  });

  it('a path that leads out of the folder is not written', async () => {
    const audit = await openAuditRepository({ folder: scratch.path('audit') });
    const outside = { ...first, files: [{ path: '../outside.md', text: 'x' }] };
    await expect(audit.record(outside)).rejects.toMatchObject({ kind: 'INTERNAL' });
    expect(existsSync(join(scratch.root, 'outside.md'))).toBe(false);
  });

  it('a start that was cut off leaves nothing that the next one trips over', async () => {
    const folder = scratch.path('audit');
    mkdirSync(`${folder}.new-${process.pid}`);
    const audit = await openAuditRepository({ folder });
    await audit.record(first);
    expect(await audit.entries()).toHaveLength(1);
  });
});

describe('signing', () => {
  it.each(['ed25519', 'rsa', 'ecdsa'] as const)(
    'with a key of type %s each commit is signed, and git agrees',
    async (type) => {
      const folder = scratch.path('audit');
      const signingKey = makeKey(type);
      const audit = await openAuditRepository({ folder, signingKey });
      await audit.record(first);
      await audit.record(second);
      expect((await audit.entries()).map(({ signed }) => signed)).toEqual([true, true]);
      const signers = `gpg.ssh.allowedSignersFile=${join(folder, 'allowed_signers')}`;
      expect(git(folder, '-c', signers, 'log', '--format=%G? %GS', '-2', 'main')).toBe(
        'G chiffon@localhost\nG chiffon@localhost',
      );
      expect(git(folder, 'fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');
    },
  );

  it('entries from before there was a key are unsigned; those of an earlier key hold', async () => {
    const folder = scratch.path('audit');
    await (await openAuditRepository({ folder })).record(first);
    await (await openAuditRepository({ folder, signingKey: makeKey('ed25519') })).record(second);
    const audit = await openAuditRepository({ folder, signingKey: makeKey('ed25519') });
    await audit.record(third);
    expect((await audit.entries()).map(({ signed }) => signed)).toEqual([null, true, true]);
  });

  it.each(['ed25519', 'rsa'] as const)(
    'a commit signed (%s) by a key that nobody allowed, or altered after signing, does not hold',
    async (type) => {
      const folder = scratch.path('audit');
      const audit = await openAuditRepository({ folder, signingKey: makeKey(type) });
      const commit = await audit.record(first);
      const signed = git(folder, 'cat-file', 'commit', commit);
      const altered = signed.replace('plan 1 proposed', 'plan 2 proposed');
      const forged = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], {
        cwd: folder,
        input: `${altered}\n`,
        encoding: 'utf8',
      }).trim();
      git(folder, 'update-ref', 'refs/heads/main', forged);
      expect((await audit.entries()).map(({ signed }) => signed)).toEqual([false]);
      git(folder, 'update-ref', 'refs/heads/main', commit);
      expect((await audit.entries()).map(({ signed }) => signed)).toEqual([true]);
      const stranger = readFileSync(`${makeKey(type)}.pub`, 'utf8');
      writeFileSync(join(folder, 'allowed_signers'), `chiffon@localhost namespaces="git" ${stranger}`);
      expect((await audit.entries()).map(({ signed }) => signed)).toEqual([false]);
    },
  );

  it('a key that cannot sign is told at start: missing, with a passphrase, or no key at all', async () => {
    const noKey = scratch.path('text');
    writeFileSync(noKey, 'hello\n', { mode: 0o600 });
    for (const signingKey of ['/no/such/key', makeKey('ed25519', 'a passphrase'), noKey]) {
      const opening = openAuditRepository({ folder: scratch.path('audit'), signingKey });
      await expect(opening).rejects.toMatchObject({
        kind: 'BAD_SETTING',
        message: expect.stringContaining(signingKey),
      });
    }
  });
});

function never(): never {
  throw new Error('not there');
}
