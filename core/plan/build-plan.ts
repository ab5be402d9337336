// From the planner's choice to a plan that can be approved: digests, totals, and what differs from the revision before.
import { createTwoFilesPatch } from 'diff';
import type { Action, Catalogue, Risk, Snapshot } from '../catalogue/model.ts';
import type { CommitSha, TaskId } from '../ids.ts';
import { sha256 } from '../json.ts';
import type { PlannedStep, PlanningOutcome } from '../planner/planner.ts';
import type { Plan, Step } from './plan.ts';
import { planDifferences } from './plan-differences.ts';

/** How long a step is expected to take, and may take, where nothing says so. */
const estimateMs = { base: 4_000, timeout: 30 * 60_000 };

/** The files that a plan changes, each as it shall be, edits of several steps to one file put together. */
export function editedFiles(outcome: { readonly steps: readonly PlannedStep[] }): ReadonlyMap<string, string> {
  return new Map(outcome.steps.flatMap((step) => step.edits.map((edit) => [edit.path, edit.after] as const)));
}

export type PlanFacts = {
  readonly task: TaskId;
  readonly request: string;
  readonly outcome: Extract<PlanningOutcome, { decision: 'plan' }>;
  readonly snapshot: Snapshot;
  readonly catalogue: Pick<Catalogue, 'actions' | 'hosts' | 'inventories' | 'ansibleConfig'>;
  readonly commit: CommitSha;
  readonly branch: string | null;
  readonly policyVersion: string;
  readonly expiresAt: string;
  readonly previous: Plan | null;
  readonly revision: number;
};

export function buildPlan(facts: PlanFacts): Plan {
  const { outcome } = facts;
  const edited = editedFiles(outcome);
  const steps = outcome.steps.map((step, index) => buildStep(step, index + 1, facts, edited));
  const plan: Plan = {
    task: facts.task,
    revision: facts.revision,
    request: facts.request,
    understood: outcome.understood,
    steps,
    baseCommit: facts.snapshot.commit,
    commit: facts.commit,
    branch: facts.branch,
    policyVersion: facts.policyVersion,
    expiresAt: facts.expiresAt,
    risk: highestRisk(steps.map((step) => step.risk)),
    estimatedMs: steps.reduce((sum, step) => sum + step.estimatedMs, 0),
    costMicroUsd: outcome.costMicroUsd,
    tier: outcome.tier,
    confidence: outcome.confidence,
    why: outcome.why,
    differences: [],
  };
  return facts.previous === null ? plan : { ...plan, differences: planDifferences(facts.previous, plan) };
}

function buildStep(step: PlannedStep, number: number, facts: PlanFacts, edited: ReadonlyMap<string, string>): Step {
  const { action } = step;
  return {
    number,
    action: action.id,
    title: action.title,
    agent: action.agent,
    playbook: action.playbook,
    inventories: facts.catalogue.inventories,
    ansibleConfig: facts.catalogue.ansibleConfig ?? null,
    tags: action.tags,
    skipTags: action.skipTags,
    limit: step.limit,
    hosts: [...step.hosts].sort(),
    controller: hasControllerPlays(action, facts.catalogue),
    vars: { ...action.enables, ...step.vars },
    files: step.files,
    digests: digests([...action.reads, ...edited.keys()], facts.snapshot.files, edited),
    config: step.edits.map((edit) => ({
      path: edit.path,
      diff: edit.diff === '' ? unifiedDiff(edit.path, edit.before, edit.after) : edit.diff,
    })),
    risk: action.risk,
    idempotent: action.idempotent,
    estimatedMs: estimate(action, step),
    timeoutMs: action.timeoutMs ?? estimateMs.timeout,
  };
}

/** SHA-256 of each file as it stands with the plan's own edits made; paths that cannot be read are bound by the commit alone. */
export function digests(
  paths: readonly string[],
  files: ReadonlyMap<string, string>,
  edited: ReadonlyMap<string, string>,
): Step['digests'] {
  return [...new Set(paths)].sort().flatMap((path) => {
    const text = edited.get(path) ?? files.get(path);
    return text === undefined ? [] : [{ path, sha256: sha256(text) }];
  });
}

function estimate(action: Action, step: PlannedStep): number {
  return action.estimatedMs ?? estimateMs.base + 1_000 * step.hosts.length;
}

function unifiedDiff(path: string, before: string, after: string): string {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after);
}

export function highestRisk(risks: readonly Risk[]): Risk {
  return risks.includes('high') ? 'high' : risks.includes('medium') ? 'medium' : 'low';
}

/** True where the playbook has plays on localhost and the inventory does not: Ansible then means the machine that it runs on. */
function hasControllerPlays(action: Action, catalogue: PlanFacts['catalogue']): boolean {
  if (catalogue.hosts.some((host) => host.name === 'localhost')) return false;
  return catalogue.actions.some((other) => other.playbook === action.playbook && other.hosts.includes('localhost'));
}
