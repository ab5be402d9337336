// After a run that succeeded: the change becomes part of main, here and at the remote. Only ever a fast-forward.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { MergeResult } from '../../core/ports/repository.ts';
import { fastForward, hindrance, type Move } from './fast-forward.ts';
import { fetchUpstream } from './fetch.ts';
import { fetchCommit } from './fetch-commit.ts';
import { forgeLink } from './forge-link.ts';
import { chiffonEmail } from './identity.ts';
import { findMainline, type Mainline, type Upstream } from './mainline.ts';
import { type Pushed, push } from './push.ts';
import { forgetBranch, type OurBranch } from './share-branch.ts';
import type { Site } from './site.ts';

export type MergeRequest = OurBranch;

/**
 * The remote is asked first: what it refuses is not moved here either, and what it took is true whatever happens here.
 * Done twice, the second call finds the commit in main and only mends what is missing (a push that did not get through).
 */
export async function mergeIntoMain(site: Site, request: MergeRequest, timeoutMs: number): Promise<MergeResult> {
  const main = await findMainline(site);
  const result =
    site.kind === 'clone'
      ? await mergeClone(site, main, request, timeoutMs)
      : await mergeOwn(site, main, request, timeoutMs);
  // Main holds the commit now; the branch would only lengthen everybody's list.
  if (result.type === 'merged') await forgetBranch(site, request, timeoutMs);
  return result;
}

async function mergeClone(site: Site, main: Mainline, request: MergeRequest, timeoutMs: number): Promise<MergeResult> {
  const { upstream } = main;
  if (upstream === null) throw new ChiffonError('INTERNAL', 'A clone has lost its remote.');
  const merged: MergeResult = {
    type: 'merged',
    commit: request.commit,
    pushed: true,
    link: forgeLink(upstream.url, request.commit),
  };
  if (await contains(site, main.ref, request.commit)) return merged;
  const lost = await whyMissing(site, request, timeoutMs);
  if (lost !== null) return { type: 'refused', reason: `${main.branch} was not moved: ${lost}` };

  const pushed = await push(site, upstream, request.commit, upstream.branch, timeoutMs);
  if (pushed.type === 'pushed') return merged;
  if (pushed.type === 'unreachable') throw unreachable(main, upstream, pushed.reason);
  // Another bot, or a person, may have been faster with the same commit.
  const now = await fetchUpstream(site, upstream, timeoutMs);
  if (now.type === 'unreachable') throw unreachable(main, upstream, now.reason);
  if (await contains(site, main.ref, request.commit)) return merged;
  const shared = await push(site, upstream, request.commit, request.branch, timeoutMs);
  return refused(main, request, remoteSaid(pushed), shared.type === 'pushed' ? upstream.url : null);
}

/** A sentence when neither this clone nor the remote has the commit; a remote that is away is a fault. */
async function whyMissing(site: Site, { commit }: MergeRequest, timeoutMs: number): Promise<string | null> {
  try {
    await fetchCommit(site, commit, timeoutMs);
    return null;
  } catch (error) {
    if (error instanceof ChiffonError && error.kind === 'COMMIT_MISSING') return error.message;
    throw error;
  }
}

function unreachable(main: Mainline, upstream: Upstream, reason: string): ChiffonError {
  return new ChiffonError(
    'GIT_FAILED',
    `${upstream.url} cannot be reached, so ${main.branch} was not moved: ${reason}.`,
  );
}

async function mergeOwn(site: Site, main: Mainline, request: MergeRequest, timeoutMs: number): Promise<MergeResult> {
  const move = { ref: main.ref, from: main.commit, to: request.commit };
  const here = await contains(site, main.ref, request.commit);
  const objection = here ? null : await objectionTo(site, main, move);
  if (objection !== null) return refused(main, request, objection, null);

  const remote = main.upstream === null ? noRemote : await handOver(site, main, main.upstream, request, timeoutMs);
  if (remote.type === 'refused') return refused(main, request, remote.reason, null);
  const pushed = remote.type === 'pushed';
  const link = pushed && main.upstream !== null ? forgeLink(main.upstream.url, request.commit) : null;
  const merged = { type: 'merged', commit: request.commit, pushed, link } as const;

  const forward = here ? null : await fastForward(site.git, move);
  if (forward?.type !== 'held') return remote.type === 'kept-here' ? { ...merged, note: remote.reason } : merged;
  if (!pushed) return refused(main, request, forward.reason, null);
  const note = `The remote has it, but ${main.branch} here does not: ${forward.reason}. Run \`git pull\` there.`;
  return { ...merged, note };
}

/** Looked for before the remote is told anything; without a remote the fast-forward itself looks. */
async function objectionTo(site: Site, main: Mainline, move: Move): Promise<string | null> {
  if (!(await contains(site, move.to, move.from))) return 'it has moved on since the plan was made';
  return main.upstream === null ? null : hindrance(site.git, move);
}

type HandedOver =
  | { readonly type: 'pushed' | 'no-remote' }
  | { readonly type: 'kept-here'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };
const noRemote: HandedOver = { type: 'no-remote' };

/** The user's own commits that they have not pushed are not Chiffon's to publish: then the change waits for their push too. */
async function handOver(
  site: Site,
  main: Mainline,
  upstream: Upstream,
  { commit }: MergeRequest,
  timeoutMs: number,
): Promise<HandedOver> {
  const fetched = await fetchUpstream(site, upstream, timeoutMs);
  if (fetched.type === 'unreachable') {
    return keptHere(`the remote cannot be reached: ${fetched.reason}`, 'later');
  }
  if (fetched.type === 'gone') return keptHere(`the remote has no branch ${upstream.branch} yet`, 'when you are ready');
  if (await contains(site, upstream.ref, commit)) return { type: 'pushed' };
  const own = await unpublished(site, upstream, commit);
  if (own > 0) {
    const commits = own === 1 ? 'a commit of yours' : `${own} commits of yours`;
    return keptHere(`${main.branch} has ${commits} that the remote does not have`, 'when you are ready');
  }
  const pushed = await push(site, upstream, commit, upstream.branch, timeoutMs);
  if (pushed.type === 'pushed') return { type: 'pushed' };
  return pushed.type === 'rejected'
    ? { type: 'refused', reason: remoteSaid(pushed) }
    : keptHere(pushed.reason, 'later');
}

/** Commits before this one that the remote does not have and that are not Chiffon's. */
async function unpublished(site: Site, upstream: Upstream, commit: CommitSha): Promise<number> {
  const committers = await site.git.run(['log', '--format=%ce', `${upstream.ref}..${commit}^`, '--']);
  return committers.split('\n').filter((email) => email !== '' && email !== chiffonEmail).length;
}

function keptHere(why: string, when: string): HandedOver {
  return { type: 'kept-here', reason: `Not pushed, because ${why}. Run \`git push\` ${when}.` };
}

function remoteSaid(pushed: Pushed & { type: 'rejected' }): string {
  return pushed.moved
    ? 'the remote’s branch has moved on since the plan was made'
    : `the remote refused the push: ${pushed.reason}`;
}

function refused(main: Mainline, request: MergeRequest, why: string, shared: string | null): MergeResult {
  const where = shared === null ? '' : ` of ${shared}`;
  return {
    type: 'refused',
    reason: `${main.branch} was not moved: ${why}. The change is kept on branch ${request.branch}${where}; merge it by hand, or ask again.`,
  };
}

async function contains(site: Site, descendant: string, ancestor: string): Promise<boolean> {
  const answer = await site.git.attempt(['merge-base', '--is-ancestor', ancestor, descendant]);
  return answer.ok;
}
