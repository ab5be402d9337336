// Main as the recheck before dispatch looks at it: as it stands now, at the remote too, however lately that was asked.
import { expect, it } from 'vitest';
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
