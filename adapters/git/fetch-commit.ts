// A commit that this clone may not have yet, because another bot made it: looked for here, then at the remote.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import { remoteReason } from './git-fault.ts';
import { findMainline } from './mainline.ts';
import type { Site } from './site.ts';

/** COMMIT_MISSING when it is neither here nor at the remote; GIT_FAILED when the remote cannot be asked. */
export async function fetchCommit(site: Site, commit: CommitSha, timeoutMs: number): Promise<void> {
  if (await isHere(site, commit)) return;
  if (site.kind === 'clone') {
    await fetchOurs(site, timeoutMs);
    if (await isHere(site, commit)) return;
  }
  throw new ChiffonError(
    'COMMIT_MISSING',
    `${site.name} has no commit ${commit.slice(0, 8)} any more: make the request again.`,
  );
}

/** Main and every branch of Chiffon's; those that are gone at the remote are forgotten here. */
async function fetchOurs(site: Site, timeoutMs: number): Promise<void> {
  const { upstream } = await findMainline(site);
  if (upstream === null) return;
  const refspecs = [
    `+refs/heads/${upstream.branch}:${upstream.ref}`,
    '+refs/heads/chiffon/*:refs/remotes/origin/chiffon/*',
  ];
  const options = ['--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--refmap='];
  try {
    await site.git.ordinary(timeoutMs).raw(['fetch', ...options, upstream.remote, ...refspecs]);
  } catch (error) {
    throw new ChiffonError(
      'GIT_FAILED',
      `${upstream.url} cannot be reached (${remoteReason(error, timeoutMs)}), and a commit is needed that only it has.`,
    );
  }
}

async function isHere(site: Site, commit: CommitSha): Promise<boolean> {
  return (await site.git.attempt(['cat-file', '-e', `${commit}^{commit}`])).ok;
}
