// Everything that composing an action needs of the repository, opened once for a reading.
import { type AnsibleConfig, readAnsibleConfigs } from './ansible-cfg.ts';
import { type Command, readCommands } from './commands.ts';
import { resolveHostPattern } from './host-pattern.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { substitute } from './jinja.ts';
import { readMentions } from './mentions.ts';
import type { Snapshot } from './model.ts';
import { type Play, type Playbook, readPlaybooks, variablesFiles } from './playbook.ts';
import { folderOf, join, openRepository, type Repository } from './repository.ts';
import { makeRoles, type Roles } from './role-find.ts';
import { type LabVariables, readVariables } from './variables.ts';
import { makeWalker, type Walker } from './walk.ts';
import { at, entriesOf, textOf, textsOf, type YamlNode } from './yaml-tree.ts';

export type Lab = {
  readonly repository: Repository;
  readonly configs: readonly AnsibleConfig[];
  readonly inventory: Inventory;
  readonly variables: LabVariables;
  readonly roles: Roles;
  readonly walker: Walker;
  readonly playbooks: ReadonlyMap<string, Playbook>;
  hosts(pattern: string): readonly string[];
  /** One array for each set of hosts, so that what is known of a set is found again. */
  sameHosts(hosts: readonly string[]): readonly string[];
  /** A plain value of a variable: the one that holds on all of the hosts, else `all`'s. */
  value(name: string, path?: readonly string[], hosts?: readonly string[]): string | undefined;
  /** The elements of a list in the inventory's variables or in a play's files of variables. */
  list(name: string): readonly YamlNode[] | undefined;
  /** What a README of the repository says of a file, in a table or a list that names it; empty when nothing. */
  mentions(path: string): string;
  /** The `ansible-playbook` commands that the repository's documents give for a playbook. */
  commands(playbook: string): readonly Command[];
  /** A text with known variables put in; undefined where one is unknown. */
  text(template: string): string | undefined;
};

export function openLab(snapshot: Snapshot): Lab {
  const repository = openRepository(snapshot);
  const playbooks = readPlaybooks(repository);
  const configs = byUse(readAnsibleConfigs(repository), playbooks);
  const inventory = readInventory(repository, configs);
  const folders = new Set([
    ...configs.map((config) => config.folder),
    ...[...playbooks.values()].map((playbook) => playbook.folder),
  ]);
  const variables = readVariables(repository, inventory, [...folders]);
  const roles = makeRoles(repository, configs);
  const known = (name: string): YamlNode | undefined =>
    (variables.all.get(name) ?? variables.definitions(name)[0])?.value;
  const patterns = new Map<string, readonly string[]>();
  const hostSets = new Map<string, readonly string[]>();
  const walker = makeWalker(repository, roles, known);
  const inFiles = readVariablesFiles(repository, [...playbooks.values()]);

  const values = new WeakMap<readonly string[], Map<string, string | undefined>>();
  function value(
    name: string,
    path: readonly string[] = [],
    hosts: readonly string[] = inventory.members.hosts,
  ): string | undefined {
    const known = values.get(hosts) ?? new Map<string, string | undefined>();
    values.set(hosts, known);
    const key = [name, ...path].join('.');
    if (!known.has(key)) known.set(key, findValue(name, path, hosts));
    return known.get(key);
  }

  function findValue(name: string, path: readonly string[], hosts: readonly string[]): string | undefined {
    const texts = new Set(variables.inForce(name, hosts).map((one) => textOf(at(one.value, ...path))));
    if (texts.size === 0) for (const node of inFiles.get(name) ?? []) texts.add(textOf(at(node, ...path)));
    if (texts.size === 1) return [...texts][0];
    return textOf(at(variables.all.get(name)?.value, ...path));
  }
  return {
    repository,
    configs,
    inventory,
    variables,
    roles,
    walker,
    playbooks,
    hosts(pattern) {
      const hosts = patterns.get(pattern) ?? resolveHostPattern(pattern, inventory.members);
      patterns.set(pattern, hosts);
      return hosts;
    },
    sameHosts(hosts) {
      const key = hosts.join('\n');
      const known = hostSets.get(key) ?? hosts;
      hostSets.set(key, known);
      return known;
    },
    value,
    list(name) {
      const node = known(name) ?? inFiles.get(name)?.[0];
      return node?.kind === 'list' ? node.items : undefined;
    },
    mentions: readMentions(repository),
    commands: readCommands(repository),
    text: (template) => substitute(template, (name, path) => value(name, path)),
  };
}

/** What the files of variables that plays name give, for names that the inventory does not have. */
function readVariablesFiles(
  repository: Repository,
  playbooks: readonly Playbook[],
): ReadonlyMap<string, readonly YamlNode[]> {
  const plays = playbooks.flatMap((playbook) => playbook.entries).filter((entry) => entry.type === 'play');
  const paths = new Set(
    plays.flatMap((play) => [...variablesFiles(play), ...includedFiles(play)]).filter((path) => repository.has(path)),
  );
  const nodes = new Map<string, YamlNode[]>();
  for (const path of paths) {
    for (const entry of entriesOf(repository.yaml(path)))
      nodes.set(entry.key, [...(nodes.get(entry.key) ?? []), entry.value]);
  }
  return nodes;
}

/** `include_vars` in a play's own tasks, also in a loop over file names. */
function includedFiles(play: Play): readonly string[] {
  return play.items
    .filter((item) => item.type === 'vars')
    .flatMap((item) => (item.target.includes('{{') ? textsOf(item.loop) : [item.target]))
    .flatMap((file) => join(folderOf(play.source.path), file) ?? []);
}

/** The configuration at the root first, then the one above most of the playbooks. */
function byUse(configs: readonly AnsibleConfig[], playbooks: ReadonlyMap<string, Playbook>): readonly AnsibleConfig[] {
  const uses = ({ folder }: AnsibleConfig): number =>
    folder === ''
      ? Number.POSITIVE_INFINITY
      : [...playbooks.keys()].filter((path) => path.startsWith(`${folder}/`)).length;
  return [...configs].sort((a, b) => (uses(a) === uses(b) ? 0 : uses(b) > uses(a) ? 1 : -1));
}
