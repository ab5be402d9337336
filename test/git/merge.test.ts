// Main after a run that succeeded: only ever a fast-forward, and not a byte of the user's uncommitted work is lost.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { at, clock, commitAll, git, makeRepository, makeScratch, task, userEnvironment, write } from './scratch.ts';

const scratch = makeScratch();

async function open(source: string) {
  return openInfrastructureRepository({
    source,
    samplePath: '/none',
    dataFolder: scratch.path('data'),
    clock,
    freshForMs: 0,
  });
}

type Files = readonly { path: string; text: string }[];
const oneMonitor: Files = [{ path: 'config/monitors.yml', text: 'monitors: [grafana]\n' }];

/** An opened repository of the user's with a change ready on chiffon/7. */
async function prepared(lab: string, files: Files = oneMonitor) {
  const repository = await open(lab);
  const { commit: base } = await repository.refresh();
  const ready = await repository.prepareBranch({
    task: task(7),
    revision: 1,
    base,
    files,
    message: 'Add a monitor',
    at,
  });
  return { repository, base, ready, merge: () => repository.merge(ready) };
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');

describe('in the user’s repository', () => {
  it('a clean checkout of main follows, and nothing looks changed', async () => {
    const lab = makeRepository(scratch);
    const { ready, merge } = await prepared(lab);
    expect(await merge()).toEqual({ type: 'merged', commit: ready.commit, pushed: false, link: null });
    expect(git(lab, 'rev-parse', 'main')).toBe(ready.commit);
    expect(git(lab, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(git(lab, 'status', '--porcelain')).toBe('');
    expect(read(lab, 'config/monitors.yml')).toBe('monitors: [grafana]\n');
    expect(git(lab, 'reflog', '-1', '--format=%gs', 'main')).toContain('Chiffon');
  });

  it('merging what is merged says merged, and changes nothing; the branch is gone, the commit is in main', async () => {
    const lab = makeRepository(scratch);
    const { ready, merge } = await prepared(lab);
    await merge();
    const later = commitAll(lab, 'The user goes on');
    expect(await merge()).toMatchObject({ type: 'merged', commit: ready.commit });
    expect(git(lab, 'rev-parse', 'main')).toBe(later);
    expect(git(lab, 'branch', '--list', 'chiffon/*')).toBe('');
  });

  it('uncommitted work in other files stays as it is: changed, staged, untracked', async () => {
    const lab = makeRepository(scratch);
    write(lab, { 'site.yml': 'half done\n', 'staged.yml': 'staged\n', 'notes.txt': 'mine\n' });
    git(lab, 'add', 'staged.yml');
    const before = git(lab, 'status', '--porcelain');
    const { ready, merge } = await prepared(lab);
    expect(await merge()).toMatchObject({ type: 'merged' });
    expect(git(lab, 'rev-parse', 'HEAD')).toBe(ready.commit);
    expect(git(lab, 'status', '--porcelain')).toBe(before);
    expect([read(lab, 'site.yml'), read(lab, 'staged.yml'), read(lab, 'notes.txt')]).toEqual([
      'half done\n',
      'staged\n',
      'mine\n',
    ]);
  });

  const inTheWay: readonly [string, Files, (lab: string) => void][] = [
    ['a changed file', oneMonitor, (lab) => write(lab, { 'config/monitors.yml': 'monitors: [mine]\n' })],
    [
      'a staged file',
      oneMonitor,
      (lab) => {
        write(lab, { 'config/monitors.yml': 'monitors: [mine]\n' });
        git(lab, 'add', '--all');
      },
    ],
    ['a deleted file', oneMonitor, (lab) => rmSync(join(lab, 'config/monitors.yml'))],
    [
      'a renamed file',
      oneMonitor,
      (lab) => renameSync(join(lab, 'config/monitors.yml'), join(lab, 'config/other.yml')),
    ],
    ['an untracked file', [{ path: 'new.yml', text: 'x' }], (lab) => write(lab, { 'new.yml': 'mine\n' })],
    [
      'an ignored file',
      [{ path: 'new.yml', text: 'x' }],
      (lab) => write(lab, { '.gitignore': 'new.yml\n', 'new.yml': 'mine\n' }),
    ],
    [
      'an untracked file where a folder must be',
      [{ path: 'new/x.yml', text: 'x' }],
      (lab) => write(lab, { new: 'mine\n' }),
    ],
    [
      'an ignored file where a folder must be',
      [{ path: 'new/x.yml', text: 'x' }],
      (lab) => write(lab, { '.gitignore': 'new\n', new: 'mine\n' }),
    ],
    [
      'an untracked folder where a file must be',
      [{ path: 'new', text: 'x' }],
      (lab) => write(lab, { 'new/mine.yml': 'mine\n' }),
    ],
    [
      'an ignored folder where a file must be',
      [{ path: 'new', text: 'x' }],
      (lab) => write(lab, { '.gitignore': 'new/\n', 'new/mine.yml': 'mine\n' }),
    ],
  ];
  it.each(inTheWay)(
    '%s in the way: nothing moves, nothing is lost, the branch stays',
    async (_what, files, disturb) => {
      const lab = makeRepository(scratch);
      const { base, ready, merge } = await prepared(lab, files);
      disturb(lab);
      const before = contentOf(lab);
      const result = await merge();
      expect(result).toMatchObject({ type: 'refused', reason: expect.stringContaining('branch chiffon/7') });
      expect(contentOf(lab)).toEqual(before);
      expect(git(lab, 'rev-parse', 'main')).toBe(base);
      expect(git(lab, 'rev-parse', 'chiffon/7')).toBe(ready.commit);

      git(lab, 'stash', '--all', '--quiet');
      expect(await merge()).toMatchObject({ type: 'merged' });
    },
  );

  it('the sentence names the files in the way and the folder', async () => {
    const lab = makeRepository(scratch);
    const { merge } = await prepared(lab);
    write(lab, { 'config/monitors.yml': 'monitors: [mine]\n' });
    expect(await merge()).toEqual({
      type: 'refused',
      reason: `main was not moved: there are uncommitted changes in ${lab}: config/monitors.yml. The change is kept on branch chiffon/7; merge it by hand, or ask again.`,
    });
  });

  it('autostash and other habits of the user’s merges play no part', async () => {
    const lab = makeRepository(scratch);
    for (const [key, value] of [
      ['merge.autoStash', 'true'],
      ['merge.ff', 'false'],
      ['pull.rebase', 'true'],
      ['merge.verifySignatures', 'true'],
    ] as const)
      git(lab, 'config', key, value);
    const { ready, merge } = await prepared(lab);
    write(lab, { 'site.yml': 'half done\n' });
    expect(await merge()).toMatchObject({ type: 'merged' });
    expect(git(lab, 'rev-parse', 'main')).toBe(ready.commit);
    expect(read(lab, 'site.yml')).toBe('half done\n');
  });

  it('with another branch checked out only the ref moves', async () => {
    const lab = makeRepository(scratch);
    git(lab, 'checkout', '--quiet', '-b', 'experiment');
    write(lab, { 'config/monitors.yml': 'monitors: [mine]\n' });
    const before = contentOf(lab);
    const { ready, merge } = await prepared(lab);
    expect(await merge()).toMatchObject({ type: 'merged' });
    expect(git(lab, 'rev-parse', 'main')).toBe(ready.commit);
    expect(contentOf(lab)).toEqual(before);
  });

  it('a linked worktree that shows main follows too, and one that was removed by hand is no hindrance', async () => {
    const lab = makeRepository(scratch);
    const linked = scratch.path('linked');
    git(lab, 'checkout', '--quiet', '-b', 'experiment');
    git(lab, 'worktree', 'add', '--quiet', linked, 'main');
    const { merge } = await prepared(lab);
    expect(await merge()).toMatchObject({ type: 'merged' });
    expect(read(linked, 'config/monitors.yml')).toBe('monitors: [grafana]\n');
    expect(git(linked, 'status', '--porcelain')).toBe('');

    rmSync(linked, { recursive: true });
    const next = await prepared(lab, [{ path: 'config/monitors.yml', text: 'monitors: [grafana, minio]\n' }]);
    expect(await next.merge()).toMatchObject({ type: 'merged' });
    expect(git(lab, 'rev-parse', 'main')).toBe(next.ready.commit);
  });

  it('main that moved on is not forced', async () => {
    const lab = makeRepository(scratch);
    const { ready, merge } = await prepared(lab);
    const theirs = commitAll(lab, 'Meanwhile');
    expect(await merge()).toMatchObject({ type: 'refused', reason: expect.stringContaining('moved on') });
    expect(git(lab, 'rev-parse', 'main')).toBe(theirs);
    expect(git(lab, 'rev-parse', 'chiffon/7')).toBe(ready.commit);
  });

  it.each(['merge', 'rebase', 'cherry-pick'])('a %s under way holds main until it is finished', async (operation) => {
    const lab = makeRepository(scratch);
    git(lab, 'checkout', '--quiet', '-b', 'other');
    write(lab, { 'site.yml': 'theirs\n' });
    commitAll(lab);
    git(lab, 'checkout', '--quiet', 'main');
    write(lab, { 'site.yml': 'ours\n' });
    commitAll(lab);
    const { base, merge } = await prepared(lab);
    expect(() => git(lab, operation, 'other')).toThrow();
    const before = contentOf(lab);
    expect(await merge()).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining(`a ${operation} is under way`),
    });
    expect(contentOf(lab)).toEqual(before);
    git(lab, operation, '--abort');
    expect(git(lab, 'rev-parse', 'main')).toBe(base);
    expect(await merge()).toMatchObject({ type: 'merged' });
  });

  it.each(['.git/index.lock', '.git/refs/heads/main.lock'])(
    'a lock left at %s is named; nothing moves until it is gone',
    async (lock) => {
      const lab = makeRepository(scratch);
      const { base, merge } = await prepared(lab);
      writeFileSync(join(lab, lock), '');
      expect(await merge()).toMatchObject({ type: 'refused', reason: expect.stringContaining(join(lab, lock)) });
      expect(git(lab, 'rev-parse', 'main')).toBe(base);
      rmSync(join(lab, lock));
      expect(git(lab, 'status', '--porcelain')).toBe('');
      expect(await merge()).toMatchObject({ type: 'merged' });
    },
  );
});

describe('while the user works in the same repository', () => {
  it('no commit of either is lost, and the checkout is clean at the end', async () => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    const merged: string[] = [];
    let committed = 0;
    for (let round = 1; round <= 24; round += 1) {
      const { commit: base } = await repository.refresh();
      const files = [{ path: 'config/monitors.yml', text: `monitors: [m${round}]\n` }];
      const ready = await repository.prepareBranch({
        task: task(round),
        revision: 1,
        base,
        files,
        message: `m${round}`,
        at,
      });
      const [result, done] = await Promise.all([repository.merge(ready), commitLike(lab, round, (round % 12) * 5)]);
      if (result.type === 'merged') merged.push(ready.commit);
      if (done) committed += 1;
    }
    const history = git(lab, 'log', '--format=%H %s', 'main').split('\n');
    for (const commit of merged) expect(history.some((line) => line.startsWith(commit))).toBe(true);
    expect(history.filter((line) => line.includes(' mine '))).toHaveLength(committed);
    expect(merged.length).toBeGreaterThan(0);
    expect(committed).toBeGreaterThan(0);
    // A commit of the user's that met a lock leaves its file staged; everything else is as main says.
    const changed = git(lab, 'status', '--porcelain')
      .split('\n')
      .filter((line) => !/^(A |\?\?) mine-/.test(line));
    expect(changed.join()).toBe('');
  });
});

/** A person's commit that begins after so many looks at the repository; whether it was made. */
async function commitLike(lab: string, round: number, looks: number): Promise<boolean> {
  const script = `for n in $(seq ${looks}); do git rev-parse HEAD >/dev/null; done
    echo ${round} > mine-${round}.yml && git add mine-${round}.yml && git commit --quiet -m "mine ${round}"`;
  const user = spawn('sh', ['-c', script], { cwd: lab, env: userEnvironment, stdio: 'ignore' });
  const [code] = await once(user, 'close');
  return code === 0;
}

describe('a crash in the middle of a fast-forward', () => {
  it('files followed, the ref did not: the next call finishes it', async () => {
    const lab = makeRepository(scratch);
    const files = [...oneMonitor, { path: 'new/one.yml', text: 'x' }];
    const { base, ready, merge } = await prepared(lab, files);
    git(lab, 'read-tree', '-m', '-u', base, ready.commit);
    expect(await merge()).toMatchObject({ type: 'merged' });
    expect(git(lab, 'rev-parse', 'HEAD')).toBe(ready.commit);
    expect(git(lab, 'status', '--porcelain')).toBe('');
  });

  it('and then changed by hand: nothing moves, nothing is lost', async () => {
    const lab = makeRepository(scratch);
    const { base, ready, merge } = await prepared(lab);
    git(lab, 'read-tree', '-m', '-u', base, ready.commit);
    write(lab, { 'config/monitors.yml': 'monitors: [grafana, mine]\n' });
    const before = contentOf(lab);
    expect(await merge()).toMatchObject({ type: 'refused' });
    expect(contentOf(lab)).toEqual(before);
  });
});

describe('with a remote', () => {
  /** The user's clone of a shared bare repository. */
  function shared() {
    const origin = scratch.path('origin.git');
    git(scratch.root, 'clone', '--quiet', '--bare', makeRepository(scratch), origin);
    const lab = scratch.path('lab');
    git(scratch.root, 'clone', '--quiet', origin, lab);
    return { origin, lab };
  }

  it('the remote gets the change too, and the user’s remote-tracking branch tells the truth', async () => {
    const { origin, lab } = shared();
    const { ready, merge } = await prepared(lab);
    expect(await merge()).toMatchObject({ type: 'merged', pushed: true });
    expect(git(origin, 'rev-parse', 'main')).toBe(ready.commit);
    expect(git(lab, 'status', '--porcelain', '--branch')).toBe('## main...origin/main');
  });

  it('refresh counts commits apart without touching the user’s remote-tracking branches', async () => {
    const { origin, lab } = shared();
    const other = scratch.path('other');
    git(scratch.root, 'clone', '--quiet', origin, other);
    commitAll(other, 'Theirs');
    git(other, 'push', '--quiet');
    commitAll(lab, 'Mine');
    commitAll(lab, 'Mine too');
    const tracked = git(lab, 'rev-parse', 'origin/main');
    expect(await (await open(lab)).refresh()).toMatchObject({ ahead: 2, behind: 1 });
    expect(git(lab, 'rev-parse', 'origin/main')).toBe(tracked);
    expect(existsSync(join(lab, '.git/FETCH_HEAD'))).toBe(false);
  });

  it('a remote that moved on refuses; nothing moves here either', async () => {
    const { origin, lab } = shared();
    const { base, ready, merge } = await prepared(lab);
    const other = scratch.path('other');
    git(scratch.root, 'clone', '--quiet', origin, other);
    const theirs = commitAll(other, 'Theirs');
    git(other, 'push', '--quiet');
    expect(await merge()).toMatchObject({ type: 'refused', reason: expect.stringContaining('moved on') });
    expect([
      git(lab, 'rev-parse', 'main'),
      git(origin, 'rev-parse', 'main'),
      git(lab, 'rev-parse', 'chiffon/7'),
    ]).toEqual([base, theirs, ready.commit]);
  });

  it('a protected branch refuses in the remote’s own words', async () => {
    const { origin, lab } = shared();
    protect(origin);
    const { base, merge } = await prepared(lab);
    expect(await merge()).toMatchObject({ type: 'refused', reason: expect.stringContaining('main is protected here') });
    expect(git(lab, 'rev-parse', 'main')).toBe(base);
  });

  it('the user’s own unpushed commits are not published for them', async () => {
    const { origin, lab } = shared();
    const before = git(origin, 'rev-parse', 'main');
    commitAll(lab, 'Not ready');
    const { ready, merge } = await prepared(lab);
    expect(await merge()).toMatchObject({
      type: 'merged',
      pushed: false,
      link: null,
      note: expect.stringContaining('a commit of yours'),
    });
    expect(git(origin, 'rev-parse', 'main')).toBe(before);
    expect(git(lab, 'rev-parse', 'main')).toBe(ready.commit);
  });

  it('an unreachable remote: merged here, said so, and pushed by the next merge', async () => {
    const { origin, lab } = shared();
    const { repository, ready, merge } = await prepared(lab);
    renameSync(origin, `${origin}.away`);
    expect(await repository.refresh()).toMatchObject({
      note: expect.stringContaining('cannot be reached'),
      ahead: 0,
      behind: 0,
    });
    expect(await merge()).toMatchObject({ type: 'merged', pushed: false, note: expect.stringContaining('git push') });
    expect(git(lab, 'rev-parse', 'main')).toBe(ready.commit);
    renameSync(`${origin}.away`, origin);
    expect(await merge()).toMatchObject({ type: 'merged', pushed: true });
    expect(git(origin, 'rev-parse', 'main')).toBe(ready.commit);
  });

  it('a checkout in the way stops the push as well', async () => {
    const { origin, lab } = shared();
    const { base, merge } = await prepared(lab);
    write(lab, { 'config/monitors.yml': 'monitors: [mine]\n' });
    expect(await merge()).toMatchObject({ type: 'refused' });
    expect(git(origin, 'rev-parse', 'main')).toBe(base);
  });
});

describe('a repository by its URL', () => {
  function remote() {
    const origin = scratch.path('origin.git');
    git(scratch.root, 'clone', '--quiet', '--bare', makeRepository(scratch), origin);
    return { origin, url: `file://${origin}` };
  }

  it('is cloned once, fetched at refresh, and pushed to', async () => {
    const { origin, url } = remote();
    const { repository, ready, merge } = await prepared(url);
    expect(await merge()).toMatchObject({ type: 'merged', pushed: true });
    expect(git(origin, 'rev-parse', 'main')).toBe(ready.commit);
    expect(git(origin, 'branch', '--list', 'chiffon/*')).toBe('');
    expect(await merge()).toMatchObject({ type: 'merged', pushed: true });

    const other = scratch.path('other');
    git(scratch.root, 'clone', '--quiet', origin, other);
    const theirs = commitAll(other, 'Theirs');
    git(other, 'push', '--quiet');
    expect(await repository.refresh()).toMatchObject({ commit: theirs, ahead: 0, behind: 0, dirty: [], name: origin });
  });

  it('follows the remote’s own main branch, or the one that INFRA_BRANCH names', async () => {
    const { origin, url } = remote();
    git(origin, 'branch', '--move', 'main', 'trunk');
    git(origin, 'branch', 'staging');
    expect(await (await open(url)).refresh()).toMatchObject({ branch: 'trunk' });
    const settings = { source: url, samplePath: '/none', dataFolder: scratch.path('data'), clock };
    expect(await (await openInfrastructureRepository({ ...settings, branch: 'staging' })).refresh()).toMatchObject({
      branch: 'staging',
    });
    const wrong = await openInfrastructureRepository({ ...settings, branch: 'prod' });
    await expect(wrong.refresh()).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('staging, trunk'),
    });
  });

  it('history that was rewritten at the remote is followed, and a change over the old one refused', async () => {
    const { origin, url } = remote();
    const { repository, merge } = await prepared(url);
    const other = makeRepository(scratch, { 'site.yml': 'all new\n' });
    git(other, 'push', '--quiet', '--force', origin, 'main');
    expect(await repository.refresh()).toMatchObject({ commit: git(other, 'rev-parse', 'main') });
    expect(await merge()).toMatchObject({ type: 'refused', reason: expect.stringContaining('moved on') });
    expect(git(origin, 'rev-parse', 'main')).toBe(git(other, 'rev-parse', 'main'));
  });

  it('a protected main: the branch itself is pushed, for people to merge', async () => {
    const { origin, url } = remote();
    protect(origin);
    const { ready, merge } = await prepared(url);
    expect(await merge()).toMatchObject({
      type: 'refused',
      reason: expect.stringMatching(/main is protected here.*branch chiffon\/7 of/),
    });
    expect(git(origin, 'rev-parse', 'chiffon/7')).toBe(ready.commit);
  });

  it('offline: planning goes on with what is there and says so; a merge is a fault to try again', async () => {
    const { origin, url } = remote();
    const { repository, base, ready, merge } = await prepared(url);
    renameSync(origin, `${origin}.away`);
    expect(await repository.refresh()).toMatchObject({
      commit: base,
      note: expect.stringContaining('cannot be reached'),
    });
    await expect(merge()).rejects.toMatchObject({ kind: 'GIT_FAILED', retryable: true });
    renameSync(`${origin}.away`, origin);
    expect(await repository.refresh()).not.toHaveProperty('note');
    expect(await merge()).toMatchObject({ type: 'merged', commit: ready.commit, pushed: true });
  });

  it('a URL that leads nowhere is told at start and leaves nothing behind', async () => {
    const dataFolder = scratch.path('data');
    const opening = openInfrastructureRepository({
      source: 'file:///no/such/repository',
      samplePath: '/none',
      dataFolder,
      clock,
    });
    await expect(opening).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('cannot be cloned'),
    });
    expect(readdirSync(join(dataFolder, 'repositories'))).toEqual([]);
  });

  it.each(['ext::sh -c touch% /tmp/x', 'fd::17', 'gopher://host/x', '-oProxyCommand=x:y', 'https://'])(
    '%s is refused before git sees it',
    async (url) => {
      await expect(open(url)).rejects.toMatchObject({ kind: 'NO_REPOSITORY' });
    },
  );
});

function protect(origin: string): void {
  const hook = join(origin, 'hooks/update');
  mkdirSync(join(origin, 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\nif [ "$1" = refs/heads/main ]; then echo "main is protected here" >&2; exit 1; fi\n');
  chmodSync(hook, 0o755);
}

/** Every file of a checkout with its content, HEAD and the index's own view of it. */
function contentOf(folder: string) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.git/'));
  return {
    files: Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
    head: git(folder, 'rev-parse', 'HEAD'),
    status: git(folder, 'status', '--porcelain', '--ignored'),
  };
}
