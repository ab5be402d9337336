// A play followed into its roles and task files: every item once for each way it is reached, with the tags and conditions it inherits.

import { substitute } from './jinja.ts';
import type { Play } from './playbook.ts';
import { folderOf, join, nameOf, type Repository } from './repository.ts';
import type { Role } from './role.ts';
import type { Roles } from './role-find.ts';
import { readTaskFile, type TaskItem } from './tasks.ts';
import { variablesOf } from './variables.ts';
import { at, entriesOf, textOf, textsOf, type YamlNode } from './yaml-tree.ts';

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

export type Walker = {
  walk(play: Play, tags: readonly string[], when: readonly string[], given: YamlNode | undefined): readonly Visit[];
};

const maxDepth = 14;
const maxVisits = 20_000;
const maxChoices = 400;

/** `known` gives the inventory's value of a variable. */
export function makeWalker(
  repository: Repository,
  roles: Roles,
  known: (name: string) => YamlNode | undefined,
): Walker {
  const taskFiles = new Map<string, readonly TaskItem[]>();
  const tasksOf = (path: string): readonly TaskItem[] => {
    const known = taskFiles.get(path) ?? readTaskFile(repository, path);
    taskFiles.set(path, known);
    return known;
  };

  return {
    walk(play, tags, when, given) {
      const visits: Visit[] = [];
      const folder = folderOf(play.source.path);
      const scope = new Map([...entriesOf(play.vars), ...entriesOf(given)].map((entry) => [entry.key, entry.value]));
      for (const file of play.varsFiles) {
        const path = join(folder, file.replace(/^\{\{\s*playbook_dir\s*\}\}\//, ''));
        for (const variable of path === undefined || !repository.has(path)
          ? []
          : variablesOf(repository.yaml(path), path)) {
          if (!scope.has(variable.name)) scope.set(variable.name, variable.value);
        }
      }
      const walk = new Walk(
        repository,
        roles,
        known,
        tasksOf,
        folder,
        new Set(entriesOf(given).map((entry) => entry.key)),
        visits,
      );
      walk.items(play.items, {
        tags: new Set([...tags, ...play.tags]),
        when,
        within: undefined,
        parent: undefined,
        depth: 0,
        scope,
        path: play.source.path,
        chain: [play.source.path],
      });
      return visits;
    },
  };
}

type Place = {
  readonly tags: ReadonlySet<string>;
  readonly when: readonly string[];
  readonly within: Role | undefined;
  readonly parent: Visit | undefined;
  readonly depth: number;
  readonly scope: ReadonlyMap<string, YamlNode>;
  readonly path: string;
  readonly chain: readonly string[];
};

class Walk {
  readonly #repository: Repository;
  readonly #roles: Roles;
  readonly #lab: (name: string) => YamlNode | undefined;
  readonly #tasksOf: (path: string) => readonly TaskItem[];
  readonly #folder: string;
  readonly #fixed: ReadonlySet<string>;
  readonly #visits: Visit[];

  constructor(
    repository: Repository,
    roles: Roles,
    lab: (name: string) => YamlNode | undefined,
    tasksOf: (path: string) => readonly TaskItem[],
    folder: string,
    fixed: ReadonlySet<string>,
    visits: Visit[],
  ) {
    this.#repository = repository;
    this.#roles = roles;
    this.#lab = lab;
    this.#tasksOf = tasksOf;
    this.#folder = folder;
    this.#fixed = fixed;
    this.#visits = visits;
  }

  items(items: readonly TaskItem[], place: Place): void {
    if (place.depth > maxDepth) return;
    for (const item of items) {
      if (this.#visits.length >= maxVisits) return;
      if (item.type === 'role' || item.type === 'tasks')
        for (const [target, choice] of this.#targets(item, place)) this.#bringIn(item, target, choice, place);
      else {
        const visit = this.#visit(item, place, {
          target: item.target,
          choice: undefined,
          role: undefined,
          files: item.type === 'vars' ? this.#variablesFiles(item, place) : [],
        });
        if (item.type === 'block')
          this.items(item.items, {
            ...place,
            tags: visit.tags,
            when: visit.when,
            parent: visit,
            scope: extended(place.scope, item.vars),
          });
      }
    }
  }

  #visit(item: TaskItem, place: Place, more: Pick<Visit, 'target' | 'choice' | 'role' | 'files'>): Visit {
    const visit: Visit = {
      item,
      tags: item.tags.length === 0 ? place.tags : new Set([...place.tags, ...item.tags]),
      introduced: item.tags.filter((tag) => !place.tags.has(tag)),
      when: item.when.length === 0 ? place.when : [...place.when, ...item.when],
      within: place.within,
      parent: place.parent,
      depth: place.depth,
      ...more,
    };
    this.#visits.push(visit);
    return visit;
  }

  #bringIn(item: TaskItem, target: string, choice: Choice | undefined, place: Place): void {
    const role = item.type === 'role' ? this.#roles.find(target, this.#folder) : undefined;
    const files =
      item.type === 'role' ? [role?.taskFile(item.tasksFrom || 'main') ?? []].flat() : this.#taskFiles(target, place);
    if (item.type === 'role' && role === undefined && !target.includes('{{') && target !== '') {
      this.#repository.find(
        item.source.path,
        item.source.line,
        `the role ${target} is not in the repository; it has to be installed where Ansible runs`,
      );
    }
    if (role !== undefined && !this.#roles.isReached(role, this.#folder)) {
      this.#repository.find(
        item.source.path,
        item.source.line,
        `Ansible finds the role ${target} only with a roles_path to ${folderOf(role.folder)} in ansible.cfg`,
      );
    }
    if (item.type === 'tasks' && files.length === 0 && !target.includes('{{') && target !== '') {
      this.#repository.find(item.source.path, item.source.line, `the task file ${target} is not in the repository`);
    }
    const visit = this.#visit(item, place, { target, choice, role, files });
    // Ansible hands the tags of an import on, but not those of an include: only what stands in its `apply`.
    const tags = item.dynamic ? new Set([...place.tags, ...item.applied]) : visit.tags;
    const inner = {
      ...place,
      tags,
      when: item.dynamic ? place.when : visit.when,
      parent: visit,
      depth: place.depth + 1,
      scope: extended(place.scope, item.vars, choice),
    };
    if (role !== undefined) {
      const chainKey = `${role.folder}:${item.tasksFrom}`;
      if (place.chain.includes(chainKey)) return;
      const chain = [...place.chain, chainKey];
      for (const name of role.dependencies)
        this.#bringIn(
          { ...item, target: name, tasksFrom: '', tags: [], vars: undefined, loop: undefined, name: '' },
          name,
          undefined,
          { ...inner, chain },
        );
      const scope = new Map([
        ...role.defaults.map((one): [string, YamlNode] => [one.name, one.value]),
        ...inner.scope,
        ...role.vars.map((one): [string, YamlNode] => [one.name, one.value]),
      ]);
      for (const path of files)
        this.items(role.tasks(item.tasksFrom || 'main'), { ...inner, within: role, scope, path, chain });
      return;
    }
    for (const path of files)
      if (!place.chain.includes(path))
        this.items(this.#tasksOf(path), { ...inner, path, chain: [...place.chain, path] });
  }

  /** Where Ansible looks for a task file: beside the file that names it, in the role's tasks, beside the playbook. */
  #taskFiles(target: string, place: Place): readonly string[] {
    if (target === '') return [];
    const file = this.#withFolders(target, place);
    const bases = [
      folderOf(place.path),
      ...(place.within === undefined ? [] : [`${place.within.folder}/tasks`, place.within.folder]),
      this.#folder,
      this.#folder === '' ? 'tasks' : `${this.#folder}/tasks`,
    ];
    for (const base of bases) {
      const path = join(base, file);
      if (path === undefined) continue;
      if (file.includes('{{')) {
        const matching = globbed(this.#repository, path);
        if (matching.length > 0) return matching;
      } else {
        const found = [path, `${path}.yml`, `${path}.yaml`].find((candidate) => this.#repository.has(candidate));
        if (found !== undefined) return [found];
      }
    }
    return [];
  }

  #variablesFiles(item: TaskItem, place: Place): readonly string[] {
    const looped =
      item.loop?.kind === 'list' && /^\{\{\s*\w+\s*\}\}$/.test(item.target.trim()) ? textsOf(item.loop) : [];
    if (looped.length > 0)
      return looped.flatMap((target) => this.#variablesFiles({ ...item, target, loop: undefined }, place));
    const file = this.#withFolders(item.target, place);
    const bases = [
      ...(place.within === undefined ? [] : [`${place.within.folder}/vars`, place.within.folder]),
      folderOf(place.path),
      this.#folder,
      this.#folder === '' ? 'vars' : `${this.#folder}/vars`,
    ];
    for (const base of bases) {
      const path = join(base, file);
      if (path === undefined) continue;
      const found = file.includes('{{') ? globbed(this.#repository, path) : this.#repository.has(path) ? [path] : [];
      if (found.length > 0) return found;
    }
    return [];
  }

  /** `{{ playbook_dir }}` and `{{ role_path }}` in front of a path, as paths from the place where they stand. */
  #withFolders(target: string, place: Place): string {
    const up = (folder: string): string =>
      folder === ''
        ? ''
        : folder
            .split('/')
            .map(() => '..')
            .join('/');
    const base = folderOf(place.path);
    const relative = (folder: string): string => [up(base), folder].filter((part) => part !== '').join('/') || '.';
    return target
      .replace(/^\{\{\s*playbook_dir\s*\}\}/, relative(this.#folder))
      .replace(/^\{\{\s*role_path\s*\}\}/, relative(place.within?.folder ?? this.#folder));
  }

  /** What a templated target stands for: known values put in, a loop's elements, or what there is in the repository. */
  #targets(item: TaskItem, place: Place): readonly (readonly [string, Choice | undefined])[] {
    const target = item.target;
    if (!target.includes('{{')) return [[target, undefined]];
    const looped = this.#looped(item, place);
    if (looped.length > 0) return looped;
    const known = substitute(target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}\/?/g, ''), (name, path) =>
      scalarAt(place.scope.get(name) ?? this.#lab(name), path),
    );
    const variable = /\{\{-?\s*([A-Za-z_]\w*)\s*(?:\|[^}]*)?-?\}\}/.exec(
      target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}/g, ''),
    )?.[1];
    // A play's own variable is a default that a run may set otherwise; what a role, an import or the lab says is settled.
    const settled =
      place.within !== undefined ||
      (variable !== undefined && (this.#fixed.has(variable) || this.#lab(variable) !== undefined));
    if (known !== undefined && settled) return [[known, undefined]];
    if (variable === undefined || /^ansible_|^item$/.test(variable)) return [[known ?? target, undefined]];
    const there = item.type === 'role' ? this.#matchingRoles(target) : this.#matchingFiles(target, place);
    const choices = there
      .slice(0, maxChoices)
      .map(([value, path]): readonly [string, Choice] => [path, { variable, value }]);
    return choices.length > 0 ? choices : [[known ?? target, undefined]];
  }

  #looped(item: TaskItem, place: Place): readonly (readonly [string, Choice])[] {
    const listed = listName(item.loop);
    const list = listed === undefined ? item.loop : (place.scope.get(listed) ?? this.#lab(listed));
    if (list?.kind !== 'list') return [];
    return list.items.slice(0, maxChoices).flatMap((element): readonly (readonly [string, Choice])[] => {
      const target = substitute(item.target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}\/?/g, ''), (name, path) =>
        scalarAt(name === item.loopVar ? element : (place.scope.get(name) ?? this.#lab(name)), path),
      );
      const value = textOf(element) ?? textOf(at(element, 'name')) ?? textOf(at(element, 'role')) ?? target;
      if (target === undefined || value === undefined) return [];
      return [
        [
          target,
          {
            variable: item.loopVar,
            value,
            ...(listed === undefined ? {} : { list: { variable: listed, element } }),
          },
        ],
      ];
    });
  }

  #matchingRoles(target: string): readonly (readonly [string, string])[] {
    const expression = asExpression(target);
    return this.#roles.names(this.#folder).flatMap((name) => {
      const value = expression.exec(name)?.[1];
      return value === undefined ? [] : [[value, name] as const];
    });
  }

  #matchingFiles(target: string, place: Place): readonly (readonly [string, string])[] {
    const expression = asExpression(nameOf(target).replace(/\.ya?ml$/, ''));
    return this.#taskFiles(target, place).flatMap((path) => {
      const value =
        expression.exec(nameOf(path).replace(/\.ya?ml$/, ''))?.[1] ??
        (nameOf(target).includes('{{') ? undefined : nameOf(folderOf(path)));
      const prefix = target.slice(0, target.length - nameOf(target).length);
      return value === undefined || value === 'main'
        ? []
        : [[value, prefix.includes('{{') ? path : `${prefix}${nameOf(path)}`] as const];
    });
  }
}

function asExpression(target: string): RegExp {
  const parts = target.split(/\{\{.*?\}\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('([\\w.-]+)')}$`);
}

/** The YAML files that a path with Jinja in it may mean. */
function globbed(repository: Repository, path: string): readonly string[] {
  const [folder, name] = [folderOf(path), nameOf(path)];
  const folders = folder.includes('{{')
    ? repository
        .children(folderOf(folder))
        .filter((child) => child.endsWith('/') && asExpression(folder).test(child.slice(0, -1)))
        .map((child) => child.slice(0, -1))
    : [folder];
  const expression = asExpression(/\.ya?ml$/.test(name) ? name : `${name}.yml`);
  return folders.flatMap((one) =>
    repository.children(one).filter((child) => !child.endsWith('/') && expression.test(nameOf(child))),
  );
}

function extended(
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

function scalarAt(node: YamlNode | undefined, path: readonly string[]): string | undefined {
  return textOf(at(node, ...path));
}
