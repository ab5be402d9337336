// What can be asked of a task. Commands carry time, ids and the policy with them, so that the decider needs nothing of the outside.
import type { ErrorName } from '../error.ts';
import type { ActorId, CommitSha, ConversationId, PlanHash, RunId, TaskId } from '../ids.ts';
import type { Plan, RetryOf, Tier } from '../plan/plan.ts';
import type { Question } from '../planner/planner.ts';
import type { Policy } from '../policy/policy.ts';
import type { Person } from '../ports/chat.ts';
import type { AttemptOutcome } from './event.ts';
import type { TaskStatus } from './state.ts';

type Judged = {
  readonly tier: Tier;
  readonly confidence: number;
  readonly why: readonly string[];
  readonly costMicroUsd: number;
};

/** Which plan a person decides on. `revision`: on whose card it was, or that stood when it was said; 0 where none did. With neither, the plan that stands. */
export type DecisionOn = { readonly revision?: number; readonly hashPrefix?: string };

/** Which agent, in which life of it. */
export type Holder = { readonly agent: string; readonly instance: string };

type AttemptRef = { readonly run: RunId; readonly token: number };
/** `speaker`: null when core says it of itself. */
type AttemptReport = AttemptRef & { readonly speaker: Holder | null };

export type TaskCommand =
  | {
      readonly type: 'receive';
      readonly conversation: ConversationId;
      readonly requester: ActorId;
      readonly request: string;
      readonly messageId: string;
      /** `number`: 0 for a failed task's first retry; each number is taken once. */
      readonly retry?: { readonly of: RetryOf; readonly number: number };
    }
  /** Asked of the failed task. `earlier`: its newest retry so far; whether anything of that one ran. */
  | {
      readonly type: 'retry';
      readonly person: Person;
      readonly policy: Policy;
      readonly earlier: { readonly task: TaskId; readonly status: TaskStatus; readonly ran: boolean } | null;
    }
  /** The planner's outcomes. `basis` is the planningBasis that it planned on: an answer or a cancel in between makes it void. */
  | { readonly type: 'ask'; readonly basis: string; readonly question: Question; readonly judged: Judged }
  | {
      readonly type: 'refuse';
      readonly basis: string;
      readonly kind: ErrorName;
      readonly reason: string;
      readonly nearest: readonly { readonly action: string; readonly title: string }[];
      readonly judged: Judged;
    }
  | { readonly type: 'propose'; readonly basis: string; readonly plan: Plan; readonly policy: Policy }
  /** `question`: its number, where it is for that one and for no later one. */
  | { readonly type: 'answer'; readonly actor: ActorId; readonly answer: string; readonly question?: number }
  | {
      readonly type: 'approve';
      readonly person: Person;
      readonly on: DecisionOn;
      readonly policy: Policy;
      readonly now: string;
    }
  | {
      readonly type: 'reject';
      readonly person: Person;
      readonly on: DecisionOn;
      readonly policy: Policy;
      readonly reason: string;
      readonly now: string;
    }
  | {
      readonly type: 'change';
      readonly person: Person;
      readonly on: DecisionOn;
      readonly policy: Policy;
      readonly change: string;
      readonly now: string;
    }
  /** A person takes back what they alone gave: their own approval. */
  | { readonly type: 'withdraw-approval'; readonly person: Person; readonly on: DecisionOn }
  | { readonly type: 'expire'; readonly now: string }
  /** What was approved is not what would run. */
  | { readonly type: 'withdraw'; readonly planHash: PlanHash; readonly reason: string }
  /** Runs of these tasks go before it, the next one first. */
  | { readonly type: 'queue'; readonly planHash: PlanHash; readonly behind: readonly TaskId[] }
  /** `planHash` and `commit` as computed again right now. */
  | { readonly type: 'start-run'; readonly run: RunId; readonly planHash: PlanHash; readonly now: string }
  | { readonly type: 'grant-attempt'; readonly run: RunId }
  | ({ readonly type: 'attempt-claimed'; readonly speaker: Holder } & AttemptRef)
  | ({ readonly type: 'attempt-started'; readonly speaker: Holder } & AttemptRef)
  | ({ readonly type: 'attempt-refused'; readonly kind: string; readonly reason: string } & AttemptReport)
  | ({ readonly type: 'attempt-finished'; readonly result: AttemptOutcome } & AttemptReport)
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume'; readonly person: Person; readonly policy: Policy }
  | { readonly type: 'cancel'; readonly person: Person; readonly policy: Policy; readonly reason: string }
  | {
      readonly type: 'merged';
      readonly run: RunId;
      readonly into: string;
      readonly commit: CommitSha;
      readonly link: string | null;
      readonly pushed: boolean;
      readonly note?: string | undefined;
    }
  | { readonly type: 'merge-refused'; readonly run: RunId; readonly reason: string };
