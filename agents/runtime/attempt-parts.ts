// What an attempt is made of and what is known of it while it goes on; shared by attempt.ts and watch.ts.
import type { Logger } from 'pino';
import type { AgentIdentity } from '../../core/contracts/identity.ts';
import type { CommitPack, StepGo } from '../../core/contracts/messages.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { Step } from '../../core/plan/plan.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { Redactor } from '../../core/redaction/redactor.ts';
import type { Execution, Executor } from './executor.ts';
import type { Journal } from './journal.ts';
import type { Outbox } from './outbox.ts';
import type { Voice } from './voice.ts';

/** Where an agent finds the files of a commit. One that shares core's repository needs no `replica`. */
export type AgentRepository = Pick<InfrastructureRepository, 'checkout'> & {
  readonly replica?: {
    readonly has: (commit: CommitSha) => Promise<boolean>;
    /** Commits that it holds, newest first. */
    readonly have: () => Promise<readonly CommitSha[]>;
    readonly receive: (commit: CommitSha, pack: Uint8Array) => Promise<void>;
  };
};

export type AttemptParts = {
  readonly identity: AgentIdentity;
  /** This life of the agent. */
  readonly instance: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly executor: Executor;
  readonly repository: AgentRepository;
  readonly journal: Journal;
  readonly voice: Voice;
  readonly log: Logger;
  readonly heartbeatMs: number;
  readonly permission?: PermissionLimits;
  readonly commits?: FetchLimits;
  /** Where an attempt's output waits for core. */
  readonly spoolPath: (key: string) => string;
};

export type PermissionLimits = {
  /** Between two claims; each is answered by itself. */
  readonly againMs: number;
  /** How old the claim may be that an answer is to. Well below core's lease: after it core may have given the attempt up. */
  readonly validMs: number;
};

/** Of asking core for a commit: between two askings, in all, and how large it may be. */
export type FetchLimits = { readonly againMs: number; readonly longestMs: number; readonly bytesAtMost: number };

/** Why an attempt is being stopped. */
export type StopReason = 'cancelled' | 'timeout' | 'shutdown';

export type Attempt = {
  /** Ends it for that reason, in whatever phase it is; the first reason counts. */
  readonly stop: (reason: StopReason) => void;
  /** Core lets it go, or a part of its commit has come. */
  readonly heard: (message: StepGo | CommitPack) => void;
  /** Resolves when the bus has the last word. Rejects when it could not be said; the journal knows then what to say later. */
  readonly done: Promise<void>;
};

/** What is to be stopped, and why it was, as far as it is known by now. */
export type Stopping = { reason?: StopReason; execution?: Execution; readonly signal: AbortSignal };

export type Prepared = {
  readonly execution: Execution;
  readonly redactor: Redactor;
  readonly step: Step;
  readonly outbox: Outbox;
};
