// An agent's own copy of the commits that it was sent: the git side of an agent that has no credentials for the repository.
//
//   bot: pack(commit, have) ──bus──► agent: receive(commit, pack) ─► checkout(commit) ─► run
//
// A pack is proved in a quarantine before anything of it counts (receive-pack.ts); what counts stands in kept-commits.ts.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { Replica } from '../../core/ports/repository.ts';
import { makeQueue } from '../../core/queue.ts';
import { checkoutFolder, removeLeftovers } from './checkout.ts';
import { type KeptCommits, openKeptCommits } from './kept-commits.ts';
import { makeObjectReader } from './objects.ts';
import { provePack } from './receive-pack.ts';
import { readTree, type TreeEntry } from './tree.ts';

export type ReplicaSettings = {
  /** Of this replica alone. */
  readonly folder: string;
  /** When so many commits are here, all but the newest `fewest` go; one with a checkout in use stays. */
  readonly most?: number;
  readonly fewest?: number;
};

const treesKept = 4;
const entriesKept = 10_000;

/** One process at a time. What a crash left half done is cleared away here. */
export async function openReplica({ folder, most = 30, fewest = 20 }: ReplicaSettings): Promise<Replica> {
  const worktrees = join(folder, 'worktrees');
  await mkdir(worktrees, { recursive: true });
  await removeLeftovers(worktrees);
  // git keeps the two kinds of names apart; a repository has one of them.
  const sha1 = withReading(await openKeptCommits(join(folder, 'sha1.git'), 'sha1'));
  const sha256 = withReading(await openKeptCommits(join(folder, 'sha256.git'), 'sha256'));
  const storeOf = (commit: CommitSha) => (commit.length === 64 ? sha256 : sha1);
  const has = (commit: CommitSha) => storeOf(commit).list().includes(commit);
  // Half of what stays in any case: what was named is still here when the pack that leans on it comes.
  const named = Math.min(8, Math.ceil(fewest / 2));
  const oneAtATime = makeQueue();
  const inUse = new Map<CommitSha, number>();

  async function tidy(store: KeptCommits): Promise<void> {
    const commits = store.list();
    if (commits.length < most) return;
    await store.drop(commits.slice(0, -fewest).filter((commit) => !inUse.has(commit)));
  }

  return {
    has: async (commit) => has(commit),
    have: async () => [sha1, sha256].flatMap((store) => store.list().slice(-named).reverse()),
    receive: (commit, pack) =>
      oneAtATime(async () => {
        if (has(commit)) return;
        const store = storeOf(commit);
        await provePack(store.git, store.list(), commit, pack, (proved) => store.add(commit, proved));
        // The commit is here whether or not the old ones go now; the next time will do as well.
        await tidy(store).catch(() => undefined);
      }),
    checkout: async (commit) => {
      if (!has(commit)) throw new ChiffonError('COMMIT_MISSING', `The agent has no commit ${commit.slice(0, 8)}.`);
      const free = markUsed(inUse, commit);
      try {
        const store = storeOf(commit);
        const run = await checkoutFolder(store.read, worktrees, commit, await store.tree(commit));
        return { ...run, release: () => run.release().finally(free) };
      } catch (fault) {
        free();
        throw fault;
      }
    },
  };
}

/** The trees of the last few commits are kept, as their small files are: the next step of a run needs them again. */
function withReading(store: KeptCommits) {
  const trees = new Map<CommitSha, readonly TreeEntry[]>();
  return {
    ...store,
    read: makeObjectReader(store.git),
    tree: async (commit: CommitSha): Promise<readonly TreeEntry[]> => {
      const entries = trees.get(commit) ?? (await readTree(store.git, commit));
      if (entries.length <= entriesKept) trees.set(commit, entries);
      const [oldest] = trees.keys();
      if (trees.size > treesKept && oldest !== undefined) trees.delete(oldest);
      return entries;
    },
  };
}

/** Counts it as in use until the function that comes back is called, which counts once. */
function markUsed(inUse: Map<CommitSha, number>, commit: CommitSha): () => void {
  inUse.set(commit, (inUse.get(commit) ?? 0) + 1);
  let done = false;
  return () => {
    if (done) return;
    done = true;
    const left = (inUse.get(commit) ?? 1) - 1;
    if (left === 0) inUse.delete(commit);
    else inUse.set(commit, left);
  };
}
