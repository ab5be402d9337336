// Main as the recheck before dispatch looks at it: as it stands now, at the remote too, however lately that was asked.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { clock, commitAll, git, makeLab, makeRepository, makeScratch, write } from './scratch.ts';

const scratch = makeScratch();

it('is asked of the remote, also while its last answer is fresh for planning', async () => {
  const lab = makeRepository(scratch);
  const origin = scratch.path('origin.git');
  git(scratch.root, 'clone', '--quiet', '--bare', lab, origin);
  const dataFolder = scratch.path('data');
  const source = `file://${origin}`;
  // The clock of these tests stands still: an answer is fresh for ever.
  const repository = await openInfrastructureRepository({ source, samplePath: '/none', dataFolder, clock });
  const { commit } = await repository.refresh();
  write(lab, { 'site.yml': '- hosts: all\n' });
  const moved = commitAll(lab);
  git(lab, 'push', '--quiet', origin, 'main');
  expect(await repository.refresh()).toMatchObject({ commit });
  expect(await repository.mainNow()).toEqual({ commit: moved, branch: 'main' });
  expect(await repository.refresh()).toMatchObject({ commit: moved });
});

it('of a local repository is what was committed a moment ago', async () => {
  const lab = await makeLab(scratch);
  expect(await lab.repository.mainNow()).toEqual({ commit: lab.head(), branch: 'main' });
  const moved = lab.commit({ 'site.yml': '- hosts: all\n' });
  expect(await lab.repository.mainNow()).toEqual({ commit: moved, branch: 'main' });
});

describe('a look at a local repository', () => {
  /** A repository whose files have lain there for a while, and a look at it that git answered. `gone`: git goes from this machine. */
  async function settled() {
    const bin = scratch.path('bin');
    mkdirSync(bin);
    symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(bin, 'git'));
    const path = process.env.PATH;
    process.env.PATH = bin;
    const lab = await makeLab(scratch).finally(() => {
      process.env.PATH = path;
    });
    const own = join(lab.folder, '.git');
    for (const name of ['config', 'packed-refs']) if (existsSync(join(own, name))) age(join(own, name));
    await lab.repository.mainNow();
    const away = `${bin}/away`;
    return {
      ...{ ...lab, own },
      gone: () => renameSync(join(bin, 'git'), away),
      back: () => renameSync(away, join(bin, 'git')),
    };
  }
  const age = (path: string) => utimesSync(path, new Date(0), new Date(Date.now() - 60_000));

  it('starts no process while nothing has changed, and sees every way in which main can', async () => {
    const { repository, own, folder, commit, head, gone, back } = await settled();
    const first = head();
    gone();
    expect(await repository.mainNow()).toEqual({ commit: first, branch: 'main' });
    back();
    const second = commit({ 'site.yml': '- hosts: one\n' });
    expect(await repository.mainNow()).toEqual({ commit: second, branch: 'main' });
    git(folder, 'pack-refs', '--all');
    expect(await repository.mainNow()).toEqual({ commit: second, branch: 'main' });
    age(join(own, 'packed-refs'));
    expect(await repository.mainNow()).toEqual({ commit: second, branch: 'main' });
    git(folder, 'update-ref', 'refs/heads/main', first);
    expect(await repository.mainNow()).toEqual({ commit: first, branch: 'main' });
    git(folder, 'branch', 'master', second);
    git(folder, 'checkout', '--quiet', 'master');
    expect(await repository.mainNow()).toEqual({ commit: second, branch: 'master' });
    git(folder, 'branch', '--quiet', '-D', 'main');
    git(folder, 'branch', '--quiet', '-m', 'master', 'main');
    expect(await repository.mainNow()).toEqual({ commit: second, branch: 'main' });
  });

  it('goes by git where refs are not files', async () => {
    const { repository, own, head } = await settled();
    mkdirSync(join(own, 'reftable'));
    expect(await repository.mainNow()).toEqual({ commit: head(), branch: 'main' });
  });
});
