// The plan of a retry: what was left of a failed plan, step by step as it was, at the same commit and branch.
import type { TaskId } from '../ids.ts';
import { highestRisk } from './build-plan.ts';
import type { Plan, RetryOf } from './plan.ts';
import { planDifferences } from './plan-differences.ts';

export type RetryFacts = {
  readonly task: TaskId;
  readonly retryOf: RetryOf;
  readonly failed: Plan;
  /** Why it failed, a sentence. */
  readonly reason: string;
  readonly policyVersion: string;
  readonly expiresAt: string;
  readonly previous: Plan | null;
  readonly revision: number;
};

export function buildRetry(facts: RetryFacts): Plan {
  const { failed, retryOf, task, revision, policyVersion, expiresAt, previous } = facts;
  const steps = failed.steps.slice(retryOf.fromStep - 1).map((step, index) => ({ ...step, number: index + 1 }));
  const plan: Plan = {
    ...failed,
    ...{ task, revision, policyVersion, expiresAt, retryOf, steps },
    understood: understood(facts),
    risk: highestRisk(steps.map((step) => step.risk)),
    estimatedMs: steps.reduce((sum, step) => sum + step.estimatedMs, 0),
    costMicroUsd: 0,
    tier: 'rules',
    confidence: 1,
    why: [`Nothing was planned anew: these are the steps that were left of #${retryOf.task}.`],
    differences: [],
  };
  return previous === null ? plan : { ...plan, differences: planDifferences(previous, plan) };
}

function understood({ failed, retryOf, reason }: RetryFacts): readonly string[] {
  const { task, fromStep } = retryOf;
  const done = failed.steps.slice(0, fromStep - 1);
  const next = failed.steps[fromStep - 1];
  const edited = [...new Set(done.flatMap((step) => step.config.map(({ path }) => path)))];
  const lines = [
    `${doneSteps(task, done.length)}${done.length === 0 ? '' : `: ${done.map(({ title }) => title).join('; ')}`}.`,
    `It goes on with step ${fromStep}, ${next?.title ?? ''}, which had failed: ${reason}`,
  ];
  if (failed.branch !== null && edited.length > 0)
    lines.push(`The change of ${edited.join(', ')} on ${failed.branch} is merged when all is done.`);
  return lines;
}

function doneSteps(task: TaskId, count: number): string {
  if (count === 0) return `No step of #${task} is done`;
  return count === 1 ? `Step 1 of #${task} is done` : `Steps 1-${count} of #${task} are done`;
}
