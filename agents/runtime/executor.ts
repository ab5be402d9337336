// What the runtime needs of something that can do steps. Ansible is one; a desktop may be another.
import type { AttemptOutcome, Progress } from '../../core/contracts/messages.ts';
import type { ErrorName, Refusal } from '../../core/error.ts';
import type { Step } from '../../core/plan/plan.ts';

export type StepOrder = {
  /** The attempt's name in the agent's folder; letters, digits, dots and dashes. */
  readonly attempt: string;
  readonly step: Step;
  /** A folder with exactly the plan's commit, verified. */
  readonly checkout: string;
  /** Secret reference to value. */
  readonly secrets: { readonly [reference: string]: string };
};

/** Enough to find a process again after the agent's death, and never another one that got its number. */
export type ProcessMark = {
  readonly pid: number;
  /** What the kernel says of its start; null where it does not. */
  readonly startTime: string | null;
  readonly bootId: string | null;
  /** Stands in the environment of all that came of it. */
  readonly tag: string;
};

/** Where an execution tells what happens. The runtime redacts, numbers and sends it. */
export type Report = {
  /** Bytes as printed. Resolves when more can be taken. */
  readonly output: (bytes: Uint8Array) => Promise<void>;
  readonly progress: (progress: Progress) => void;
  /** Values that must not be shown from now on. */
  readonly secrets: (values: readonly string[]) => void;
};

export type ExecutionFacts = Pick<AttemptOutcome, 'recap' | 'changed' | 'notes' | 'exitCode'>;

export type ExecutionResult = ExecutionFacts &
  (
    | { readonly type: 'succeeded' }
    | { readonly type: 'failed'; readonly kind: ErrorName; readonly message: string }
    /** It was stopped; `alive` are processes that would not die. */
    | { readonly type: 'stopped'; readonly alive: readonly number[] }
    /** Nobody knows how it ended, or what it did. Nothing of it is alive any more. */
    | { readonly type: 'lost'; readonly kind: ErrorName; readonly message: string }
  );

/** A step that is ready and waits: its process exists, and does nothing before `run`. */
export type Execution = {
  readonly mark: ProcessMark;
  run(report: Report): Promise<ExecutionResult>;
  /** Ends it with all that came of it; `run` resolves then. */
  stop(): void;
  /** In place of `run`: it will never run, and nothing is left of it. */
  discard(): Promise<void>;
};

export interface Executor {
  /** A refusal when it cannot be started: nothing has been done then. */
  prepare(order: StepOrder): Promise<Execution | Refusal>;
  /** At a start: ends what is left of an execution of an earlier life. Resolves when nothing of it is alive. */
  endLeftover(mark: ProcessMark): Promise<void>;
  /** At a start, when nothing is alive any more: removes the files of earlier lives. */
  removeLeftoverFiles(): Promise<void>;
}
