// The infrastructure repository behind core's port: opened from a path, a URL or the sample, read at commits, changed on
// branches. Each method's work stands in the file of its name.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/ports/clock.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { makeQueue } from '../../core/queue.ts';
import { checkoutFolder, removeLeftovers } from './checkout.ts';
import { fetchCommit } from './fetch-commit.ts';
import { forgeLink } from './forge-link.ts';
import { findMainline, type Mainline } from './mainline.ts';
import { mergeIntoMain } from './merge.ts';
import { makeObjectReader } from './objects.ts';
import { openClone } from './open-clone.ts';
import { openOwn } from './open-own.ts';
import { openSample } from './open-sample.ts';
import { makePacks } from './pack.ts';
import { prepareBranch } from './prepare-branch.ts';
import { makeRefresh } from './refresh.ts';
import { looksLikeUrl } from './repository-url.ts';
import { forgetBranch, shareBranch } from './share-branch.ts';
import type { Site } from './site.ts';
import { makeSnapshotReader } from './snapshot.ts';

export type InfrastructureSettings = {
  /** INFRA_REPO: a path or a Git URL; undefined for the sample. */
  readonly source: string | undefined;
  /** INFRA_BRANCH; undefined for the repository's own main branch. */
  readonly branch?: string | undefined;
  readonly samplePath: string;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly cloneTimeoutMs?: number;
  readonly fetchTimeoutMs?: number;
  /** How long an answer of the remote counts as fresh. */
  readonly freshForMs?: number;
};

/** NO_REPOSITORY when there is none to open; its sentence says what to do. */
export async function openInfrastructureRepository(
  settings: InfrastructureSettings,
): Promise<InfrastructureRepository> {
  const site = await openSite(settings);
  const fetchTimeoutMs = settings.fetchTimeoutMs ?? 10_000;
  const worktrees = join(settings.dataFolder, 'worktrees');
  await mkdir(worktrees, { recursive: true });
  await removeLeftovers(worktrees);

  const reader = makeSnapshotReader(site.git, undefined, (commit) => fetchCommit(site, commit, fetchTimeoutMs));
  const readObjects = makeObjectReader(site.git);
  const { refresh, mainNow } = makeRefresh(site, {
    clock: settings.clock,
    fetchTimeoutMs,
    freshForMs: settings.freshForMs ?? 10_000,
  });
  // An empty repository has no main yet; refresh says so, for it can have been mended by then.
  let main: Mainline | null = await findMainline(site).catch(() => null);
  // What writes refs goes one after another, so that no call meets another's lock.
  const oneAtATime = makeQueue();

  return {
    async refresh() {
      const current = await refresh();
      main = current.main;
      return current.state;
    },
    mainNow: async () => {
      main = await mainNow();
      return { commit: main.commit, branch: main.branch };
    },
    snapshot: (commit) => reader.snapshot(commit),
    prepareBranch: (request) =>
      oneAtATime(async () => {
        const made = await prepareBranch(site.git, await reader.entries(request.base), request);
        const note = await shareBranch(site, made, fetchTimeoutMs);
        return note === null ? made : { ...made, note };
      }),
    merge: (request) => oneAtATime(() => mergeIntoMain(site, request, fetchTimeoutMs)),
    discardBranch: (request) => oneAtATime(() => forgetBranch(site, request, fetchTimeoutMs)).catch(() => undefined),
    checkout: async (commit) => checkoutFolder(readObjects, worktrees, commit, await reader.entries(commit)),
    pack: makePacks(site, fetchTimeoutMs),
    link: (commit) => (main?.upstream ? forgeLink(main.upstream.url, commit) : null),
  };
}

async function openSite(settings: InfrastructureSettings): Promise<Site> {
  const { source, branch, dataFolder } = settings;
  if (source === undefined || source.trim() === '') return openSample(settings, branch);
  if (looksLikeUrl(source)) return openClone(source, dataFolder, branch, settings.cloneTimeoutMs ?? 120_000);
  return openOwn(source, branch);
}
