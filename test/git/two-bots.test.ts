// Two bots, each with its own clone of one remote: a plan that one prepared is run and merged by the other, and main is only
// ever moved once for each change.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { type CommitSha, toCommitSha } from '../../core/ids.ts';
import type { InfrastructureRepository, MergeResult } from '../../core/ports/repository.ts';
import { type HttpRemote, serveRepositories } from './http-remote.ts';
import { at, clock, commitAll, git, makeRepository, makeScratch, task } from './scratch.ts';

const scratch = makeScratch();
const servers: HttpRemote[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

function bot(source: string): Promise<InfrastructureRepository> {
  const dataFolder = scratch.path('data');
  return openInfrastructureRepository({ source, samplePath: '/none', dataFolder, clock, freshForMs: 0 });
}

function remote() {
  const origin = scratch.path('origin.git');
  git(scratch.root, 'clone', '--quiet', '--bare', makeRepository(scratch), origin);
  return { origin, url: `file://${origin}` };
}

async function twoBots() {
  const { origin, url } = remote();
  return { origin, url, one: await bot(url), other: await bot(url) };
}

type Change = { readonly number?: number; readonly revision?: number; readonly text?: string; readonly when?: string };

async function prepare(repository: InfrastructureRepository, base: CommitSha, change: Change = {}) {
  const { number = 7, revision = 1, text = 'monitors: [grafana]\n', when = at } = change;
  const files = [{ path: 'config/monitors.yml', text }];
  return repository.prepareBranch({ task: task(number), revision, base, files, message: 'Add a monitor', at: when });
}

const base = async (repository: InfrastructureRepository) => (await repository.refresh()).commit;
const main = (origin: string) => git(origin, 'rev-parse', 'main');
const branches = (origin: string) => git(origin, 'branch', '--list', 'chiffon/*', '--format=%(refname:short)');

describe('a change that one bot prepared', () => {
  it('is the same commit from the same input in every clone, whatever is configured there', async () => {
    const { one, other } = await twoBots();
    const from = await base(one);
    const first = await prepare(one, from);
    process.env.GIT_AUTHOR_NAME = 'Somebody';
    const second = await prepare(other, from);
    delete process.env.GIT_AUTHOR_NAME;
    expect(second).toEqual(first);
    expect(first).toEqual({ branch: 'chiffon/7', commit: first.commit });
  });

  it('is found by another bot: read, checked out, packed for an agent, merged; and the branch goes', async () => {
    const { origin, one, other } = await twoBots();
    const ready = await prepare(one, await base(one));
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(ready.commit);
    const { files } = await other.snapshot(ready.commit);
    expect(files.get('config/monitors.yml')).toBe('monitors: [grafana]\n');
    expect((await other.pack(ready.commit, [])).length).toBeGreaterThan(100);
    const run = await other.checkout(ready.commit);
    await run.release();
    expect(await other.merge(ready)).toMatchObject({ type: 'merged', commit: ready.commit, pushed: true });
    expect([main(origin), branches(origin)]).toEqual([ready.commit, '']);
    // The one that made it comes back and says so, too.
    expect(await one.merge(ready)).toMatchObject({ type: 'merged', commit: ready.commit, pushed: true });
  });

  it('is merged by a bot that never read it, and by one that asks when the branch is gone already', async () => {
    const { origin, url, one, other } = await twoBots();
    const ready = await prepare(one, await base(one));
    expect(await other.merge(ready)).toMatchObject({ type: 'merged' });
    expect(await (await bot(url)).merge(ready)).toMatchObject({ type: 'merged' });
    expect(main(origin)).toBe(ready.commit);
  });

  it('and that nobody has any more is missing, not a fault to try for ever', async () => {
    const { origin, one, other } = await twoBots();
    const ready = await prepare(one, await base(one));
    git(origin, 'update-ref', '-d', 'refs/heads/chiffon/7');
    await expect(other.snapshot(ready.commit)).rejects.toMatchObject({ kind: 'COMMIT_MISSING', retryable: false });
    await expect(other.pack(ready.commit, [])).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    expect(await other.merge(ready)).toMatchObject({ type: 'refused', reason: expect.stringContaining('no commit') });
  });

  it('and cannot be fetched now is a fault to try again', async () => {
    const { origin, one, other } = await twoBots();
    const ready = await prepare(one, await base(one));
    renameSync(origin, `${origin}.away`);
    await expect(other.snapshot(ready.commit)).rejects.toMatchObject({ kind: 'GIT_FAILED', retryable: true });
    await expect(other.merge(ready)).rejects.toMatchObject({ kind: 'GIT_FAILED', retryable: true });
    renameSync(`${origin}.away`, origin);
    expect((await other.snapshot(ready.commit)).commit).toBe(ready.commit);
  });

  it('goes from here and from the remote when it is discarded, but not when it is another commit by now', async () => {
    const { origin, one } = await twoBots();
    const from = await base(one);
    const stale = await prepare(one, from);
    const ready = await prepare(one, from, { revision: 2, text: 'monitors: [minio]\n' });
    await one.discardBranch(stale);
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(ready.commit);
    await one.discardBranch(ready);
    expect(branches(origin)).toBe('');
    await one.discardBranch(ready);
    await expect(one.pack(ready.commit, [])).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
  });
});

describe('a branch at the remote', () => {
  it('is replaced by a newer revision, whichever bot makes it', async () => {
    const { origin, one, other } = await twoBots();
    const from = await base(one);
    await prepare(one, from);
    const next = await prepare(other, from, { revision: 2, text: 'monitors: [minio]\n' });
    expect(next).not.toHaveProperty('note');
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(next.commit);
  });

  it('is not taken back by a bot that lost its turn: an older revision, or an older plan of the same one', async () => {
    const { origin, one, other } = await twoBots();
    const from = await base(one);
    const newest = await prepare(other, from, { revision: 2, when: '2026-03-01T12:10:00.000Z' });
    const older = await prepare(one, from, { revision: 1, when: '2026-03-01T12:20:00.000Z' });
    expect(older.note).toContain('newer commit');
    const earlier = await prepare(one, from, { revision: 2, when: '2026-03-01T12:05:00.000Z' });
    expect(earlier.note).toContain('newer commit');
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(newest.commit);
  });

  it('with somebody else’s commit on it stays as it is, and planning goes on', async () => {
    const { origin, one } = await twoBots();
    const theirs = git(origin, 'commit-tree', '-p', 'main', '-m', 'mine', 'main^{tree}');
    git(origin, 'update-ref', 'refs/heads/chiffon/7', theirs);
    const ready = await prepare(one, await base(one));
    expect(ready.note).toContain('somebody else’s');
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(theirs);
  });

  it('that the remote refuses is said in its words, and the bot that made it goes on alone', async () => {
    const { origin, one, other } = await twoBots();
    refuse(origin, 'refs/heads/chiffon/*', 'only people make branches here');
    const ready = await prepare(one, await base(one));
    expect(ready.note).toContain('only people make branches here');
    await expect(other.snapshot(ready.commit)).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    expect(await one.merge(ready)).toMatchObject({ type: 'merged', pushed: true });
  });

  it('that cannot be pushed now does not stop planning', async () => {
    const { origin, one } = await twoBots();
    const from = await base(one);
    renameSync(origin, `${origin}.away`);
    const ready = await prepare(one, from);
    expect(ready.note).toContain('only the bot that made this plan can run it');
  });
});

describe('two bots that merge at the same moment, over HTTP', () => {
  async function overHttp() {
    const root = scratch.path('forge');
    const origin = join(root, 'lab.git');
    git(scratch.root, 'clone', '--quiet', '--bare', makeRepository(scratch), origin);
    git(origin, 'config', 'http.receivepack', 'true');
    const server = await serveRepositories(root, 'ada:secret');
    servers.push(server);
    const url = `http://ada:secret@127.0.0.1:${server.port}/lab.git`;
    return { origin, one: await bot(url), other: await bot(url) };
  }

  it('the same change: both say merged', async () => {
    const { origin, one, other } = await overHttp();
    for (let round = 1; round <= 3; round += 1) {
      const ready = await prepare(one, await base(one), { number: round, text: `monitors: [m${round}]\n` });
      await other.snapshot(ready.commit);
      const results = await Promise.all([one.merge(ready), other.merge(ready)]);
      expect(results).toEqual([
        expect.objectContaining({ type: 'merged', commit: ready.commit, pushed: true }),
        expect.objectContaining({ type: 'merged', commit: ready.commit, pushed: true }),
      ]);
      expect([main(origin), branches(origin)]).toEqual([ready.commit, '']);
    }
  });

  it('two changes over the same commit: one is merged, the other is refused and kept on its branch', async () => {
    const { origin, one, other } = await overHttp();
    for (let round = 1; round <= 3; round += 1) {
      const from = await base(one);
      const mine = await prepare(one, from, { number: round * 2, text: `monitors: [a${round}]\n` });
      const theirs = await prepare(other, from, { number: round * 2 + 1, text: `monitors: [b${round}]\n` });
      const results = await Promise.all([one.merge(mine), other.merge(theirs)]);
      const types = results.map((result: MergeResult) => result.type).sort();
      expect(types).toEqual(['merged', 'refused']);
      const [won, lost] = results[0].type === 'merged' ? [mine, theirs] : [theirs, mine];
      expect(main(origin)).toBe(won.commit);
      expect(git(origin, 'rev-parse', `${main(origin)}^`)).toBe(from);
      expect(git(origin, 'rev-parse', lost.branch)).toBe(lost.commit);
      expect(results.find((result) => result.type === 'refused')).toMatchObject({
        reason: expect.stringContaining('moved on'),
      });
    }
  });
});

describe('packs leave the repository', () => {
  it('only of commits that are part of main or of a branch of Chiffon’s', async () => {
    const lab = makeRepository(scratch);
    const onMain = commitAll(lab, 'Another');
    git(lab, 'checkout', '--quiet', '-b', 'private');
    writeFileSync(join(lab, 'secret.yml'), 'x\n');
    const theirs = toCommitSha(commitAll(lab, 'Mine'));
    git(lab, 'checkout', '--quiet', 'main');
    const repository = await bot(lab);
    await expect(repository.pack(theirs, [])).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    await expect(repository.pack(toCommitSha('1'.repeat(40)), [])).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    const ready = await prepare(repository, toCommitSha(onMain));
    for (const commit of [onMain, git(lab, 'rev-parse', 'main~1'), ready.commit]) {
      expect((await repository.pack(toCommitSha(commit), [theirs])).length).toBeGreaterThan(100);
    }
  });
});

/** The remote refuses pushes to these refs, by a hook as a forge has it. */
function refuse(origin: string, refs: string, words: string): void {
  mkdirSync(join(origin, 'hooks'), { recursive: true });
  const hook = join(origin, 'hooks/update');
  writeFileSync(hook, `#!/bin/sh\ncase "$1" in ${refs}) echo "${words}" >&2; exit 1;; esac\n`);
  chmodSync(hook, 0o755);
}
