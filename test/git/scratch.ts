// Temp folders and real repositories for the tests of the git adapters. Everything is removed after the test file.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { type CommitSha, toCommitSha, toTaskId } from '../../core/ids.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A user's own git, with a name and a global configuration that no machine's settings reach. */
export const userEnvironment = {
  PATH: process.env.PATH ?? '',
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

export function makeScratch() {
  const root = mkdtempSync(join(tmpdir(), 'chiffon-git-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  return {
    root,
    /** A path that is not there yet. */
    path: (name = 'folder') => {
      count += 1;
      return join(root, `${name}-${count}`);
    },
  };
}

export type Scratch = ReturnType<typeof makeScratch>;

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    env: userEnvironment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Commits everything in the folder; gives the commit. */
export function commitAll(folder: string, message = 'A commit'): string {
  git(folder, 'add', '--all', '--force');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

export const someFiles: Files = {
  'site.yml': '- hosts: all\n  tasks: []\n',
  'config/monitors.yml': '# what is watched\nmonitors: []\n',
  'inventory/hosts.yml': 'all: {}\n',
};

/** A user's repository with one commit on main, main checked out. */
export function makeRepository(scratch: Scratch, files: Files = someFiles, ...init: readonly string[]): string {
  const folder = scratch.path('lab');
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch=main', ...init);
  write(folder, files);
  commitAll(folder, 'The lab');
  return folder;
}

/** Such a repository, opened by Chiffon. */
export async function makeLab(scratch: Scratch, files: Files = someFiles, ...init: readonly string[]) {
  const folder = makeRepository(scratch, files, ...init);
  const dataFolder = scratch.path('data');
  const repository = await openInfrastructureRepository({ source: folder, samplePath: '/none', dataFolder, clock });
  return {
    folder,
    repository,
    /** Another commit on main, with these files on top. */
    commit(more: Files): CommitSha {
      write(folder, more);
      return toCommitSha(commitAll(folder));
    },
    head: () => toCommitSha(git(folder, 'rev-parse', 'main')),
  };
}

export const task = toTaskId;
export const at = '2026-03-01T12:00:00.000Z';
export const clock = { now: () => new Date(at) };
