// The port of every planning tier: a request and a catalogue in, a decision out. Pure for the rules tier.
import type { Action, Catalogue, Snapshot } from '../catalogue/model.ts';
import type { ErrorName } from '../error.ts';
import type { ActionId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { SecretRef, Tier } from '../plan/plan.ts';

export type PlanningInput = {
  /** What the person asked; secrets already replaced by their placeholders. */
  readonly request: string;
  /** Questions asked so far and what was answered, oldest first. */
  readonly dialogue: readonly { readonly question: Question; readonly answer: string }[];
  /** Changes asked for since the first plan, oldest first: each amends the request. */
  readonly changes: readonly string[];
  readonly catalogue: Catalogue;
  readonly snapshot: Snapshot;
  /** Placeholder text in the request to the secret that it stands for. */
  readonly secrets: ReadonlyMap<string, SecretRef>;
};

export type Candidate = {
  /** What the person reads, e.g. `Back up a host with restic (playbooks/backup.yml)`. */
  readonly label: string;
  /** What to answer, short. */
  readonly value: string;
  readonly action?: ActionId | undefined;
};

export type Question = {
  readonly text: string;
  readonly candidates: readonly Candidate[];
  /** What the answer decides. `about` names the input or the words in doubt. */
  readonly decides: 'action' | 'input' | 'host' | 'config';
  readonly about: string;
  /** The answer is a secret: it is not shown while it is typed, and never stored in the chain. */
  readonly secret?: boolean | undefined;
  /** The action whose input or host is asked for. */
  readonly action?: ActionId | undefined;
};

/** A file of the repository as it shall be. */
export type FileEdit = {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly diff: string;
};

export type PlannedStep = {
  readonly action: Action;
  /** Ansible's --limit, or null. */
  readonly limit: string | null;
  readonly hosts: readonly string[];
  readonly vars: { readonly [name: string]: JsonValue | SecretRef };
  readonly files: readonly { readonly path: string; readonly line: number }[];
  readonly edits: readonly FileEdit[];
};

type Judged = {
  readonly tier: Tier;
  readonly confidence: number;
  /** How the planner chose, a line each. */
  readonly why: readonly string[];
  readonly costMicroUsd: number;
};

export type PlanningOutcome =
  | (Judged & {
      readonly decision: 'plan';
      readonly steps: readonly PlannedStep[];
      readonly understood: readonly string[];
    })
  | (Judged & { readonly decision: 'ask'; readonly question: Question })
  | (Judged & {
      readonly decision: 'refuse';
      readonly kind: ErrorName;
      readonly reason: string;
      readonly nearest: readonly { readonly action: ActionId; readonly title: string }[];
    });

export type Planner = (input: PlanningInput) => Promise<PlanningOutcome>;
