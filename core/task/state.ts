// Where a task stands, folded from its events. Nothing here is stored: the log is.
import type { ActorId, CommitSha, ConversationId, PlanHash, RunId, TaskId } from '../ids.ts';
import type { Plan, RetryOf } from '../plan/plan.ts';
import type { Question } from '../planner/planner.ts';
import type { AttemptOutcome } from './event.ts';

export type TaskStatus =
  | 'none'
  | 'received'
  | 'planning'
  | 'asking'
  | 'proposed'
  | 'approved'
  | 'running'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'unknown'
  | 'refused'
  | 'rejected'
  | 'expired';

/** One try of a step. Live while it is granted, claimed or started. */
export type Attempt = {
  readonly step: number;
  readonly attempt: number;
  readonly token: number;
  readonly phase: 'granted' | 'claimed' | 'started' | 'finished' | 'refused';
  /** The agent that claimed it; null before, and in logs of versions that knew no claims. */
  readonly holder: { readonly agent: string; readonly instance: string } | null;
  /** Why it was refused. */
  readonly refusal: string | null;
  readonly result: AttemptOutcome | null;
};

export type Proposal = {
  readonly plan: Plan;
  readonly planHash: PlanHash;
  readonly needs: number;
  readonly self: boolean;
  readonly approvers: readonly string[];
  readonly approvals: readonly ActorId[];
};

export type TaskState = {
  readonly task: TaskId;
  readonly status: TaskStatus;
  /** The number of events so far. */
  readonly version: number;
  readonly conversation: ConversationId | null;
  readonly requester: ActorId | null;
  readonly request: string;
  /** Where it takes up a failed task: then its plan is what was left of that one. */
  readonly retryOf: RetryOf | null;
  readonly dialogue: readonly { readonly question: Question; readonly answer: string }[];
  readonly changes: readonly string[];
  readonly question: Question | null;
  /** The last revision proposed; 0 before the first. */
  readonly revision: number;
  /** The newest plan, while it stands or ran. */
  readonly proposal: Proposal | null;
  /** Tasks whose runs go before its own. */
  readonly behind: readonly TaskId[];
  readonly run: RunId | null;
  readonly attempts: readonly Attempt[];
  readonly lastToken: number;
  readonly cancel: { readonly actor: ActorId; readonly reason: string } | null;
  readonly merged: CommitSha | null;
};

export function emptyTask(task: TaskId): TaskState {
  return {
    task,
    status: 'none',
    version: 0,
    conversation: null,
    requester: null,
    request: '',
    retryOf: null,
    dialogue: [],
    changes: [],
    question: null,
    revision: 0,
    proposal: null,
    behind: [],
    run: null,
    attempts: [],
    lastToken: 0,
    cancel: null,
    merged: null,
  };
}

export const endedStatuses: readonly TaskStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
  'unknown',
  'refused',
  'rejected',
  'expired',
];
const ended: ReadonlySet<TaskStatus> = new Set(endedStatuses);

export function isEnded(status: TaskStatus): boolean {
  return ended.has(status);
}

/** The attempt that an agent holds now, if any. */
export function liveAttempt(state: TaskState): Attempt | undefined {
  return state.attempts.find(({ phase }) => phase === 'granted' || phase === 'claimed' || phase === 'started');
}

/** The pool whose agents may take the live attempt. */
export function poolOf(state: TaskState): string | undefined {
  const step = liveAttempt(state)?.step;
  return step === undefined ? undefined : state.proposal?.plan.steps[step - 1]?.agent;
}

/** The number of the first step that has not succeeded; steps.length + 1 when all have. */
export function nextStep(state: TaskState): number {
  const done = new Set(
    state.attempts.filter((attempt) => attempt.result?.outcome === 'succeeded').map((attempt) => attempt.step),
  );
  let step = 1;
  while (done.has(step)) step += 1;
  return step;
}

/** What a plan is made from: it changes with each answer, change and revision, so that a late outcome of the planner is void. */
export function planningBasis(state: TaskState): string {
  return [state.revision, state.dialogue.length, state.changes.length].join('.');
}

/** The run that goes on. Throws a TypeError where there is none: the caller has to have looked. */
export function runOf(state: TaskState): RunId {
  if (state.run === null) throw new TypeError(`task #${state.task} has no run`);
  return state.run;
}
