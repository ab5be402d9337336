// What one approval binds: a digest over all that decides what runs. Taken by core at proposal and before dispatch, by the agent before it starts.
import type { PlanHash } from '../ids.ts';
import { toPlanHash } from '../ids.ts';
import { canonicalJson, sha256 } from '../json.ts';
import type { Plan, Step } from './plan.ts';

/** Only what approval depends on: a better sentence on the card does not make another plan, another input does. */
export function planHash(plan: Plan): PlanHash {
  const bound = {
    format: 1,
    task: plan.task,
    revision: plan.revision,
    request: plan.request,
    baseCommit: plan.baseCommit,
    commit: plan.commit,
    branch: plan.branch,
    policyVersion: plan.policyVersion,
    expiresAt: plan.expiresAt,
    risk: plan.risk,
    steps: plan.steps.map((step) => ({ number: step.number, ...boundStep(step) })),
    // Only where there is one: the hashes of all other plans stay what they are.
    ...(plan.retryOf === undefined ? {} : { retryOf: plan.retryOf }),
  };
  return toPlanHash(sha256(canonicalJson(bound)));
}

/** A digest over what steps do, whatever their numbers: a retry's are those that were left of the failed plan. */
export function stepsHash(steps: readonly Step[]): string {
  return sha256(canonicalJson({ format: 1, steps: steps.map(boundStep) }));
}

function boundStep(step: Step) {
  return {
    action: step.action,
    agent: step.agent,
    playbook: step.playbook,
    inventories: step.inventories,
    ansibleConfig: step.ansibleConfig,
    tags: step.tags,
    skipTags: step.skipTags,
    limit: step.limit,
    hosts: step.hosts,
    controller: step.controller,
    vars: step.vars,
    digests: step.digests,
    config: step.config,
    idempotent: step.idempotent,
    timeoutMs: step.timeoutMs,
  };
}
