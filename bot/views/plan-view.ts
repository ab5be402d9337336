// The plan card: what a person has to see before saying yes. Built from the log's events only.
import type { ActorId } from '../../core/ids.ts';
import type { Plan, Step } from '../../core/plan/plan.ts';
import { isSecretRef } from '../../core/plan/plan-differences.ts';
import type { PlanStanding, PlanStepView, PlanView } from '../../core/ports/chat.ts';
import type { Proposal } from '../../core/task/state.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';

export function planView(proposal: Proposal, requester: ActorId, standing: PlanStanding, repository: string): PlanView {
  const { plan } = proposal;
  return {
    type: 'plan',
    task: plan.task,
    revision: plan.revision,
    request: withoutPlaceholders(plan.request),
    requester,
    understood: plan.understood.filter((line) => !isFinding(line)).map(withoutPlaceholders),
    steps: plan.steps.map(stepView),
    findings: findings(plan),
    files: uniqueFiles(plan),
    config: plan.steps.flatMap((step) => step.config),
    differences: plan.differences.map(withoutPlaceholders),
    estimatedMs: plan.estimatedMs,
    costMicroUsd: plan.costMicroUsd,
    tier: plan.tier,
    confidence: plan.confidence,
    risk: plan.risk,
    approvers: proposal.approvers,
    needs: proposal.needs,
    given: proposal.approvals,
    planHash: proposal.planHash,
    commit: plan.commit,
    branch: plan.branch,
    repository,
    expiresAt: plan.expiresAt,
    standing,
    notes: notes(proposal),
  };
}

function stepView(step: Step): PlanStepView {
  return {
    number: step.number,
    title: step.title,
    playbook: step.playbook,
    selection: [
      ...(step.tags.length > 0 ? [`tags ${step.tags.join(',')}`] : []),
      ...(step.skipTags.length > 0 ? [`skip tags ${step.skipTags.join(',')}`] : []),
      ...(step.limit === null ? [] : [`limit ${step.limit}`]),
    ],
    hosts: step.hosts,
    inputs: Object.entries(step.vars).map(([name, value]) => ({
      name,
      value: isSecretRef(value) ? '(secret)' : typeof value === 'string' ? value : JSON.stringify(value),
    })),
    risk: step.risk,
    estimatedMs: step.estimatedMs,
  };
}

const isFinding = (line: string): boolean => line.includes(' found: ');

/** What the planner found in files stands apart from what it understood. */
function findings(plan: Plan): readonly string[] {
  const read = new Set(plan.steps.flatMap((step) => step.digests.map((file) => file.path))).size;
  return [
    ...plan.understood
      .filter(isFinding)
      .map((line) => `${line.charAt(0).toLowerCase()}${line.slice(1).replace(/\.$/, '')}`),
    `${read} files read at ${plan.baseCommit.slice(0, 8)}`,
  ];
}

function uniqueFiles(plan: Plan): PlanView['files'] {
  const seen = new Map(plan.steps.flatMap((step) => step.files).map((file) => [`${file.path}:${file.line}`, file]));
  return [...seen.values()];
}

function notes(proposal: Proposal): readonly string[] {
  const lines: string[] = [];
  if (proposal.approvers.length === 0) lines.push('Nobody may approve this plan: add a rule to the policy file.');
  if (proposal.needs > 1)
    lines.push(`It needs ${proposal.needs} different persons; ${proposal.approvals.length} so far.`);
  if (!proposal.self) lines.push('Who asked may not approve.');
  const { retryOf, steps } = proposal.plan;
  const [first] = steps;
  if (retryOf !== undefined && first?.idempotent === false)
    lines.push(
      `Step 1, ${first.title}, was begun before, and running it twice is not the same as running it once: look at ${first.hosts.join(', ')} first.`,
    );
  else if (steps.some((step) => !step.idempotent)) lines.push('Running it twice is not the same as running it once.');
  return lines;
}
