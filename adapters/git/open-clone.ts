// A repository given by its URL: a bare clone in the data folder, fetched at each refresh. Credentials never lie in it.
import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import { type Git, makeGit } from './git.ts';
import { remoteReason } from './git-fault.ts';
import { renameUnlessThere } from './into-place.ts';
import { parseRepositoryUrl, type RepositoryUrl } from './repository-url.ts';
import type { Site } from './site.ts';

export async function openClone(
  source: string,
  dataFolder: string,
  wantedBranch: string | undefined,
  cloneTimeoutMs: number,
): Promise<Site> {
  const url = parseRepositoryUrl(source);
  const parent = join(dataFolder, 'repositories');
  const folder = join(parent, createHash('sha256').update(url.plain).digest('hex').slice(0, 16));
  await mkdir(parent, { recursive: true });
  if (!(await exists(folder))) await clone(url, folder, cloneTimeoutMs);
  return { git: gitFor(url, folder), kind: 'clone', bare: true, name: url.name, wantedBranch };
}

/** Built beside its place and renamed into it: a crash or a lost connection leaves nothing half done. */
async function clone(url: RepositoryUrl, folder: string, timeoutMs: number): Promise<void> {
  const building = `${folder}.new-${process.pid}`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building);
  const git = gitFor(url, building);
  try {
    await git.run(['init', '--quiet', '--bare', '--template=']);
    await git.run(['config', 'remote.origin.url', url.plain]);
    await git.run(['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*']);
    await git
      .ordinary(timeoutMs)
      .fetch('origin', '+refs/heads/*:refs/remotes/origin/*', ['--no-tags', '--no-write-fetch-head']);
    await noteMainBranch(git);
    await renameUnlessThere(building, folder);
  } catch (cause) {
    await rm(building, { recursive: true, force: true });
    const reason = remoteReason(cause, timeoutMs);
    throw new ChiffonError(
      'NO_REPOSITORY',
      `${url.name} cannot be cloned: ${reason}. Check INFRA_REPO, the network and the credentials.`,
      { cause },
    );
  }
}

/** Which branch the remote calls its main one. */
async function noteMainBranch(git: Git): Promise<void> {
  const head = await git.ordinary().listRemote(['--symref', 'origin', 'HEAD']);
  const ref = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(head)?.[1];
  if (ref !== undefined) await git.run(['symbolic-ref', 'refs/remotes/origin/HEAD', `refs/remotes/origin/${ref}`]);
}

/** The credentials go from this process's memory to git's helper through the environment: no argv, no file, no other helper. */
function gitFor(url: RepositoryUrl, folder: string): Git {
  if (url.credentials === null) return makeGit({ folder });
  const { origin } = new URL(url.plain);
  const answer = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$CHIFFON_GIT_USERNAME" "$CHIFFON_GIT_PASSWORD"; }; f`;
  return makeGit({
    folder,
    settings: [`credential.${origin}.helper=`, `credential.${origin}.helper=${answer}`],
    env: { CHIFFON_GIT_USERNAME: url.credentials.username, CHIFFON_GIT_PASSWORD: url.credentials.password },
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
