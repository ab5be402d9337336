// Everything that composing an action needs of the repository, opened once for a reading.
import { type AnsibleConfig, readAnsibleConfigs } from './ansible-cfg.ts';
import { resolveHostPattern } from './host-pattern.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { substitute } from './jinja.ts';
import type { Snapshot } from './model.ts';
import { type Playbook, readPlaybooks } from './playbook.ts';
import { openRepository, type Repository } from './repository.ts';
import { makeRoles, type Roles } from './role-find.ts';
import { type LabVariables, readVariables } from './variables.ts';
import { makeWalker, type Walker } from './walk.ts';
import { at, textOf } from './yaml-tree.ts';

export type Lab = {
  readonly repository: Repository;
  readonly configs: readonly AnsibleConfig[];
  readonly inventory: Inventory;
  readonly variables: LabVariables;
  readonly roles: Roles;
  readonly walker: Walker;
  readonly playbooks: ReadonlyMap<string, Playbook>;
  hosts(pattern: string): readonly string[];
  /** A plain value of a variable: `all`'s, or the one value that all definitions agree on. */
  value(name: string, path?: readonly string[]): string | undefined;
  /** A text with known variables put in; undefined where one is unknown. */
  text(template: string): string | undefined;
};

export function openLab(snapshot: Snapshot): Lab {
  const repository = openRepository(snapshot);
  const configs = readAnsibleConfigs(repository);
  const inventory = readInventory(repository, configs);
  const playbooks = readPlaybooks(repository);
  const folders = new Set([
    ...configs.map((config) => config.folder),
    ...[...playbooks.values()].map((playbook) => playbook.folder),
  ]);
  const variables = readVariables(repository, inventory, [...folders]);
  const roles = makeRoles(repository, configs);
  const walker = makeWalker(repository, roles, variables.all);

  function value(name: string, path: readonly string[] = []): string | undefined {
    const definitions = variables.definitions(name);
    const texts = definitions.map((one) => textOf(at(one.value, ...path)));
    return variables.all.has(name) || new Set(texts).size === 1 ? texts[0] : undefined;
  }
  return {
    repository,
    configs,
    inventory,
    variables,
    roles,
    walker,
    playbooks,
    hosts: (pattern) => resolveHostPattern(pattern, inventory.members),
    value,
    text: (template) => substitute(template, (name, path) => value(name, path)),
  };
}
