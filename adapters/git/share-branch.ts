// Branches `chiffon/<task>` at the remote of a clone: there another bot finds the change when the one that made it is gone.
// Pushed when they are made, deleted when they are merged or discarded. The user's own repository keeps its branches itself.
import type { CommitSha } from '../../core/ids.ts';
import { fetchUpstream } from './fetch.ts';
import { chiffonEmail } from './identity.ts';
import { findMainline, type Upstream } from './mainline.ts';
import { type Pushed, replaceBranch } from './push.ts';
import type { Site } from './site.ts';
import { checkoutsOf } from './worktree-list.ts';

export type OurBranch = { readonly branch: string; readonly commit: CommitSha };

/** Null when the remote has it now, or there is none; else a sentence for people why it does not. Planning goes on either way. */
export async function shareBranch(site: Site, ours: OurBranch, timeoutMs: number): Promise<string | null> {
  const { upstream } = site.kind === 'clone' ? await findMainline(site) : noUpstream;
  if (upstream === null) return null;
  const pushed = await pushOver(site, upstream, ours, timeoutMs);
  if (pushed.type === 'pushed') return null;
  return `${upstream.url} did not take branch ${ours.branch} (${pushed.reason}): only the bot that made this plan can run it.`;
}

async function pushOver(site: Site, upstream: Upstream, ours: OurBranch, timeoutMs: number): Promise<Pushed> {
  const ref = `refs/remotes/origin/${ours.branch}`;
  const believed = await tipOf(site, ref);
  if (believed === null || (await replaces(site, ours.commit, believed))) {
    const first = await replaceBranch(site, upstream, { ...ours, seen: believed }, timeoutMs);
    if (first.type !== 'rejected' || !first.moved) return first;
  }
  // It is not where this clone last saw it: another bot made an earlier plan for the task, or somebody changed it.
  const found = await fetchUpstream(site, { remote: upstream.remote, branch: ours.branch, ref }, timeoutMs);
  if (found.type === 'unreachable') return found;
  const seen = found.type === 'gone' ? null : await tipOf(site, ref);
  if (seen !== null && !(await replaces(site, ours.commit, seen))) {
    return { type: 'rejected', moved: true, reason: 'there is a newer commit, or somebody else’s, on it' };
  }
  return replaceBranch(site, upstream, { ...ours, seen }, timeoutMs);
}

/** Whether what is there is a plan of Chiffon's for the same task that came before: a bot that lost its turn does not come after. */
async function replaces(site: Site, ours: CommitSha, theirs: string): Promise<boolean> {
  if (ours === theirs) return true;
  const format = '%ce%x00%ct%x00%(trailers:key=Chiffon-Revision,valueonly,separator=%x2C)';
  const told = await site.git.run(['log', '--no-walk=unsorted', `--format=${format}`, ours, theirs, '--']);
  const [mine, other] = told.split('\n').map((line) => {
    const [email, at, revision] = line.split('\0');
    return { email, at: Number(at), revision: Number(revision) };
  });
  if (mine === undefined || other?.email !== chiffonEmail) return false;
  return mine.revision === other.revision ? mine.at >= other.at : mine.revision > other.revision;
}

/** Left where somebody looks at it or changed it. A remote that is away keeps its copy; that is no fault. */
export async function forgetBranch(site: Site, { branch, commit }: OurBranch, timeoutMs: number): Promise<void> {
  if (!branch.startsWith('chiffon/')) return;
  if ((await checkoutsOf(site.git, `refs/heads/${branch}`)).length > 0) return;
  await site.git.attempt(['update-ref', '-d', `refs/heads/${branch}`, commit]);
  if (site.kind !== 'clone' || (await tipOf(site, `refs/remotes/origin/${branch}`)) !== commit) return;
  const { upstream } = await findMainline(site);
  if (upstream !== null) await replaceBranch(site, upstream, { branch, commit: null, seen: commit }, timeoutMs);
}

async function tipOf(site: Site, ref: string): Promise<string | null> {
  const found = await site.git.attempt(['rev-parse', '--verify', '--quiet', ref]);
  return found.ok ? found.stdout.trim() : null;
}

const noUpstream = { upstream: null };
