// A plan: exactly what will be done for a task. Immutable; what an approval is given for.
import type { Risk } from '../catalogue/model.ts';
import type { ActionId, CommitSha, PlanHash, TaskId } from '../ids.ts';
import type { JsonValue } from '../json.ts';

/** A secret's stand-in: the value lies in the secret store, its keyed digest is bound by the plan hash. */
export type SecretRef = { readonly $secret: string; readonly digest: string };

export type Step = {
  /** 1 and upwards, in the order of execution. */
  readonly number: number;
  readonly action: ActionId;
  readonly title: string;
  /** The agent pool that does it. */
  readonly agent: 'ansible';
  readonly playbook: string;
  readonly inventories: readonly string[];
  /** The ansible.cfg that holds for it, where that is not the one at the repository's root; else null. */
  readonly ansibleConfig: string | null;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Ansible's --limit; null when the playbook's own hosts are meant. */
  readonly limit: string | null;
  /** The resolved host set, sorted: nothing runs on any other, whatever the playbook holds. */
  readonly hosts: readonly string[];
  /** Plays of the same playbook on Ansible's implicit localhost may run, too: the inventory has no host of that name. */
  readonly controller: boolean;
  /** Typed values as Ansible gets them; a secret is a SecretRef. */
  readonly vars: { readonly [name: string]: JsonValue | SecretRef };
  /** Files found and read, with the line that mattered. */
  readonly files: readonly { readonly path: string; readonly line: number }[];
  /** SHA-256 of each file that decides what the step does, at the commit that will run; sorted by path. */
  readonly digests: readonly { readonly path: string; readonly sha256: string }[];
  /** Changes to configuration, as unified diffs against the base commit. */
  readonly config: readonly { readonly path: string; readonly diff: string }[];
  readonly risk: Risk;
  readonly idempotent: boolean;
  readonly estimatedMs: number;
  readonly timeoutMs: number;
};

export type Tier = 'rules' | 'local-model' | 'claude';

/** What a retry takes up: the failed task's plan from the step on that failed. */
export type RetryOf = {
  readonly task: TaskId;
  readonly planHash: PlanHash;
  /** By the failed plan's count. */
  readonly fromStep: number;
  /** Over the steps that were left, whatever their numbers. */
  readonly stepsHash: string;
};

export type Plan = {
  readonly task: TaskId;
  /** 1 and upwards. */
  readonly revision: number;
  readonly request: string;
  /** What was understood, a sentence each. */
  readonly understood: readonly string[];
  readonly steps: readonly Step[];
  /** The commit of main that the plan was made from. */
  readonly baseCommit: CommitSha;
  /** The commit that runs: the branch's when configuration changes, else the base. */
  readonly commit: CommitSha;
  /** `chiffon/<task>` when configuration changes. */
  readonly branch: string | null;
  readonly policyVersion: string;
  /** UTC ISO-8601. */
  readonly expiresAt: string;
  readonly risk: Risk;
  readonly estimatedMs: number;
  readonly costMicroUsd: number;
  readonly tier: Tier;
  /** 0 to 1. */
  readonly confidence: number;
  /** How the planner chose, a line each; for `why`. */
  readonly why: readonly string[];
  /** What differs from the revision before; empty for the first. */
  readonly differences: readonly string[];
  /** Where it does the rest of a failed plan. */
  readonly retryOf?: RetryOf | undefined;
};
