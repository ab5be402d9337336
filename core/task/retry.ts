// Trying a failed task again from the step that failed: a task of its own, whose plan is exactly what was left. Here is whether
// that can be, and what is left; decide.ts asks at the command, and again when the plan is proposed.
import type { Refusal } from '../error.ts';
import { refusal } from '../error.ts';
import { canonicalJson } from '../json.ts';
import type { Plan, RetryOf } from '../plan/plan.ts';
import { isSecretRef } from '../plan/plan-differences.ts';
import { stepsHash } from '../plan/plan-hash.ts';
import { whyNotAllowed } from '../policy/policy.ts';
import type { TaskCommand } from './command.ts';
import type { Decision } from './decision.ts';
import { events } from './decision.ts';
import type { TaskState } from './state.ts';
import { isEnded, nextStep } from './state.ts';

export type Retry = { readonly type: 'retry'; readonly of: RetryOf };

/** What would be tried again; else why nothing can be. */
export function retryOf(state: TaskState): Retry | Refusal {
  const { task, status, proposal } = state;
  if (status === 'none') return refusal('NO_SUCH_TASK', `There is no task #${task}.`);
  if (status !== 'failed') return no(`Task #${task} ${whyNotFailed(status)}`);
  if (proposal === null || state.run === null) return no(`Task #${task} failed before anything of it ran. Ask again.`);
  const fromStep = nextStep(state);
  const steps = proposal.plan.steps.slice(fromStep - 1);
  if (steps.length === 0)
    return no(
      `Every step of #${task} is done; only its change was not merged. It is on the branch ${proposal.plan.branch}.`,
    );
  const secret = steps.find((step) => Object.values(step.vars).some(isSecretRef));
  if (secret !== undefined)
    return no(
      `Step ${secret.number} of #${task} needs a secret, and secrets are forgotten when a task ends. Make the request again.`,
    );
  return { type: 'retry', of: { task, planHash: proposal.planHash, fromStep, stepsHash: stepsHash(steps) } };
}

/** For who asked, or who may approve what is left; and not while it is tried again already. It changes nothing of the failed task. */
export function decideRetry(state: TaskState, command: Extract<TaskCommand, { type: 'retry' }>): Decision {
  const retry = retryOf(state);
  if (retry.type === 'refusal') return retry;
  const { person, policy, earlier } = command;
  const steps = state.proposal?.plan.steps.slice(retry.of.fromStep - 1) ?? [];
  const denied = person.id === state.requester ? null : whyNotAllowed(policy, person, { steps });
  if (denied !== null) return denied;
  if (earlier === null) return events();
  const again = `#${state.task} is tried again as #${earlier.task}`;
  if (!isEnded(earlier.status)) return no(`${again}, which has not ended.`);
  if (!earlier.ran) return events();
  if (earlier.status === 'succeeded') return no(`${again}, which succeeded: nothing is left.`);
  return earlier.status === 'failed'
    ? no(`${again}, which failed in its turn. Try that one: \`retry #${earlier.task}\`.`)
    : no(`${again}, which ended as ${earlier.status}. Look at the hosts, and make the request again.`);
}

/** Whether a plan is what its task is for: any plan for a request, and for a retry exactly what was left. */
export function isWhatWasLeft(state: TaskState, plan: Plan): boolean {
  if (state.retryOf === null) return plan.retryOf === undefined;
  return (
    plan.retryOf !== undefined &&
    canonicalJson(plan.retryOf) === canonicalJson(state.retryOf) &&
    stepsHash(plan.steps) === state.retryOf.stepsHash
  );
}

function whyNotFailed(status: TaskState['status']): string {
  switch (status) {
    case 'succeeded':
      return 'succeeded: nothing is left of it.';
    case 'unknown':
      return 'ended unknown: nobody can say whether its step was done. Look at the host before you ask again.';
    case 'cancelled':
      return 'was cancelled. Make the request again.';
    case 'refused':
    case 'rejected':
    case 'expired':
      return 'never ran. Make the request again.';
    default:
      return 'has not ended.';
  }
}

function no(message: string): Refusal {
  return refusal('RETRY_NOT_POSSIBLE', message);
}
