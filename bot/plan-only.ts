// `plan --json`: only plans. Opens no store, makes no branch, runs nothing; one JSON object a request.
import { errorCode } from '../core/error.ts';
import { toTaskId } from '../core/ids.ts';
import type { JsonValue } from '../core/json.ts';
import { buildPlan } from '../core/plan/build-plan.ts';
import type { Step } from '../core/plan/plan.ts';
import { isSecretRef } from '../core/plan/plan-differences.ts';
import { planHash } from '../core/plan/plan-hash.ts';
import type { Planner, PlanningOutcome } from '../core/planner/planner.ts';
import { whyNotReadable } from './conversation/check-message.ts';
import type { RepositoryReading } from './planning/read-repository.ts';
import { hideSecrets, secretInputNames, secretRefs, withoutPlaceholders } from './planning/request-secrets.ts';

export type PlanOnly = {
  readonly request: string;
  readonly decision: PlanningOutcome['decision'];
  readonly tier: string;
  readonly confidence: number;
  readonly steps: readonly JsonValue[];
  readonly question: { readonly text: string; readonly candidates: readonly JsonValue[] } | null;
  readonly reason: string | null;
  readonly code: string | null;
  readonly nearest: readonly string[];
  readonly understood: readonly string[];
  readonly why: readonly string[];
  readonly planHash: string | null;
  readonly commit: string;
  readonly costMicroUsd: number;
  readonly ms: number;
};

type Parts = {
  readonly planner: Planner;
  readonly reading: RepositoryReading;
  readonly policyVersion: string;
  readonly now: () => Date;
  readonly newId: () => string;
};

export async function planOnly(parts: Parts, request: string): Promise<PlanOnly> {
  const began = performance.now();
  const { reading } = parts;
  const unreadable = whyNotReadable(request);
  const hidden = hideSecrets(unreadable === null ? request : '', secretInputNames(reading.catalogue), parts.newId);
  const outcome: PlanningOutcome =
    unreadable === null
      ? await parts.planner({
          request: hidden.text,
          dialogue: [],
          changes: [],
          catalogue: reading.catalogue,
          snapshot: reading.snapshot,
          secrets: secretRefs([hidden.text]),
        })
      : {
          decision: 'refuse',
          tier: 'rules',
          confidence: 1,
          why: [],
          costMicroUsd: 0,
          kind: unreadable.kind,
          reason: unreadable.message,
          nearest: [],
        };
  const plan = outcome.decision === 'plan' ? asPlan(parts, hidden.text, outcome) : null;
  return {
    request: unreadable === null ? withoutPlaceholders(hidden.text) : request.slice(0, 200),
    decision: outcome.decision,
    tier: outcome.tier,
    confidence: outcome.confidence,
    steps: plan?.steps.map(stepJson) ?? [],
    question:
      outcome.decision === 'ask'
        ? {
            text: outcome.question.text,
            candidates: outcome.question.candidates.map(({ label, value, action }) => ({
              label,
              value,
              action: action ?? null,
            })),
          }
        : null,
    reason: outcome.decision === 'refuse' ? outcome.reason : null,
    code: outcome.decision === 'refuse' ? errorCode(outcome.kind) : null,
    nearest: outcome.decision === 'refuse' ? outcome.nearest.map((action) => action.title) : [],
    understood: outcome.decision === 'plan' ? outcome.understood : [],
    why: outcome.why,
    planHash: plan === null ? null : planHash(plan),
    commit: reading.snapshot.commit,
    costMicroUsd: outcome.costMicroUsd,
    ms: Math.round((performance.now() - began) * 10) / 10,
  };
}

/** As if it were the first revision of a task 0: nothing is kept of it, and no approval can be given for it. */
function asPlan(parts: Parts, request: string, outcome: Extract<PlanningOutcome, { decision: 'plan' }>) {
  return buildPlan({
    task: toTaskId(0),
    request,
    outcome,
    snapshot: parts.reading.snapshot,
    catalogue: parts.reading.catalogue,
    commit: parts.reading.snapshot.commit,
    branch: null,
    policyVersion: parts.policyVersion,
    expiresAt: parts.now().toISOString(),
    previous: null,
    revision: 1,
  });
}

function stepJson(step: Step): JsonValue {
  return {
    action: step.action,
    title: step.title,
    agent: step.agent,
    playbook: step.playbook,
    tags: step.tags,
    skipTags: step.skipTags,
    limit: step.limit,
    hosts: step.hosts,
    vars: Object.fromEntries(
      Object.entries(step.vars).map(([name, value]) => [name, isSecretRef(value) ? '(secret)' : value]),
    ),
    files: step.files,
    config: step.config,
  };
}
