// How main stands now: its newest commit, what lies uncommitted beside it, and how far it is from its remote.
import { ChiffonError } from '../../core/error.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { RepositoryState } from '../../core/ports/repository.ts';
import { aheadBehind, fetchUpstream } from './fetch.ts';
import { findMainline } from './mainline.ts';
import type { Mainline, Site } from './site.ts';

export type RefreshOptions = {
  readonly clock: Clock;
  readonly fetchTimeoutMs: number;
  /** The remote is asked again when the last answer is older than this. */
  readonly freshForMs: number;
};

const shownPaths = 200;

export function makeRefresh(site: Site, options: RefreshOptions): () => Promise<RepositoryState> {
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let note: string | null = null;

  async function fetchIfStale(main: Mainline): Promise<void> {
    if (main.upstream === null) return;
    const now = options.clock.now().getTime();
    if (now - fetchedAt < options.freshForMs) return;
    const fetched = await fetchUpstream(site, main.upstream, options.fetchTimeoutMs);
    fetchedAt = now;
    note =
      fetched.type === 'unreachable'
        ? `${main.upstream.url} cannot be reached (${fetched.reason}); this is how it stood when it last could be.`
        : null;
  }

  return async () => {
    const main = await findMainline(site);
    await fetchIfStale(main);
    const [commit, dirty, distance] = await Promise.all([
      newestCommit(site, main),
      dirtyPaths(site),
      aheadBehind(site, main),
    ]);
    const state = { commit, branch: main.branch, dirty, ...distance, name: site.name };
    return note === null ? state : { ...state, note };
  };
}

async function newestCommit(site: Site, main: Mainline) {
  const found = await site.git.attempt(['rev-parse', '--verify', '--quiet', `${main.ref}^{commit}`]);
  if (found.ok) return toCommitSha(found.stdout.trim());
  throw new ChiffonError(
    'NO_REPOSITORY',
    `${site.name} has no branch ${main.branch} with a commit: push one, or set INFRA_BRANCH.`,
  );
}

async function dirtyPaths(site: Site): Promise<readonly string[]> {
  if (site.bare) return [];
  const status = await site.git
    .ordinary()
    .status(['--untracked-files=normal', '--ignore-submodules=dirty', '--no-renames']);
  return status.files.map((file) => file.path).slice(0, shownPaths);
}
