// The truth, and what stands beside it: the port of every store. One adapter gives all of it, on PGlite or on a server.
import type { ActorId, ConversationId, RunId, TaskId } from '../ids.ts';
import type { ChainLink } from '../task/chain.ts';
import type { StoredEvent, TaskEvent, TaskEventType } from '../task/event.ts';
import type { TaskStatus } from '../task/state.ts';

export type AppendRequest = {
  readonly task: TaskId;
  /** The version that the decision was made on; 0 for a new task. */
  readonly expectedVersion: number;
  readonly actor: ActorId;
  /** UTC ISO-8601. */
  readonly at: string;
  readonly events: readonly TaskEvent[];
  /** Keys that are appended for once: a message that comes twice has its effect once. */
  readonly once?: string | readonly string[] | undefined;
  /** The append holds only while this leadership stands. */
  readonly fence?: Fence | undefined;
};

export type AppendResult =
  | { readonly type: 'appended'; readonly events: readonly StoredEvent[] }
  /** A key of `once` was used before, for this task; of several the first that was. */
  | { readonly type: 'repeated'; readonly task: TaskId }
  /** Somebody else appended first: read again and decide again. */
  | { readonly type: 'conflict'; readonly actualVersion: number };

export interface EventLog {
  /** Durable when it resolves: fsynced, and chained to the event before. Throws FENCED when the fence no longer stands. */
  append(request: AppendRequest): Promise<AppendResult>;
  /** The number for a new task; a gap-free one, taken only by the append with expectedVersion 0. */
  nextTask(): Promise<TaskId>;
  /** The number of a task's events, which is the version to append on; 0 for a task that is not there. */
  versionOf(task: TaskId): Promise<number>;
  /** The task that a key of `once` was used for, if it was. */
  usedFor(key: string): Promise<TaskId | undefined>;
  /** A task's events in order; only those of these types when `types` is given. */
  readTask(task: TaskId, types?: readonly TaskEventType[]): Promise<readonly StoredEvent[]>;
  /** Events with seq > after, in order, at most `limit`. */
  readAfter(after: number, limit: number): Promise<readonly StoredEvent[]>;
  /** The same, as recorded and unparsed, for checking the chain (core/task/chain.ts). */
  readChain(after: number, limit: number): Promise<readonly ChainLink[]>;
  /** The last event's seq and hash; seq 0 and 64 zeros for an empty log. */
  head(): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Calls back after each append by anyone, with the newest seq; may coalesce, and may call once with no append. Returns how to stop. */
  subscribe(listener: (seq: number) => void): () => void;
}

export type OutputChunk = {
  readonly run: RunId;
  readonly step: number;
  readonly attempt: number;
  /** 1 and upwards without gaps for one attempt. */
  readonly seq: number;
  /** Whole lines, each ended by \n. */
  readonly text: string;
  readonly lines: number;
};

export interface OutputStore {
  /** Stores chunks; one that is there already changes nothing. */
  appendOutput(chunks: readonly OutputChunk[]): Promise<void>;
  /** Chunks with seq > after, in order. */
  readOutput(run: RunId, step: number, attempt: number, after: number, limit: number): Promise<readonly OutputChunk[]>;
  /** Count of chunks, lines and bytes, and the highest seq with no gap before it. */
  outputExtent(
    run: RunId,
    step: number,
    attempt: number,
  ): Promise<{ readonly chunks: number; readonly lines: number; readonly bytes: number; readonly contiguous: number }>;
}

/** What a projector has done, so that it goes on from there after any crash. */
export interface ProjectorStore {
  /** 0 where there is none. */
  checkpoint(projector: string): Promise<number>;
  /** Throws FENCED when the fence no longer stands, as does saveDelivered. */
  saveCheckpoint(projector: string, seq: number, fence?: Fence): Promise<void>;
  /** What a projector put outside under a key of its own (a message's id, a commit), or undefined. */
  delivered(projector: string, key: string): Promise<string | undefined>;
  saveDelivered(projector: string, key: string, reference: string, fence?: Fence): Promise<void>;
}

/** What a projector keeps that nobody else may read, such as the keys of an encrypted chat: sealed as secrets are. */
export interface SealedStore {
  /** Every value whose key begins so. Throws SECRET_UNREADABLE. */
  sealed(projector: string, prefix: string): Promise<ReadonlyMap<string, string>>;
  /** All of it or nothing; null takes a key away. Throws FENCED. */
  saveSealed(projector: string, changes: ReadonlyMap<string, string | null>, fence?: Fence): Promise<void>;
}

/** Proof of a leadership, to be shown with what only the leader may write. A later leader has a higher token. */
export type Fence = { readonly name: string; readonly token: number };

export type Leadership = {
  readonly fence: Fence;
  /** Aborted when the leadership is over: released, its connection lost, or this process not heard of in time. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
};

/** One process at a time does a work that must not be done twice; another takes over in under 5 s when it dies. */
export interface LeaderElection {
  /** Resolves when this process is the leader for `name`; rejects with the signal's reason. */
  lead(name: string, signal: AbortSignal): Promise<Leadership>;
}

/** One row a task, for status and history; derived from the log. */
export type TaskRow = {
  readonly task: TaskId;
  readonly state: string;
  readonly request: string;
  readonly conversation: ConversationId;
  readonly requester: ActorId;
  readonly receivedAt: string;
  readonly updatedAt: string;
  readonly costMicroUsd: number;
  /** A short sentence: what it waits for or how it ended. */
  readonly summary: string;
};

export interface TaskTable {
  /** Throws FENCED when the fence no longer stands. */
  saveTask(row: TaskRow, fence?: Fence): Promise<void>;
  /** Newest first. `open` leaves out the ended ones. */
  listTasks(filter: {
    readonly open?: boolean;
    readonly states?: readonly TaskStatus[];
    readonly conversation?: ConversationId;
    readonly limit: number;
    readonly before?: TaskId;
  }): Promise<readonly TaskRow[]>;
  /** What the tasks received since then (UTC ISO-8601; all where it is null) cost together. `free`: how many of them cost nothing. */
  taskCosts(since: string | null): Promise<TaskCosts>;
  /** Those that cost something, the dearest first. */
  dearestTasks(limit: number): Promise<readonly TaskRow[]>;
}

export type TaskCosts = { readonly tasks: number; readonly free: number; readonly costMicroUsd: number };

/** Secret values, outside the chain, encrypted at rest, gone when their task ends. */
export interface SecretStore {
  putSecret(task: TaskId, reference: string, value: string): Promise<void>;
  secret(reference: string): Promise<string | undefined>;
  forgetSecrets(task: TaskId): Promise<void>;
}

export interface Store
  extends EventLog,
    OutputStore,
    ProjectorStore,
    LeaderElection,
    TaskTable,
    SecretStore,
    SealedStore {
  close(): Promise<void>;
}
