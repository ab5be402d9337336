// What an attempt is made of and what is known of it while it goes on; shared by attempt.ts and watch.ts.
import type { Logger } from 'pino';
import type { Step } from '../../core/plan/plan.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { Redactor } from '../../core/redaction/redactor.ts';
import type { Speaker } from './envelope.ts';
import type { Execution, Executor } from './executor.ts';
import type { Journal } from './journal.ts';
import type { Sender } from './sender.ts';

export type AttemptParts = Speaker & {
  readonly pool: string;
  readonly executor: Executor;
  readonly repository: Pick<InfrastructureRepository, 'checkout'>;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly log: Logger;
  readonly heartbeatMs: number;
};

/** Why an attempt is being stopped. */
export type StopReason = 'cancelled' | 'timeout' | 'shutdown';

export type Attempt = {
  /** Ends it for that reason, in whatever phase it is; the first reason counts. */
  readonly stop: (reason: StopReason) => void;
  /** Resolves when core has the last word. Rejects when it could not be said; the journal knows then what to say later. */
  readonly done: Promise<void>;
};

/** What is to be stopped, and why it was, as far as it is known by now. */
export type Stopping = { reason?: StopReason; execution?: Execution };

export type Prepared = { readonly execution: Execution; readonly redactor: Redactor; readonly step: Step };
