// Catalogues written compactly, for the planner's tests: what a reader would have found in a repository.
import type {
  Action,
  ActionKind,
  Catalogue,
  ConfigTarget,
  Input,
  InputType,
  Portal,
  Risk,
  Snapshot,
} from '../../catalogue/model.ts';
import { toActionId, toCommitSha } from '../../ids.ts';
import type { JsonValue } from '../../json.ts';

const commit = toCommitSha('0123456789abcdef0123456789abcdef01234567');

type InputSpec = {
  readonly type?: InputType;
  readonly elements?: InputType;
  readonly required?: boolean;
  readonly default?: JsonValue;
  readonly choices?: readonly JsonValue[];
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly secret?: boolean;
};

type ActionSpec = {
  readonly playbook: string;
  readonly title: string;
  readonly subject?: string;
  readonly verbs?: readonly string[];
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly tags?: readonly string[];
  readonly enables?: { readonly [name: string]: JsonValue };
  readonly inputs?: { readonly [name: string]: InputSpec };
  readonly pattern: string;
  readonly configs?: readonly ConfigTarget[];
  readonly risk?: Risk;
  readonly kind?: ActionKind;
};

export type LabSpec = {
  /** Group to hosts. */
  readonly groups: { readonly [group: string]: readonly string[] };
  readonly hostAliases?: { readonly [host: string]: readonly string[] };
  readonly actions: readonly ActionSpec[];
  readonly portals?: readonly (readonly [name: string, host: string, url: string])[];
  readonly configs?: readonly ConfigTarget[];
};

export function buildCatalogue(spec: LabSpec): Catalogue {
  const hostNames = [...new Set(Object.values(spec.groups).flat())].sort();
  const source = { path: 'inventory/hosts.yml', line: 1 };
  const resolve = (pattern: string): string[] =>
    pattern === 'all'
      ? hostNames
      : [...new Set(pattern.split(/[,:]/).flatMap((part) => spec.groups[part] ?? [part]))].sort();
  const portals: Portal[] = (spec.portals ?? []).map(([name, host, url], index) => ({
    name,
    host,
    url,
    source: { path: 'config/proxy.yml', line: index + 3 },
  }));
  return {
    commit,
    actions: spec.actions.map((action) => buildAction(action, resolve(action.pattern))),
    hosts: hostNames.map((name) => ({
      name,
      groups: Object.keys(spec.groups).filter((group) => spec.groups[group]?.includes(name)),
      aliases: spec.hostAliases?.[name] ?? [],
      source,
    })),
    groups: Object.entries(spec.groups).map(([name, hosts]) => ({ name, hosts: [...hosts].sort(), source })),
    portals,
    configs: [...(spec.configs ?? []), ...spec.actions.flatMap((action) => action.configs ?? [])],
    inventories: ['inventory/hosts.yml'],
    findings: [],
  };
}

function buildAction(spec: ActionSpec, hosts: readonly string[]): Action {
  const tags = spec.tags ?? [];
  const source = { path: spec.playbook, line: 1 };
  const inputs: Input[] = Object.entries(spec.inputs ?? {}).map(([name, input]) => ({
    name,
    type: input.type ?? 'str',
    ...(input.elements === undefined ? {} : { elements: input.elements }),
    required: input.required ?? false,
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.choices === undefined ? {} : { choices: input.choices }),
    description: input.description ?? '',
    aliases: input.aliases ?? [],
    secret: input.secret ?? false,
    source,
  }));
  const [verb = '', ...rest] = spec.title.toLowerCase().split(' ');
  return {
    id: toActionId(
      `${spec.playbook}${tags.length > 0 ? `#${tags.join('+')}` : ''}${spec.enables === undefined ? '' : `?${Object.keys(spec.enables).join('+')}`}`,
    ),
    kind: spec.kind ?? (tags.length > 0 ? 'tagged' : spec.enables === undefined ? 'playbook' : 'enabled'),
    title: spec.title,
    description: spec.description ?? '',
    subject: spec.subject ?? rest.join(' '),
    aliases: spec.aliases ?? [],
    verbs: spec.verbs ?? [verb],
    agent: 'ansible',
    playbook: spec.playbook,
    tags,
    skipTags: [],
    enables: spec.enables ?? {},
    inputs,
    pattern: spec.pattern,
    hosts,
    configs: spec.configs ?? [],
    risk: spec.risk ?? 'low',
    idempotent: true,
    reads: [spec.playbook],
    sources: [source],
  };
}

export function buildSnapshot(files: { readonly [path: string]: string } = {}): Snapshot {
  return { commit, files: new Map(Object.entries(files)), unread: [] };
}
