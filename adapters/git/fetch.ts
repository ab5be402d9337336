// What the remote says a branch is. Main is fetched into a ref of Chiffon's own, so that the user's remote-tracking branches stay as
// they left them (`git push --force-with-lease` trusts those).
import { remoteReason } from './git-fault.ts';
import type { Mainline, Upstream } from './mainline.ts';
import type { Site } from './site.ts';

/** `unreachable` is a sentence; what was fetched before still stands. `gone`: the remote has no such branch. */
export type Fetched =
  | { readonly type: 'fetched' }
  | { readonly type: 'gone' }
  | { readonly type: 'unreachable'; readonly reason: string };

export async function fetchUpstream(site: Site, upstream: Omit<Upstream, 'url'>, timeoutMs: number): Promise<Fetched> {
  const refspec = `+refs/heads/${upstream.branch}:${upstream.ref}`;
  try {
    await site.git
      .ordinary(timeoutMs)
      .fetch(upstream.remote, refspec, ['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--refmap=']);
    return { type: 'fetched' };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/couldn't find remote ref/.test(text)) return { type: 'gone' };
    return { type: 'unreachable', reason: remoteReason(error, timeoutMs) };
  }
}

/** Commits that only main has, and that only its upstream has; zeros while nothing was ever fetched. */
export async function aheadBehind(
  site: Site,
  main: Mainline,
): Promise<{ readonly ahead: number; readonly behind: number }> {
  if (main.upstream === null || main.upstream.ref === main.ref) return { ahead: 0, behind: 0 };
  const counted = await site.git.attempt([
    'rev-list',
    '--left-right',
    '--count',
    `${main.ref}...${main.upstream.ref}`,
    '--',
  ]);
  const [ahead = 0, behind = 0] = counted.ok ? counted.stdout.trim().split('\t').map(Number) : [];
  return { ahead, behind };
}
