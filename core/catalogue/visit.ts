// One item as a run reaches it, and the place in the walk from which it is reached.
import type { Role } from './role.ts';
import type { TaskItem } from './tasks.ts';
import { at, entriesOf, textOf, type YamlNode } from './yaml-tree.ts';

/** A value that a templated target was filled with: `include_tasks: "{{ service }}.yml"` once for each file there is. */
export type Choice = {
  readonly variable: string;
  readonly value: string;
  /** The list variable that a loop runs over, with this element of it. */
  readonly list?: { readonly variable: string; readonly element: YamlNode };
};

export type Visit = {
  readonly item: TaskItem;
  /** All tags in force, inherited ones included. */
  readonly tags: ReadonlySet<string>;
  /** Tags that begin to hold here. */
  readonly introduced: readonly string[];
  readonly when: readonly string[];
  /** The role in whose files the item stands. */
  readonly within: Role | undefined;
  /** The role that the item brings in, where it lies in the repository. */
  readonly role: Role | undefined;
  /** The role or file that the item brings in, with known variables put in. */
  readonly target: string;
  readonly choice: Choice | undefined;
  readonly parent: Visit | undefined;
  /** 0 for what stands in the play itself. */
  readonly depth: number;
  /** Files whose content the item brings in. */
  readonly files: readonly string[];
};

/** Where the walk stands: what items inherit here, and which variables are known. */
export type Place = {
  readonly tags: ReadonlySet<string>;
  readonly when: readonly string[];
  readonly within: Role | undefined;
  readonly parent: Visit | undefined;
  readonly depth: number;
  readonly scope: ReadonlyMap<string, YamlNode>;
  readonly path: string;
  readonly chain: readonly string[];
};

/** The scope with an item's own variables, and the value that a choice fills in. */
export function extended(
  scope: ReadonlyMap<string, YamlNode>,
  vars: YamlNode | undefined,
  choice?: Choice,
): ReadonlyMap<string, YamlNode> {
  const entries = entriesOf(vars);
  if (entries.length === 0 && choice === undefined) return scope;
  const wider = new Map(scope);
  for (const entry of entries) wider.set(entry.key, entry.value);
  if (choice !== undefined)
    wider.set(
      choice.variable,
      choice.list?.element ?? { kind: 'scalar', line: 0, value: choice.value, source: choice.value, vaulted: false },
    );
  return wider;
}

/** `{{ services }}`, `{{ services | default([]) }}`. */
export function listName(loop: YamlNode | undefined): string | undefined {
  return /^\s*\{\{\s*([A-Za-z_]\w*)\s*(?:\|\s*(?:default|d)\([^)]*\)\s*)?\}\}\s*$/.exec(textOf(loop) ?? '')?.[1];
}

/** A plain value of a variable or of a key in it. */
export function scalarAt(node: YamlNode | undefined, path: readonly string[]): string | undefined {
  return textOf(at(node, ...path));
}
