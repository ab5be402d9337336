// How main stands now: its newest commit, what lies uncommitted beside it, and how far it is from its remote.
import type { Clock } from '../../core/ports/clock.ts';
import type { RepositoryState } from '../../core/ports/repository.ts';
import { aheadBehind, fetchUpstream } from './fetch.ts';
import { findMainline, type Mainline } from './mainline.ts';
import { type RefFolders, refFolders, refStamp } from './ref-stamp.ts';
import type { Site } from './site.ts';

export type RefreshOptions = {
  readonly clock: Clock;
  readonly fetchTimeoutMs: number;
  /** The remote is asked again when its last answer is older than this. */
  readonly freshForMs: number;
};

const shownPaths = 200;

export type Refreshing = {
  readonly refresh: () => Promise<{ readonly state: RepositoryState; readonly main: Mainline }>;
  /** Main alone, with the remote asked after this was called. */
  readonly mainNow: () => Promise<Mainline>;
};

export function makeRefresh(site: Site, options: RefreshOptions): Refreshing {
  const { ask, askNow } = makeAsking(site, options);
  const look = makeLook(site);
  const since = async (before: Mainline, asking: typeof ask) => {
    const answer = before.upstream === null ? null : await asking(before);
    return { answer, main: answer?.asked ? await look() : before };
  };
  const refresh: Refreshing['refresh'] = async () => {
    const [before, dirty] = await Promise.all([look(), dirtyPaths(site)]);
    const { answer, main } = await since(before, ask);
    const state = {
      commit: main.commit,
      branch: main.branch,
      dirty,
      ...(await aheadBehind(site, main)),
      name: site.name,
    };
    return { main, state: answer?.note === undefined ? state : { ...state, note: answer.note } };
  };
  return { refresh, mainNow: async () => (await since(await look(), askNow)).main };
}

/** Main, from git, or as git said it when its files were exactly what they are now. */
function makeLook(site: Site): () => Promise<Mainline> {
  let folders: Promise<RefFolders> | undefined;
  let last: { readonly stamp: string; readonly main: Mainline } | undefined;
  return async () => {
    // What the remote says of a clone's main is fetched into it, and is looked at by git.
    if (site.kind === 'clone') return findMainline(site);
    folders ??= refFolders(site.git);
    const stamp = await refStamp(await folders);
    if (stamp !== null && stamp.text === last?.stamp) return last.main;
    const main = await findMainline(site);
    // A ref that moved and came back between the two looks would stand here as it was for a moment.
    const isSame = stamp !== null && (stamp.loose.get(main.ref) ?? main.commit) === main.commit;
    last = isSame ? { stamp: stamp.text, main } : undefined;
    return main;
  };
}

/** One question to the remote at a time, and none while its last answer is fresh. `note` says when it gave none. */
function makeAsking(site: Site, { clock, fetchTimeoutMs, freshForMs }: RefreshOptions) {
  type Answer = { readonly asked: boolean; readonly note?: string };
  let freshUntil = Number.NEGATIVE_INFINITY;
  let last: Promise<Answer> = Promise.resolve({ asked: false });

  async function ask({ upstream }: Mainline): Promise<Answer> {
    if (upstream === null) return { asked: false };
    const fetched = await fetchUpstream(site, upstream, fetchTimeoutMs);
    if (fetched.type !== 'unreachable') return { asked: true };
    const note = `${upstream.url} cannot be reached (${fetched.reason}); this is how it stood when it last could be.`;
    return { asked: true, note };
  }

  const askNow = (main: Mainline): Promise<Answer> => {
    freshUntil = clock.now().getTime() + freshForMs;
    last = last.catch(() => undefined).then(() => ask(main));
    return last;
  };
  return {
    askNow,
    ask: (main: Mainline): Promise<Answer> => (clock.now().getTime() >= freshUntil ? askNow(main) : last),
  };
}

async function dirtyPaths(site: Site): Promise<readonly string[]> {
  if (site.bare) return [];
  const status = await site.git
    .ordinary()
    .status(['--untracked-files=normal', '--ignore-submodules=dirty', '--no-renames']);
  return status.files.map((file) => file.path).slice(0, shownPaths);
}
