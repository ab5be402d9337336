// What an agent on another machine has of the repository: commits that it was sent as packs, the newest of them, through
// crashes at any moment.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openReplica } from '../../adapters/git/open-replica.ts';
import { type CommitSha, toCommitSha } from '../../core/ids.ts';
import { commitAll, git, makeLab, makeScratch, someFiles } from './scratch.ts';

const scratch = makeScratch();
const lab = (...args: readonly [files?: typeof someFiles, ...init: string[]]) => makeLab(scratch, ...args);

describe('a commit that was sent', () => {
  it.each(['sha1', 'sha256'])('is checked out as it is at the source (%s), with the same left out', async (format) => {
    const source = await lab({ ...someFiles, 'bin/run': '#!/bin/sh\n' }, `--object-format=${format}`);
    execFileSync('chmod', ['+x', join(source.folder, 'bin/run')]);
    symlinkSync('site.yml', join(source.folder, 'inside'));
    symlinkSync('/etc/passwd', join(source.folder, 'outside'));
    git(source.folder, 'update-index', '--add', '--cacheinfo', `160000,${source.head()},module`);
    git(source.folder, 'commit', '--quiet', '-m', 'a submodule');
    git(source.folder, 'add', '--', 'bin', 'inside', 'outside');
    git(source.folder, 'commit', '--quiet', '-m', 'links');
    const commit = source.head();
    const replica = await openReplica({ folder: scratch.path('replica') });
    expect(await replica.has(commit)).toBe(false);
    await expect(replica.checkout(commit)).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    await replica.receive(commit, await source.repository.pack(commit, await replica.have()));
    expect([await replica.has(commit), await replica.have()]).toEqual([true, [commit]]);
    const [here, there] = [await replica.checkout(commit), await source.repository.checkout(commit)];
    expect(contentOf(here.path)).toEqual(contentOf(there.path));
    expect(here.leftOut).toEqual(['module', 'outside']);
    expect(here.leftOut).toEqual(there.leftOut);
    await here.release();
    expect(existsSync(here.path)).toBe(false);
  });

  it('comes without its history, and later ones only with what is new', async () => {
    const source = await lab({ ...someFiles, 'noise.bin': randomBytes(300_000) });
    const first = source.commit({ 'old.yml': 'only at this commit\n' });
    const blob = git(source.folder, 'rev-parse', `${first}:old.yml`);
    git(source.folder, 'rm', '--quiet', 'old.yml');
    const second = source.commit({ 'site.yml': `# ${'x'.repeat(200)}\n` });
    const folder = scratch.path('replica');
    const replica = await openReplica({ folder });
    const whole = await source.repository.pack(second, []);
    await replica.receive(second, whole);
    expect(() => git(join(folder, 'sha1.git'), 'cat-file', '-e', blob)).toThrow();
    const third = source.commit({ 'site.yml': `# ${'x'.repeat(200)}y\n`, 'old.yml': 'only at this commit\n' });
    const rest = await source.repository.pack(third, await replica.have());
    expect(whole.length).toBeGreaterThan(300_000);
    expect(rest.length).toBeLessThan(1000);
    await replica.receive(third, rest);
    const run = await replica.checkout(third);
    expect(readFileSync(join(run.path, 'old.yml'), 'utf8')).toBe('only at this commit\n');
    expect(statSync(join(run.path, 'noise.bin')).size).toBe(300_000);
    expect(git(join(folder, 'sha1.git'), 'fsck', '--strict', '--full', '--no-dangling', '--no-progress')).toBe('');
  });

  it('is there after a restart; a second time it is not received again; it may come in pieces', async () => {
    const source = await lab();
    const folder = scratch.path('replica');
    const pack = await source.repository.pack(source.head(), []);
    async function* pieces() {
      for (let at = 0; at < pack.length; at += 100) yield pack.subarray(at, at + 100);
    }
    const replica = await openReplica({ folder });
    await Promise.all([replica.receive(source.head(), pieces()), replica.receive(source.head(), pack)]);
    await replica.receive(source.head(), Buffer.from('not looked at'));
    const again = await openReplica({ folder });
    expect(await again.have()).toEqual([source.head()]);
    await (await again.checkout(source.head())).release();
  });

  it('may be made again from the same pack after the commit itself was pruned', async () => {
    const { source, replica, commits } = await filled({ most: 3, fewest: 1 }, 4);
    const [oldest] = commits;
    if (oldest === undefined) throw new Error('none');
    expect(await replica.has(oldest)).toBe(false);
    await replica.receive(oldest, await source.repository.pack(oldest, await replica.have()));
    await (await replica.checkout(oldest)).release();
  });
});

/** A replica that was sent so many commits, each with its own 50 kB. */
async function filled(limits: { readonly most: number; readonly fewest: number }, count: number) {
  const source = await lab();
  const folder = scratch.path('replica');
  const replica = await openReplica({ folder, ...limits });
  const commits: CommitSha[] = [];
  for (let number = 1; number <= count; number += 1) {
    const commit = source.commit({ 'noise.bin': randomBytes(50_000) });
    commits.push(commit);
    await replica.receive(commit, await source.repository.pack(commit, await replica.have()));
  }
  return { source, folder, replica, commits };
}

describe('a replica stays small', () => {
  it('the oldest commits and their files go; the rest is whole', async () => {
    const { folder, replica, commits } = await filled({ most: 4, fewest: 2 }, 9);
    const kept = [];
    for (const commit of commits) if (await replica.has(commit)) kept.push(commit);
    expect(kept).toEqual(commits.slice(-3));
    for (const commit of kept) await (await replica.checkout(commit)).release();
    const bytes = Number(execFileSync('du', ['-sb', 'sha1.git'], { cwd: folder, encoding: 'utf8' }).split('\t')[0]);
    expect(bytes).toBeLessThan(4 * 50_000 + 50_000);
    const bare = join(folder, 'sha1.git');
    expect(git(bare, 'fsck', '--strict', '--full', '--no-dangling', '--no-progress')).toBe('');
    expect(readFileSync(join(bare, 'shallow'), 'utf8').split('\n').filter(Boolean).sort()).toEqual([...kept].sort());
  });

  it('what it named is still there when the pack that leans on it comes, though others came in between', async () => {
    const { source, replica, commits } = await filled({ most: 6, fewest: 4 }, 4);
    const have = await replica.have();
    expect(have).toEqual(commits.slice(-2).reverse());
    // Only the oldest commit that is here holds this content.
    git(source.folder, 'checkout', '--quiet', String(commits[0]), '--', 'noise.bin');
    const commit = toCommitSha(commitAll(source.folder));
    const pack = await source.repository.pack(commit, have);
    for (let number = 0; number < 2; number += 1) {
      const other = source.commit({ 'noise.bin': randomBytes(1000) });
      await replica.receive(other, await source.repository.pack(other, await replica.have()));
    }
    expect(await replica.has(commits[0] ?? commit)).toBe(false);
    await replica.receive(commit, pack);
    await (await replica.checkout(commit)).release();
  });

  it('one that a run uses stays until it is released', async () => {
    const { source, replica, commits } = await filled({ most: 3, fewest: 1 }, 1);
    const used = commits[0] ?? toCommitSha('');
    const run = await replica.checkout(used);
    const another = await replica.checkout(used);
    await another.release();
    await another.release();
    const send = async () => {
      const commit = source.commit({ 'noise.bin': randomBytes(1000) });
      await replica.receive(commit, await source.repository.pack(commit, await replica.have()));
    };
    for (let number = 0; number < 6; number += 1) await send();
    expect(await replica.has(used)).toBe(true);
    await run.release();
    for (let number = 0; number < 3; number += 1) await send();
    expect(await replica.has(used)).toBe(false);
  });
});

/** Every path below a folder with its mode and content. */
function contentOf(folder: string) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const link = entry.isSymbolicLink();
      return [
        path.slice(folder.length),
        link ? 0 : statSync(path).mode,
        link ? '' : readFileSync(path, 'latin1'),
      ] as const;
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

describe('an agent that is killed while it receives', () => {
  it('at any moment: afterwards each commit is there as a whole or not at all, and the replica goes on', async () => {
    const source = await lab();
    const folder = scratch.path('replica');
    await openReplica({ folder });
    const packs = scratch.path('packs');
    mkdirSync(packs);
    let killed = 0;
    for (let round = 0; round < 6; round += 1) {
      const commit = source.commit({ 'noise.bin': randomBytes(1_000_000) });
      writeFileSync(join(packs, commit), await source.repository.pack(commit, []));
      if (await killedWhileReceiving(folder, packs, commit, 1 + round * 4)) killed += 1;
      const replica = await openReplica({ folder, most: 4, fewest: 2 });
      for (const had of await replica.have()) await (await replica.checkout(had)).release();
      await replica.receive(commit, readFileSync(join(packs, commit)));
      await (await replica.checkout(commit)).release();
      const bare = join(folder, 'sha1.git');
      expect(readdirSync(bare).filter((name) => name.startsWith('incoming-'))).toEqual([]);
      expect(git(bare, 'fsck', '--full', '--no-dangling', '--no-progress')).toBe('');
    }
    expect(killed).toBeGreaterThan(2);
  });
});

/** Killed, with what it started, at the n-th change below the folder; whether it was not done by then. */
async function killedWhileReceiving(folder: string, packs: string, commit: CommitSha, change: number) {
  const script = join(import.meta.dirname, 'receive.ts');
  const agent = spawn(process.execPath, [script, folder, packs, commit], { detached: true, stdio: 'ignore' });
  const over = once(agent, 'close');
  let left = change;
  const watching = watch(join(folder, 'sha1.git'), { recursive: true }, () => {
    left -= 1;
    if (left === 0 && agent.pid !== undefined) process.kill(-agent.pid, 'SIGKILL');
  });
  const [code] = await over;
  watching.close();
  return code === null;
}
