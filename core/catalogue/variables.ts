// group_vars, host_vars and the inventory's own variables: which names have a value for which hosts, and the plain values.
import type { Inventory } from './inventory.ts';
import type { Variable, Variables } from './inventory-draft.ts';
import { folderOf, nameOf, type Repository, stemOf } from './repository.ts';
import { entriesOf, type YamlNode } from './yaml-tree.ts';

export type LabVariables = {
  /** All definitions of a name, `all`'s first, in Ansible's order of precedence (weakest first). */
  definitions(name: string): readonly Variable[];
  /** The definition in force for each host of the set that has one. */
  inForce(name: string, hosts: readonly string[]): readonly Variable[];
  /** Whether some host of the set has a value for the name. */
  isDefined(name: string, hosts: readonly string[]): boolean;
  /** Files of variables that apply to some host of the set, for digests. */
  filesFor(hosts: readonly string[]): readonly string[];
  /** Whether an encrypted file applies to some host of the set: the names in it cannot be known. */
  isSealed(hosts: readonly string[]): boolean;
  /** The variables in force for all of the lab: those of `all`. */
  readonly all: Variables;
};

type Scope = {
  readonly kind: 'group' | 'host';
  readonly name: string;
  readonly variables: Variables;
  readonly files: Set<string>;
  sealed: boolean;
};

/** Reads the variables beside the inventory and beside each of the given folders (the playbooks'). */
export function readVariables(
  repository: Repository,
  inventory: Inventory,
  playbookFolders: readonly string[],
): LabVariables {
  const scopes = new Map<string, Scope>();
  const scope = (kind: 'group' | 'host', name: string): Scope => {
    const key = `${kind}:${name}`;
    const known = scopes.get(key) ?? { kind, name, variables: new Map(), files: new Set(), sealed: false };
    scopes.set(key, known);
    return known;
  };
  scope('group', 'all');
  for (const [name, group] of inventory.draft.groups) merge(scope('group', name).variables, group.variables);
  const folders = new Set([
    ...inventory.sources.map((source) => (repository.has(source) ? folderOf(source) : source)),
    ...playbookFolders,
  ]);
  for (const folder of [...strayFolders(repository, folders), ...folders]) {
    readFolder(repository, `${folder === '' ? '' : `${folder}/`}group_vars`, (name) => scope('group', name));
    readFolder(repository, `${folder === '' ? '' : `${folder}/`}host_vars`, (name) => scope('host', name));
  }
  for (const [name, host] of inventory.draft.hosts) merge(scope('host', name).variables, host.variables);

  const ordered = [...scopes.values()].sort((a, b) => weight(a) - weight(b));
  const sets = new Map<Scope, ReadonlySet<string>>();
  const members = (one: Scope): ReadonlySet<string> => {
    const known = sets.get(one) ?? new Set(hostsOf(one));
    sets.set(one, known);
    return known;
  };
  const hostsOf = (one: Scope): readonly string[] =>
    one.kind === 'host' ? [one.name] : (inventory.members.groups.get(one.name) ?? []);
  const defined = new Map<string, readonly Variable[]>();
  const definedNames = new WeakMap<readonly string[], ReadonlySet<string>>();
  const applicable = new WeakMap<readonly string[], readonly Scope[]>();
  const applying = (hosts: readonly string[]): readonly Scope[] => {
    const known =
      applicable.get(hosts) ??
      ordered.filter((one) => one.name === 'all' || hosts.some((host) => members(one).has(host)));
    applicable.set(hosts, known);
    return known;
  };
  return {
    definitions(name) {
      const known = defined.get(name) ?? ordered.flatMap((one) => one.variables.get(name) ?? []);
      defined.set(name, known);
      return known;
    },
    inForce: (name, hosts) => {
      const holding = ordered.filter((one) => one.variables.has(name));
      if (holding.length === 0) return [];
      return hosts.flatMap(
        (host) => holding.findLast((one) => one.name === 'all' || members(one).has(host))?.variables.get(name) ?? [],
      );
    },
    isDefined(name, hosts) {
      const names = definedNames.get(hosts) ?? new Set(applying(hosts).flatMap((one) => [...one.variables.keys()]));
      definedNames.set(hosts, names);
      return names.has(name);
    },
    filesFor: (hosts) => applying(hosts).flatMap((one) => [...one.files]),
    isSealed: (hosts) => applying(hosts).some((one) => one.sealed),
    all: scope('group', 'all').variables,
  };
}

function weight(scope: Scope): number {
  return scope.kind === 'host' ? 2 : scope.name === 'all' ? 0 : 1;
}

function merge(into: Variables, from: Variables): void {
  for (const [name, variable] of from) into.set(name, variable);
}

/** `group_vars/web.yml`, `group_vars/web`, `group_vars/web/*.yml`. */
function readFolder(repository: Repository, folder: string, scopeOf: (name: string) => Scope): void {
  for (const child of repository.children(folder)) {
    if (child.endsWith('/')) readNested(repository, child.slice(0, -1), scopeOf(nameOf(child.slice(0, -1))));
    else readFile(repository, child, scopeOf(stemOf(child)));
  }
}

function readNested(repository: Repository, folder: string, scope: Scope): void {
  for (const child of [...repository.children(folder)].sort()) {
    if (child.endsWith('/')) readNested(repository, child.slice(0, -1), scope);
    else readFile(repository, child, scope);
  }
}

function readFile(repository: Repository, path: string, scope: Scope): void {
  const name = nameOf(path);
  if (name.startsWith('.') || !/(\.(ya?ml|json)|^[^.]+)$/.test(name)) return;
  scope.files.add(path);
  if (repository.isEncrypted(path)) {
    scope.sealed = true;
    return;
  }
  const root = repository.yaml(path);
  for (const variable of variablesOf(root, path)) scope.variables.set(variable.name, variable);
}

/** The entries of a variables file or mapping. */
export function variablesOf(root: YamlNode | undefined, path: string): readonly Variable[] {
  return entriesOf(root).map((entry) => ({ name: entry.key, value: entry.value, source: { path, line: entry.line } }));
}

/** Folders with group_vars that Ansible does not read, being beside neither the inventory nor a playbook: the weakest of all. */
function strayFolders(repository: Repository, folders: ReadonlySet<string>): readonly string[] {
  const stray = new Set<string>();
  for (const path of repository.paths) {
    const folder = /^((?:[^/]+\/)*)(?:group_vars|host_vars)\/[^/]+/.exec(path)?.[1]?.replace(/\/$/, '');
    if (folder === undefined || folders.has(folder) || stray.has(folder)) continue;
    if (
      /(^|\/)(inventor(y|ies)[\w.-]*|environments?|molecule|tests?|roles|docs?|examples?|samples?|\.[^/]+)(\/|$)/.test(
        folder,
      )
    )
      continue;
    stray.add(folder);
    repository.find(
      path,
      1,
      'Ansible does not read this: variables of groups and hosts belong beside the inventory or the playbook',
    );
  }
  return [...stray];
}
