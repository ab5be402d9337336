// Git as Chiffon needs it: the infrastructure repository (read at a commit, changed on a branch) and the audit repository.
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

export interface InfrastructureRepository {
  /** Fetches when there is a remote; the newest commit of main and how the checkout stands. */
  refresh(): Promise<RepositoryState>;
  /** The text files at a commit, bounded. The same commit is read once. */
  snapshot(commit: CommitSha): Promise<Snapshot>;
  /** Makes (or remakes) branch `chiffon/<task>` with one commit over `base`; the same input gives the same commit. Touches no checkout. */
  prepareBranch(request: {
    readonly task: TaskId;
    readonly revision: number;
    readonly base: CommitSha;
    readonly files: readonly { readonly path: string; readonly text: string }[];
    readonly message: string;
    /** UTC ISO-8601, for the commit's date. */
    readonly at: string;
  }): Promise<{ readonly branch: string; readonly commit: CommitSha }>;
  /** Fast-forwards main to the commit, never forced, and pushes when there is a remote. Merging what is merged changes nothing. */
  merge(request: { readonly branch: string; readonly commit: CommitSha }): Promise<MergeResult>;
  /** A folder with exactly that commit's files, of no checkout of the user's. `leftOut`: submodules, and links that lead out of it. */
  checkout(
    commit: CommitSha,
  ): Promise<{ readonly path: string; readonly leftOut: readonly string[]; readonly release: () => Promise<void> }>;
  /** A page for a commit, where the remote is a known forge; else null. */
  link(commit: CommitSha): string | null;
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
