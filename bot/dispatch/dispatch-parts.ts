// What the dispatch of runs needs.
import type { Logger } from 'pino';
import type { TaskId } from '../../core/ids.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Submit } from '../submit.ts';
import type { Contenders } from './contenders.ts';
import type { CoreVoice } from './core-voice.ts';
import type { Leases } from './leases.ts';

export type DispatchParts = {
  readonly store: Store;
  readonly submit: Submit;
  readonly voice: CoreVoice;
  readonly leases: Leases;
  readonly repository: InfrastructureRepository;
  readonly readPolicy: ReadPolicy;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** Resolves when the table of tasks is as new as the log. */
  readonly tasksAreCurrent: () => Promise<void>;
  readonly contenders: Contenders;
  /** Attempts whose command this process has sent, by attemptKey: an event that comes later need not send it again. */
  readonly sent: Set<string>;
  /** How often in a row a task's move broke in a way that nobody foresaw. */
  readonly broken: Map<TaskId, number>;
};
