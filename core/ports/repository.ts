// Git as Chiffon needs it: the infrastructure repository (read at a commit, changed on a branch), an agent's replica of
// single commits of it, and the audit repository.
import type { Snapshot } from '../catalogue/model.ts';
import type { CommitSha, TaskId } from '../ids.ts';

export type RepositoryState = {
  readonly commit: CommitSha;
  /** The main branch's name. */
  readonly branch: string;
  /** Paths changed but not committed in the user's checkout; plans never see them. */
  readonly dirty: readonly string[];
  /** Commits that main and its remote do not share, when there is a remote. */
  readonly ahead: number;
  readonly behind: number;
  /** How people know it: a URL without credentials, or a path. */
  readonly name: string;
  /** A sentence for people when the remote could not be asked: the state is the one of the last time it could. */
  readonly note?: string;
};

export type MergeResult =
  /** `note`: a sentence for people when something is left to them, such as a push. */
  | {
      readonly type: 'merged';
      readonly commit: CommitSha;
      readonly pushed: boolean;
      readonly link: string | null;
      readonly note?: string;
    }
  /** `reason`: a sentence for people; it names the branch that keeps the change. */
  | { readonly type: 'refused'; readonly reason: string };

/** A commit's files in a folder of their own. `leftOut`: submodules, and links that lead out of it. */
export type RunFolder = {
  readonly path: string;
  readonly leftOut: readonly string[];
  readonly release: () => Promise<void>;
};

/**
 * Every method that is given a commit fetches it first where there is a remote that has it. COMMIT_MISSING when neither
 * has it; GIT_FAILED, to be tried again, when the remote cannot be asked.
 */
export interface InfrastructureRepository extends CommitPacks {
  /** Fetches when there is a remote; the newest commit of main and how the checkout stands. */
  refresh(): Promise<RepositoryState>;
  /** Main's newest commit and name alone. The remote, where there is one, is asked now, however fresh its last answer is. */
  mainNow(): Promise<Pick<RepositoryState, 'commit' | 'branch'>>;
  /** The text files at a commit, bounded. The same commit is read once. */
  snapshot(commit: CommitSha): Promise<Snapshot>;
  /**
   * Makes (or remakes) branch `chiffon/<task>` with one commit over `base`; the same input gives the same commit, in every
   * clone. Touches no checkout. A repository given by its URL gets the branch pushed, for other bots to find it there;
   * `note` is a sentence for people when the remote did not take it.
   */
  prepareBranch(request: {
    readonly task: TaskId;
    readonly revision: number;
    readonly base: CommitSha;
    readonly files: readonly { readonly path: string; readonly text: string }[];
    readonly message: string;
    /** UTC ISO-8601, for the commit's date. */
    readonly at: string;
  }): Promise<{ readonly branch: string; readonly commit: CommitSha; readonly note?: string }>;
  /** Fast-forwards main to the commit, never forced, and pushes when there is a remote. Merging what is merged changes nothing. */
  merge(request: { readonly branch: string; readonly commit: CommitSha }): Promise<MergeResult>;
  /** Removes a branch that nobody will merge any more, here and at the remote, while it stands on that commit. Never fails. */
  discardBranch(request: { readonly branch: string; readonly commit: CommitSha }): Promise<void>;
  /** A folder with exactly that commit's files, of no checkout of the user's. */
  checkout(commit: CommitSha): Promise<RunFolder>;
  /** A page for a commit, where the remote is a known forge; else null. */
  link(commit: CommitSha): string | null;
}

/** Commits as an agent on another machine gets them: it has no credentials for the repository, only a Replica. */
export interface CommitPacks {
  /**
   * The commit with its whole tree and without its history, as a git pack that leaves out what is in the trees of `have`.
   * Only commits of main and of `chiffon/` branches leave the repository: any other one is a COMMIT_MISSING, and in `have`
   * it is passed over. REPOSITORY_TOO_LARGE above 64 MiB.
   */
  pack(commit: CommitSha, have: readonly CommitSha[]): Promise<Uint8Array>;
}

/** The commits that an agent was sent, and nothing else of the repository. One process at a time uses it. */
export interface Replica {
  has(commit: CommitSha): Promise<boolean>;
  /** The newest few that are here, newest first: what a pack may leave out. */
  have(): Promise<readonly CommitSha[]>;
  /**
   * Takes in what CommitPacks.pack gave. All of the commit is there and flushed to disk when it resolves; otherwise nothing
   * of the pack is kept. PACK_REFUSED when it is damaged, does not hold the whole commit, or holds what git forbids;
   * REPOSITORY_TOO_LARGE. A commit that is here already is not received again.
   */
  receive(commit: CommitSha, pack: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** As InfrastructureRepository.checkout. COMMIT_MISSING for a commit that was not received, or so long ago that it is gone. */
  checkout(commit: CommitSha): Promise<RunFolder>;
}

export type AuditEntry = {
  readonly task: TaskId;
  readonly seq: number;
  /** The chain's head at that event. */
  readonly hash: string;
  readonly title: string;
  /** Path in the audit repository to content. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly at: string;
};

export interface AuditRepository {
  /** A UUID made with the repository and kept in it: bots that share a folder share it, and how far it has come. */
  readonly id: string;
  /**
   * One commit; an entry whose seq is there already changes nothing. Resolves to the commit. Entries come in the order of
   * their seq: AUDIT_MISMATCH when a later one is there, or another one of that seq.
   */
  record(entry: AuditEntry): Promise<CommitSha>;
  /**
   * Every entry's seq and hash, oldest first, with its commit and whether its signature holds (null: not signed).
   * AUDIT_MISMATCH when there is a commit that Chiffon did not write.
   */
  entries(): Promise<
    readonly {
      readonly seq: number;
      readonly hash: string;
      readonly task: TaskId;
      readonly commit: CommitSha;
      readonly signed: boolean | null;
    }[]
  >;
  /** A file as it stands in the audit repository at a commit. */
  read(commit: CommitSha, path: string): Promise<string | undefined>;
  /** Paths of the files that lie there for people and are not what the last commit says. */
  altered(): Promise<readonly string[]>;
}
