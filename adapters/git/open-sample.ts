// The sample homelab, copied into the data folder at first start and made a repository; from then on it is the user's own.
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/ports/clock.ts';
import { makeGit } from './git.ts';
import { chiffonIdentity } from './identity.ts';
import { openOwn } from './open-own.ts';
import type { Site } from './site.ts';

export async function openSample(
  place: { readonly samplePath: string; readonly dataFolder: string; readonly clock: Clock },
  wantedBranch: string | undefined,
): Promise<Site> {
  const folder = join(place.dataFolder, 'homelab');
  if (!(await exists(folder))) await create(place.samplePath, place.dataFolder, folder, place.clock.now());
  return openOwn(folder, wantedBranch);
}

/** Built beside its place and renamed into it, so that a crash leaves either nothing or all of it. */
async function create(samplePath: string, dataFolder: string, folder: string, at: Date): Promise<void> {
  await mkdir(dataFolder, { recursive: true });
  const halfDone = (await readdir(dataFolder)).filter((name) => name.startsWith('homelab.new-'));
  for (const name of halfDone) await rm(join(dataFolder, name), { recursive: true, force: true });

  const building = join(dataFolder, `homelab.new-${process.pid}`);
  await cp(samplePath, building, { recursive: true, verbatimSymlinks: true });
  const git = makeGit({ folder: building, env: chiffonIdentity(at.toISOString()) });
  await git.run(['init', '--quiet', '--template=', '--initial-branch=main']);
  // Flushed together at the end: a file at a time takes seconds on a slow disk.
  await git.run(['-c', 'core.fsyncMethod=batch', 'add', '--all']);
  await git.run(['commit', '--quiet', '--message=The sample homelab, as Chiffon brought it']);
  await rename(building, folder);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
