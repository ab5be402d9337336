// The sample homelab: copied at first start, a repository of the user's own from then on.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openInfrastructureRepository } from '../../adapters/git/open-infrastructure.ts';
import { at, clock, commitAll, git, makeScratch, someFiles, task, write } from './scratch.ts';

const scratch = makeScratch();

function sample(): string {
  const folder = scratch.path('sample');
  write(folder, { ...someFiles, 'bin/tool': '#!/bin/sh\n' });
  chmodSync(join(folder, 'bin/tool'), 0o755);
  return folder;
}

const open = (samplePath: string, dataFolder: string) =>
  openInfrastructureRepository({ source: undefined, samplePath, dataFolder, clock });

it('the first start copies it and commits it on main, by Chiffon', async () => {
  const dataFolder = scratch.path('data');
  const repository = await open(sample(), dataFolder);
  const homelab = join(dataFolder, 'homelab');
  const state = await repository.refresh();
  expect(state).toMatchObject({ branch: 'main', dirty: [], name: homelab });
  expect(git(homelab, 'log', '--format=%an <%ae> %aI', '--all')).toBe(
    `Chiffon <chiffon@localhost> ${at.replace('.000Z', '+00:00')}`,
  );
  expect(Object.fromEntries((await repository.snapshot(state.commit)).files)).toEqual({
    ...someFiles,
    'bin/tool': '#!/bin/sh\n',
  });
  expect(statSync(join(homelab, 'bin/tool')).mode & 0o111).not.toBe(0);
  expect(readdirSync(join(homelab, '.git')).includes('hooks')).toBe(false);
});

it('the next start leaves it as the user made it, even when the sample has changed', async () => {
  const [dataFolder, from] = [scratch.path('data'), sample()];
  await open(from, dataFolder);
  const homelab = join(dataFolder, 'homelab');
  write(homelab, { 'mine.yml': 'mine\n' });
  const mine = commitAll(homelab);
  writeFileSync(join(from, 'site.yml'), 'a newer sample\n');
  expect(await (await open(from, dataFolder)).refresh()).toMatchObject({ commit: mine });
  expect(readFileSync(join(homelab, 'site.yml'), 'utf8')).toBe(someFiles['site.yml']);
});

it('a first start that was cut off is begun again, and leaves nothing behind', async () => {
  const dataFolder = scratch.path('data');
  for (const name of ['homelab.new-1', `homelab.new-${process.pid}`])
    write(join(dataFolder, name), { 'site.yml': 'half' });
  mkdirSync(join(dataFolder, 'homelab.new-1', '.git'));
  await open(sample(), dataFolder);
  expect(readdirSync(dataFolder).sort()).toEqual(['homelab', 'worktrees']);
});

it('a change that was merged stands in its files', async () => {
  const dataFolder = scratch.path('data');
  const repository = await open(sample(), dataFolder);
  const { commit: base } = await repository.refresh();
  const files = [{ path: 'config/monitors.yml', text: 'monitors: [grafana]\n' }];
  const ready = await repository.prepareBranch({ task: task(1), revision: 1, base, files, message: 'Add', at });
  expect(await repository.merge(ready)).toEqual({ type: 'merged', commit: ready.commit, pushed: false, link: null });
  expect(readFileSync(join(dataFolder, 'homelab/config/monitors.yml'), 'utf8')).toBe('monitors: [grafana]\n');
  expect(await repository.refresh()).toMatchObject({ commit: ready.commit, dirty: [] });
  expect(repository.link(ready.commit)).toBeNull();
  expect(existsSync(join(dataFolder, 'homelab/.git/refs/heads/chiffon/1'))).toBe(false);
});
