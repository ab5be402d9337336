// What an infrastructure repository offers at one commit. Read by read-catalogue.ts, matched by the planner.
import type { ActionId, CommitSha } from '../ids.ts';
import type { JsonValue } from '../json.ts';

/** The repository's text files at one commit: path from the repository's root (no leading slash) to content. */
export type Snapshot = {
  readonly commit: CommitSha;
  readonly files: ReadonlyMap<string, string>;
  /** Paths that exist but were not read, and why: too large, binary, over the total, a symbolic link. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
};

/** Where a fact stands in the repository. `line` counts from 1. */
export type Source = { readonly path: string; readonly line: number };

/** Types as in Ansible's argument_specs. */
export type InputType = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'path' | 'raw';

export type Input = {
  readonly name: string;
  readonly type: InputType;
  /** For a list: what its elements are. */
  readonly elements?: InputType;
  readonly required: boolean;
  readonly default?: JsonValue;
  readonly choices?: readonly JsonValue[];
  readonly description: string;
  readonly aliases: readonly string[];
  /** Never shown, logged or stored in the chain. */
  readonly secret: boolean;
  /** Its value is the play's host pattern (`hosts: "{{ target }}"`): the hosts that a request names go here. */
  readonly hostPattern?: true;
  readonly source: Source;
};

/** A list in a file of the repository to which a request may add items. */
export type ConfigTarget = {
  /** What people call it: `monitors`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly path: string;
  /** Keys from the document's root to the list. */
  readonly list: readonly string[];
  /** The item's key that makes two items the same. */
  readonly key: string;
  /** `portals` when the repository's portals may fill it. */
  readonly from?: 'portals';
  /** A new item, with `{{ name }}`, `{{ url }}`, `{{ host }}` of a portal as text; inferred from existing items where no header gives it. */
  readonly item: { readonly [key: string]: JsonValue };
  readonly source: Source;
};

export type Risk = 'low' | 'medium' | 'high';

export type ActionKind = 'playbook' | 'tagged' | 'enabled' | 'task-file';

export type Action = {
  readonly id: ActionId;
  readonly kind: ActionKind;
  /** A short imperative phrase: `Deploy Uptime Kuma`. */
  readonly title: string;
  readonly description: string;
  /** What it is about, as words: `uptime kuma`. */
  readonly subject: string;
  readonly aliases: readonly string[];
  /** What it does to its subject, canonical verbs first: deploy, restart, back up, ... Empty: not known. */
  readonly verbs: readonly string[];
  readonly agent: 'ansible';
  readonly playbook: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Variables that select this action, e.g. `{uptime_kuma_enabled: true}`; part of every step's vars. */
  readonly enables: { readonly [name: string]: JsonValue };
  readonly inputs: readonly Input[];
  /** The play's host pattern and what it gives in the inventory. */
  readonly pattern: string;
  readonly hosts: readonly string[];
  /** Goes to --limit where the request names no hosts: without it the playbook would reach hosts that the action is not about. */
  readonly limit?: string;
  readonly configs: readonly ConfigTarget[];
  readonly risk: Risk;
  /** Safe to run again when nobody knows whether it was done. */
  readonly idempotent: boolean;
  readonly estimatedMs?: number;
  readonly timeoutMs?: number;
  /** Paths whose content decides what the action does; their digests go into the plan hash. */
  readonly reads: readonly string[];
  /** Where the action was found, the playbook first. */
  readonly sources: readonly Source[];
};

export type Host = {
  readonly name: string;
  readonly groups: readonly string[];
  readonly aliases: readonly string[];
  readonly source: Source;
};
export type Group = { readonly name: string; readonly hosts: readonly string[]; readonly source: Source };

/** A web address that the lab already serves, as the proxy's configuration or compose labels say. */
export type Portal = { readonly name: string; readonly host: string; readonly url: string; readonly source: Source };

/** Something in the repository that could not be understood; the rest of the catalogue stands. */
export type Finding = { readonly path: string; readonly line: number; readonly message: string };

export type Catalogue = {
  readonly commit: CommitSha;
  readonly actions: readonly Action[];
  readonly hosts: readonly Host[];
  readonly groups: readonly Group[];
  readonly portals: readonly Portal[];
  readonly configs: readonly ConfigTarget[];
  /** Inventory sources to hand to ansible-playbook, in order; empty when ansible.cfg names them. */
  readonly inventories: readonly string[];
  /** The ansible.cfg to run with, where it does not lie at the repository's root. */
  readonly ansibleConfig?: string;
  readonly findings: readonly Finding[];
};
