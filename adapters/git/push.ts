// Hands a commit to the remote's branch, never forced: the remote refuses what is no fast-forward. Only a branch of Chiffon's
// own is replaced or deleted, and only while it stands where it was seen (a lease).
import { gitReason, remoteReason } from './git-fault.ts';
import type { Upstream } from './mainline.ts';
import type { Site } from './site.ts';

export type Pushed =
  | { readonly type: 'pushed' }
  /** The remote said no: it moved on, or the branch is protected. `reason` is what it said. */
  | { readonly type: 'rejected'; readonly reason: string; readonly moved: boolean }
  | { readonly type: 'unreachable'; readonly reason: string };

export async function push(
  site: Site,
  upstream: Upstream,
  commit: string,
  branch: string,
  timeoutMs: number,
): Promise<Pushed> {
  return pushed(site, upstream, `${commit}:refs/heads/${branch}`, [], timeoutMs);
}

/** `commit` null deletes the branch; `seen` is where the remote has it, null for nowhere. */
export async function replaceBranch(
  site: Site,
  upstream: Upstream,
  { commit, branch, seen }: { readonly commit: string | null; readonly branch: string; readonly seen: string | null },
  timeoutMs: number,
): Promise<Pushed> {
  const lease = `--force-with-lease=refs/heads/${branch}:${seen ?? ''}`;
  return pushed(site, upstream, `${commit ?? ''}:refs/heads/${branch}`, [lease], timeoutMs);
}

async function pushed(
  site: Site,
  upstream: Upstream,
  refspec: string,
  options: readonly string[],
  timeoutMs: number,
): Promise<Pushed> {
  try {
    await site.git.ordinary(timeoutMs).push(upstream.remote, refspec, ['--no-verify', '--no-signed', ...options]);
    return { type: 'pushed' };
  } catch (error) {
    const refused = rejection(error instanceof Error ? error.message : String(error));
    return refused ?? { type: 'unreachable', reason: remoteReason(error, timeoutMs) };
  }
}

/** A refusal is a porcelain line `!\t<from>:<to>\t[rejected] (why)`; anything else never reached the branch. */
function rejection(text: string): Pushed | null {
  const line = /^!\t[^\t]*\t\[([^\]]+)\](?: \((.*)\))?$/m.exec(text);
  if (line === null) return null;
  const [, how = '', why = ''] = line;
  const moved = how === 'rejected' || /non-fast-forward|fetch first|failed to update ref|cannot lock ref/.test(why);
  return { type: 'rejected', moved, reason: remoteWords(text) ?? (why === '' ? how : why) };
}

/** The forge's own explanation, e.g. `GitLab: You are not allowed to push code to protected branches`. */
function remoteWords(text: string): string | null {
  const words = [...text.matchAll(/^remote:\s*(.*\S)\s*$/gm)]
    .map((match) => match[1] ?? '')
    .filter((line) => /[a-z]/i.test(line));
  return words.length === 0 ? null : gitReason(words.slice(0, 3).join(' '));
}
