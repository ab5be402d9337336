// The user's own repository by its path: what Chiffon reads of it, what it writes, and all that it leaves alone.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeGit } from '../../adapters/git/git.ts';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { makeSnapshotReader, type SnapshotLimits } from '../../adapters/git/snapshot.ts';
import { toCommitSha } from '../../core/ids.ts';
import {
  at,
  clock,
  commitAll,
  git,
  makeRepository,
  makeScratch,
  someFiles,
  task,
  userEnvironment,
  write,
} from './scratch.ts';

const scratch = makeScratch();

async function open(source: string, extra: { branch?: string; dataFolder?: string } = {}) {
  const dataFolder = extra.dataFolder ?? scratch.path('data');
  const settings = { source, samplePath: scratch.path('none'), dataFolder, clock, freshForMs: 0 };
  return openInfrastructureRepository(extra.branch === undefined ? settings : { ...settings, branch: extra.branch });
}

function change(base: string, files = [{ path: 'config/monitors.yml', text: 'monitors: [grafana]\n' }]) {
  return { task: task(7), revision: 1, base: toCommitSha(base), files, message: 'Add a monitor', at };
}

/** What may not change: HEAD, index and files of the user's checkout. */
function footprint(folder: string) {
  return {
    head: readFileSync(join(folder, '.git/HEAD'), 'utf8'),
    index: readFileSync(join(folder, '.git/index')).toString('base64'),
    status: git(folder, '--no-optional-locks', 'status', '--porcelain'),
    monitors: readFileSync(join(folder, 'config/monitors.yml'), 'utf8'),
  };
}

describe('what can be opened', () => {
  it('a folder that is not there is refused with what to do', async () => {
    await expect(open('/no/such/folder')).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('INFRA_REPO'),
    });
  });

  it('a folder that is no repository is refused with what to do', async () => {
    const folder = scratch.path('plain');
    mkdirSync(folder);
    await expect(open(folder)).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('git init'),
    });
  });

  it('a folder inside a repository is refused, naming the one to use', async () => {
    const lab = makeRepository(scratch);
    await expect(open(join(lab, 'config'))).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining(`set INFRA_REPO to ${lab}.`),
    });
    await expect(open(join(lab, '.git'))).rejects.toMatchObject({ kind: 'NO_REPOSITORY' });
  });

  it('a repository with no commits says so at refresh, and works after the first one', async () => {
    const folder = scratch.path('empty');
    mkdirSync(folder);
    git(folder, 'init', '--quiet', '--initial-branch=main');
    const repository = await open(folder);
    await expect(repository.refresh()).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('no commits yet'),
    });
    write(folder, someFiles);
    const commit = commitAll(folder);
    expect(await repository.refresh()).toMatchObject({
      commit,
      branch: 'main',
      dirty: [],
      ahead: 0,
      behind: 0,
      name: folder,
    });
  });

  it('a repository of a format that this git does not know says so', async () => {
    const lab = makeRepository(scratch);
    git(lab, 'config', 'core.repositoryFormatVersion', '1');
    git(lab, 'config', 'extensions.fromTheFuture', 'true');
    await expect(open(lab)).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringContaining('newer git'),
    });
  });

  it.each(['bare', 'SHA-256', 'shallow', 'linked worktree', 'detached HEAD'])(
    'a repository that is %s works to the end',
    async (kind) => {
      const { folder, base } = unusualRepository(kind);
      const repository = await open(folder);
      expect(await repository.refresh()).toMatchObject({ commit: base, branch: 'main' });
      expect((await repository.snapshot(toCommitSha(base))).files.get('site.yml')).toBe(someFiles['site.yml']);
      const prepared = await repository.prepareBranch(change(base));
      const checkout = await repository.checkout(prepared.commit);
      expect(readFileSync(join(checkout.path, 'config/monitors.yml'), 'utf8')).toBe('monitors: [grafana]\n');
      await checkout.release();
      expect(await repository.merge(prepared)).toMatchObject({ type: 'merged', commit: prepared.commit });
      expect(git(folder, 'rev-parse', 'main')).toBe(prepared.commit);
      expect(git(folder, 'fsck', '--no-progress', '--strict', '--no-dangling')).toBe('');
    },
  );
});

/** git with a text on its standard input. */
function pipe(folder: string, input: string | Buffer, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, env: userEnvironment, input, encoding: 'utf8' }).trim();
}

/** A tree object of exactly these entries, which git itself would not make. */
function rawTree(folder: string, entries: readonly (readonly [string, string, string])[]): string {
  const bytes = Buffer.concat(
    entries.map(([mode, name, oid]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])),
  );
  return pipe(folder, bytes, 'hash-object', '-t', 'tree', '-w', '--stdin', '--literally');
}

function unusualRepository(kind: string): { folder: string; base: string } {
  const lab =
    kind === 'SHA-256' ? makeRepository(scratch, someFiles, '--object-format=sha256') : makeRepository(scratch);
  const base = git(lab, 'rev-parse', 'HEAD');
  const folder = scratch.path(kind.replaceAll(' ', '-'));
  if (kind === 'bare') git(lab, 'clone', '--quiet', '--bare', lab, folder);
  if (kind === 'shallow') {
    commitAll(lab, 'One more');
    git(lab, 'clone', '--quiet', '--depth=1', `file://${lab}`, folder);
    git(folder, 'branch', '--unset-upstream');
    return { folder, base: git(folder, 'rev-parse', 'HEAD') };
  }
  if (kind === 'linked worktree') git(lab, 'worktree', 'add', '--quiet', '-b', 'aside', folder);
  if (kind === 'detached HEAD') {
    git(lab, 'checkout', '--quiet', '--detach');
    return { folder: lab, base };
  }
  return { folder: kind === 'SHA-256' ? lab : folder, base };
}

describe('which branch is main', () => {
  it('looking at another branch does not move main', async () => {
    const lab = makeRepository(scratch);
    const main = git(lab, 'rev-parse', 'main');
    git(lab, 'checkout', '--quiet', '-b', 'experiment');
    commitAll(lab, 'An experiment');
    expect(await (await open(lab)).refresh()).toMatchObject({ branch: 'main', commit: main });
  });

  it('INFRA_BRANCH names another one, and a name that is not there is told with those that are', async () => {
    const lab = makeRepository(scratch);
    git(lab, 'branch', 'production');
    expect(await (await open(lab, { branch: 'production' })).refresh()).toMatchObject({ branch: 'production' });
    await expect((await open(lab, { branch: 'prod' })).refresh()).rejects.toMatchObject({
      kind: 'NO_REPOSITORY',
      message: expect.stringMatching(/no branch prod.*main, production/),
    });
  });

  it('the only branch is main, whatever its name', async () => {
    const lab = makeRepository(scratch);
    git(lab, 'branch', '--move', 'trunk');
    git(lab, 'checkout', '--quiet', '--detach');
    expect(await (await open(lab)).refresh()).toMatchObject({ branch: 'trunk' });
  });

  it('one of several branches with no usual name and none checked out is asked for', async () => {
    const lab = makeRepository(scratch);
    git(lab, 'branch', '--move', 'one');
    git(lab, 'branch', 'two');
    git(lab, 'checkout', '--quiet', '--detach');
    await expect((await open(lab)).refresh()).rejects.toMatchObject({
      message: expect.stringContaining('INFRA_BRANCH to one of one, two'),
    });
  });
});

describe('refresh', () => {
  it('names what is uncommitted and writes nothing, not even the index', async () => {
    const lab = makeRepository(scratch);
    write(lab, {
      'site.yml': 'changed\n',
      'new file.yml': 'new\n',
      'a/b/c.yml': 'deep\n',
      'config/monitors.yml': 'x\n',
    });
    git(lab, 'add', 'config/monitors.yml');
    // A file whose time is not the one in the index: `git status` would write the index to note it.
    utimesSync(join(lab, 'inventory/hosts.yml'), 1, 1);
    const before = footprint(lab);
    utimesSync(join(lab, 'inventory/hosts.yml'), 2, 2);
    const state = await (await open(lab)).refresh();
    expect([...state.dirty].sort()).toEqual(['a/', 'config/monitors.yml', 'new file.yml', 'site.yml']);
    expect(footprint(lab)).toEqual(before);
  });

  it('no setting, hook or variable of the surroundings reaches the git that Chiffon runs', async () => {
    const lab = makeRepository(scratch);
    const planted = scratch.path('planted');
    const script = scratch.path('hook.sh');
    writeFileSync(script, `#!/bin/sh\ntouch ${planted}\n`);
    chmodSync(script, 0o755);
    git(lab, 'config', 'core.fsmonitor', script);
    for (const hook of ['reference-transaction', 'post-merge', 'post-checkout', 'post-index-change'])
      symlinkSync(script, join(lab, '.git/hooks', hook));
    process.env.GIT_DIR = '/nowhere';
    process.env.GIT_INDEX_FILE = '/nowhere/index';
    try {
      const repository = await open(lab);
      const prepared = await repository.prepareBranch(change((await repository.refresh()).commit));
      expect(await repository.merge(prepared)).toMatchObject({ type: 'merged' });
    } finally {
      delete process.env.GIT_DIR;
      delete process.env.GIT_INDEX_FILE;
    }
    expect(existsSync(planted)).toBe(false);
  });
});

describe('a snapshot', () => {
  it('holds the text files of a commit, not what lies in the checkout', async () => {
    const lab = makeRepository(scratch);
    const base = git(lab, 'rev-parse', 'HEAD');
    write(lab, { 'site.yml': 'uncommitted\n' });
    const { files, commit, unread } = await (await open(lab)).snapshot(toCommitSha(base));
    expect(Object.fromEntries(files)).toEqual(someFiles);
    expect([...files.keys()]).toEqual([...files.keys()].sort());
    expect(commit).toBe(base);
    expect(unread).toEqual([]);
  });

  it('says of every other file why it is not there', async () => {
    const lab = makeRepository(scratch);
    write(lab, {
      'logo.png': Buffer.from([0x89, 0x50, 0, 1]),
      'latin1.txt': Buffer.from([0x66, 0xfc, 0x72]),
      'big.sql': 'x'.repeat(1024 * 1024 + 1),
      'model.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
      'secret.yml': Buffer.from('\0GITCRYPT\0abc'),
      'with bom.yml': '\ufeffa: 1\n',
    });
    symlinkSync('site.yml', join(lab, 'link.yml'));
    symlinkSync('/etc/passwd', join(lab, 'out.yml'));
    const commit = commitAll(lab);
    git(lab, 'update-index', '--add', '--cacheinfo', `160000,${commit},roles/borrowed`);
    git(lab, 'commit', '--quiet', '--message=a submodule');
    const { files, unread } = await (await open(lab)).snapshot(toCommitSha(git(lab, 'rev-parse', 'HEAD')));
    expect(files.get('with bom.yml')).toBe('\ufeffa: 1\n');
    expect(unread).toEqual([
      { path: 'big.sql', why: 'larger than 1 MB' },
      { path: 'latin1.txt', why: 'not UTF-8 text' },
      { path: 'link.yml', why: 'a symbolic link' },
      { path: 'logo.png', why: 'binary' },
      { path: 'model.bin', why: 'a Git LFS pointer' },
      { path: 'out.yml', why: 'a symbolic link out of the repository, which runs do without' },
      { path: 'roles/borrowed', why: 'a submodule' },
      { path: 'secret.yml', why: 'encrypted by git-crypt' },
    ]);
  });

  it('stops at its limits, YAML first, and names what is beyond them', async () => {
    const lab = makeRepository(scratch, {
      'a.txt': 'aaaa',
      'b.yml': 'bbbb',
      'c.txt': 'cccc',
      'd.yml': 'dddd',
      'e.yml': 'eeeeeeeee',
    });
    const commit = toCommitSha(git(lab, 'rev-parse', 'HEAD'));
    const read = async (limits: SnapshotLimits) => {
      const { files, unread } = await makeSnapshotReader(makeGit({ folder: lab }), limits).snapshot(commit);
      return [[...files.keys()], unread.map(({ path, why }) => `${path}: ${why}`)];
    };
    const mb = 1024 * 1024;
    expect(await read({ fileBytes: 8, totalBytes: mb, files: 3 })).toEqual([
      ['a.txt', 'b.yml', 'd.yml'],
      ['c.txt: beyond the first 3 files', 'e.yml: larger than 0 MB'],
    ]);
    expect(await read({ fileBytes: mb, totalBytes: 10, files: 9 })).toEqual([
      ['b.yml', 'd.yml'],
      ['a.txt: beyond 0 MB in total', 'c.txt: beyond 0 MB in total', 'e.yml: beyond 0 MB in total'],
    ]);
  });

  it('reads names with spaces, quotes, line breaks and other alphabets', async () => {
    const lab = makeRepository(scratch);
    const odd = {
      'with space.yml': '1',
      'quo"te.yml': '2',
      'line\nbreak.yml': '3',
      'größe/日本.yml': '4',
      'tab\t.yml': '5',
      '-dash.yml': '6',
      'back\\slash.yml': '7',
    };
    write(lab, odd);
    const { files } = await (await open(lab)).snapshot(toCommitSha(commitAll(lab)));
    expect(Object.fromEntries(files)).toMatchObject(odd);
  });

  it('a commit that is not there is a fault, and is asked for again the next time', async () => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    await expect(repository.snapshot(toCommitSha('1'.repeat(40)))).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
    await expect(repository.snapshot(toCommitSha('1'.repeat(40)))).rejects.toMatchObject({ kind: 'COMMIT_MISSING' });
  });
});

describe('a prepared branch', () => {
  it('is one commit over the base, the same for the same input, and touches no checkout', async () => {
    const lab = makeRepository(scratch);
    const base = git(lab, 'rev-parse', 'HEAD');
    write(lab, { 'site.yml': 'work in progress\n' });
    const before = footprint(lab);
    const repository = await open(lab);
    const first = await repository.prepareBranch(change(base));
    const second = await repository.prepareBranch(change(base));
    expect(second).toEqual(first);
    expect(first.branch).toBe('chiffon/7');
    expect(footprint(lab)).toEqual(before);
    expect(git(lab, 'rev-parse', 'chiffon/7^')).toBe(base);
    expect(
      git(lab, 'show', '--format=%an <%ae> %ad|%cn <%ce>', '--date=iso-strict', '--name-status', 'chiffon/7'),
    ).toBe(
      'Chiffon <chiffon@localhost> 2026-03-01T12:00:00+00:00|Chiffon <chiffon@localhost>\n\nM\tconfig/monitors.yml',
    );
    expect(git(lab, 'log', '-1', '--format=%B', 'chiffon/7')).toBe(
      'Add a monitor\n\nChiffon-Task: 7\nChiffon-Revision: 1',
    );
  });

  it('is the same commit in another clone, whatever the user has configured', async () => {
    const lab = makeRepository(scratch);
    const other = scratch.path('clone');
    git(lab, 'clone', '--quiet', lab, other);
    git(other, 'config', 'user.name', 'Somebody');
    git(other, 'config', 'commit.gpgSign', 'true');
    git(other, 'config', 'core.autocrlf', 'true');
    git(other, 'config', 'i18n.commitEncoding', 'latin1');
    const base = git(lab, 'rev-parse', 'HEAD');
    expect(await (await open(other)).prepareBranch(change(base))).toEqual(
      await (await open(lab)).prepareBranch(change(base)),
    );
  });

  it('is made again for a new revision, from the base and not from the revision before', async () => {
    const lab = makeRepository(scratch);
    const base = git(lab, 'rev-parse', 'HEAD');
    const repository = await open(lab);
    await repository.prepareBranch(change(base, [{ path: 'extra.yml', text: 'a: 1\n' }]));
    const second = await repository.prepareBranch({ ...change(base), revision: 2 });
    expect(git(lab, 'rev-parse', 'chiffon/7')).toBe(second.commit);
    expect(git(lab, 'ls-tree', '-r', '--name-only', 'chiffon/7')).not.toContain('extra.yml');
  });

  it('keeps modes, makes new files plain, and writes names with odd characters', async () => {
    const lab = makeRepository(scratch, { 'run.sh': '#!/bin/sh\n' });
    chmodSync(join(lab, 'run.sh'), 0o755);
    const base = commitAll(lab);
    const files = [
      { path: 'run.sh', text: '#!/bin/sh\ntrue\n' },
      { path: 'neu/mit "Leerzeichen" ö\\.yml', text: '' },
    ];
    const repository = await open(lab);
    const { commit } = await repository.prepareBranch(change(base, files));
    expect(
      git(lab, 'ls-tree', '-r', '-z', commit)
        .split('\0')
        .map((line) => line.replace(/ blob .*\t/, ' ')),
    ).toEqual(['100644 neu/mit "Leerzeichen" ö\\.yml', '100755 run.sh', '']);
  });

  it.each([
    '../out.yml',
    'a/../../out.yml',
    '/etc/passwd',
    '.git/config',
    'a/.GIT/config',
    'a//b',
    'a/',
    '',
    './a',
    'git~1/config',
    'a\nb',
  ])('a file may not be %j', async (path) => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    await expect(
      repository.prepareBranch(change(git(lab, 'rev-parse', 'HEAD'), [{ path, text: '' }])),
    ).rejects.toMatchObject({ kind: 'GIT_FAILED' });
    expect(git(lab, 'branch', '--list', 'chiffon/*')).toBe('');
  });

  it('a file may not take the place of a folder, a link or a submodule, nor lie under a file', async () => {
    const lab = makeRepository(scratch);
    symlinkSync('site.yml', join(lab, 'link.yml'));
    const base = commitAll(lab);
    const repository = await open(lab);
    for (const path of ['config', 'link.yml', 'site.yml/below.yml'])
      await expect(repository.prepareBranch(change(base, [{ path, text: '' }]))).rejects.toMatchObject({
        kind: 'GIT_FAILED',
      });
  });

  it('a branch of that name with somebody else’s commit on it is left alone', async () => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    const base = git(lab, 'rev-parse', 'HEAD');
    await repository.prepareBranch(change(base));
    git(lab, 'checkout', '--quiet', 'chiffon/7');
    await expect(repository.prepareBranch({ ...change(base), revision: 2 })).rejects.toMatchObject({
      message: expect.stringContaining('checked out'),
    });
    const theirs = commitAll(lab, 'Mended by hand');
    git(lab, 'checkout', '--quiet', 'main');
    await expect(repository.prepareBranch({ ...change(base), revision: 2 })).rejects.toMatchObject({
      message: expect.stringContaining('Somebody else'),
    });
    expect(git(lab, 'rev-parse', 'chiffon/7')).toBe(theirs);
  });

  it('a lock that a stopped git left behind is named, and in the way until it is gone', async () => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    const lock = join(lab, '.git/refs/heads/chiffon/7.lock');
    write(lab, { '.git/refs/heads/chiffon/7.lock': '' });
    const base = git(lab, 'rev-parse', 'HEAD');
    await expect(repository.prepareBranch(change(base))).rejects.toMatchObject({
      kind: 'GIT_FAILED',
      retryable: true,
      message: expect.stringContaining(lock),
    });
    rmSync(lock);
    await expect(repository.prepareBranch(change(base))).resolves.toMatchObject({ branch: 'chiffon/7' });
  });
});

describe('a folder for a run', () => {
  it('holds exactly the commit, with executable bits and links inside it, and leaves no trace in the repository', async () => {
    const lab = makeRepository(scratch);
    write(lab, {
      'bin/tool': '#!/bin/sh\n',
      '.gitattributes': '*.yml text eol=crlf\nexported export-ignore\n',
      exported: 'x',
      'crlf.txt': 'a\r\nb\r\n',
    });
    chmodSync(join(lab, 'bin/tool'), 0o755);
    symlinkSync('../site.yml', join(lab, 'bin/site.yml'));
    const commit = commitAll(lab);
    git(lab, 'config', 'core.autocrlf', 'true');
    const before = git(lab, 'count-objects', '-v');
    const { path, leftOut, release } = await (await open(lab)).checkout(toCommitSha(commit));

    expect(leftOut).toEqual([]);
    expect(existsSync(join(path, '.git'))).toBe(false);
    expect(
      git(lab, 'ls-files', '--full-name')
        .split('\n')
        .every((name) => lstatSync(join(path, name), { throwIfNoEntry: false }) !== undefined),
    ).toBe(true);
    expect(readFileSync(join(path, 'site.yml'), 'utf8')).toBe(someFiles['site.yml']);
    expect(readFileSync(join(path, 'crlf.txt'), 'utf8')).toBe('a\r\nb\r\n');
    expect(statSync(join(path, 'bin/tool')).mode & 0o111).not.toBe(0);
    expect(statSync(join(path, 'site.yml')).mode & 0o111).toBe(0);
    expect(readlinkSync(join(path, 'bin/site.yml'))).toBe('../site.yml');
    expect(git(lab, 'worktree', 'list').split('\n')).toHaveLength(1);
    expect(git(lab, 'count-objects', '-v')).toBe(before);
    await release();
    expect(existsSync(path)).toBe(false);
  });

  it('leaves out and names links that lead out of the tree', async () => {
    const lab = makeRepository(scratch);
    mkdirSync(join(lab, 'a/b/c'), { recursive: true });
    mkdirSync(join(lab, 'top'));
    write(lab, { 'top/x': 'x' });
    symlinkSync('/etc/passwd', join(lab, 'absolute'));
    symlinkSync('../../elsewhere', join(lab, 'config/above'));
    symlinkSync('../../../top', join(lab, 'a/b/c/up'));
    symlinkSync('a/b/c/up/../../etc', join(lab, 'through'));
    const commit = commitAll(lab);
    const { path, leftOut, release } = await (await open(lab)).checkout(toCommitSha(commit));
    expect(leftOut).toEqual(['absolute', 'config/above', 'through']);
    expect(lstatSync(join(path, 'absolute'), { throwIfNoEntry: false })).toBeUndefined();
    expect(readFileSync(join(path, 'a/b/c/up/x'), 'utf8')).toBe('x');
    await release();
  });

  it('a tree made to mislead writes nothing outside its folder', async () => {
    const lab = makeRepository(scratch);
    const blob = git(lab, 'rev-parse', 'HEAD:site.yml');
    const link = pipe(lab, '/tmp', 'hash-object', '-w', '--stdin');
    const inner = rawTree(lab, [['100644', 'x', blob]]);
    const tree = rawTree(lab, [
      ['40000', '..', inner],
      ['40000', '.git', inner],
      ['40000', 'a', inner],
      ['120000', 'a', link],
      ['100644', 'site.yml', blob],
    ]);
    const commit = git(lab, 'commit-tree', '-m', 'misleading', tree);
    const dataFolder = scratch.path('data');
    const { path, leftOut, release } = await (await open(lab, { dataFolder })).checkout(toCommitSha(commit));
    expect(leftOut).toEqual(['../x', '.git/x', 'a']);
    expect(
      readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('/x')),
    ).toEqual([join('worktrees', basename(path), 'a/x')]);
    await release();
  });

  it('what a replace ref shows instead of a commit is not what runs', async () => {
    const lab = makeRepository(scratch);
    const commit = git(lab, 'rev-parse', 'HEAD');
    write(lab, { 'site.yml': 'another one\n' });
    git(lab, 'replace', commit, commitAll(lab));
    const repository = await open(lab);
    expect((await repository.snapshot(toCommitSha(commit))).files.get('site.yml')).toBe(someFiles['site.yml']);
    const { path, release } = await repository.checkout(toCommitSha(commit));
    expect(readFileSync(join(path, 'site.yml'), 'utf8')).toBe(someFiles['site.yml']);
    await release();
  });

  it('two at once of the same commit are two folders', async () => {
    const lab = makeRepository(scratch);
    const repository = await open(lab);
    const commit = toCommitSha(git(lab, 'rev-parse', 'HEAD'));
    const [one, two] = await Promise.all([repository.checkout(commit), repository.checkout(commit)]);
    expect(one.path).not.toBe(two.path);
    await one.release();
    await one.release();
    expect(readFileSync(join(two.path, 'site.yml'), 'utf8')).toBe(someFiles['site.yml']);
    await two.release();
  });

  it('what dead processes left behind goes at the next start; what a living one uses stays', async () => {
    const lab = makeRepository(scratch);
    const dataFolder = scratch.path('data');
    const commit = toCommitSha(git(lab, 'rev-parse', 'HEAD'));
    const inUse = await (await open(lab, { dataFolder })).checkout(commit);
    const dead = ['abcdef012345-999999999.abc-1', `abcdef012345-${process.pid}.0-1`].map((name) =>
      join(dataFolder, 'worktrees', name),
    );
    for (const folder of dead) write(folder, { 'site.yml': '' });
    await open(lab, { dataFolder });
    expect(dead.map((folder) => existsSync(folder))).toEqual([false, false]);
    expect(existsSync(inUse.path)).toBe(true);
    await inUse.release();
  });
});
