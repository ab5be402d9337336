// Plans and policies for tests: small, valid, and different where the test says so.
import { toActionId, toCommitSha, toTaskId } from '../../core/ids.ts';
import type { Plan, Step } from '../../core/plan/plan.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { parsePolicy } from '../../core/policy/policy.ts';

export function aStep(change: Partial<Step> = {}): Step {
  return {
    number: 1,
    action: toActionId('playbooks/site.yml#grafana'),
    title: 'Deploy Grafana',
    agent: 'ansible',
    playbook: 'playbooks/site.yml',
    inventories: [],
    ansibleConfig: null,
    tags: ['grafana'],
    skipTags: [],
    limit: null,
    hosts: ['atlas'],
    controller: false,
    vars: {},
    files: [],
    digests: [{ path: 'playbooks/site.yml', sha256: 'a'.repeat(64) }],
    config: [],
    risk: 'low',
    idempotent: true,
    estimatedMs: 1_000,
    timeoutMs: 60_000,
    ...change,
  };
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  return {
    task: toTaskId(1),
    revision: 1,
    request: 'deploy grafana',
    understood: ['Deploy Grafana on atlas.'],
    steps: [aStep()],
    baseCommit: toCommitSha('1'.repeat(40)),
    commit: toCommitSha('1'.repeat(40)),
    branch: null,
    policyVersion: aPolicy().version,
    expiresAt: '2026-01-02T00:00:00.000Z',
    risk: 'low',
    estimatedMs: 1_000,
    costMicroUsd: 0,
    tier: 'rules',
    confidence: 1,
    why: [],
    differences: [],
    ...change,
  };
}

/** One rule for all actions and hosts unless told otherwise. */
export function aPolicy(
  rule: { readonly who?: readonly string[]; readonly needs?: number; readonly self?: boolean } = {},
): Policy {
  return parsePolicy({ approvers: [{ who: ['terminal:local'], ...rule }] });
}
