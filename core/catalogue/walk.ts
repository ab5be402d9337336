// A play followed into its roles and task files: every item once for each way it is reached, with the tags and conditions it inherits.
import { type Play, variablesFiles } from './playbook.ts';
import { folderOf, type Repository } from './repository.ts';
import type { Role } from './role.ts';
import type { Roles } from './role-find.ts';
import { makeTargets } from './targets.ts';
import { makeTaskSearch } from './task-search.ts';
import { readTaskFile, type TaskItem } from './tasks.ts';
import { type Choice, extended, type Place, type Visit } from './visit.ts';
import { entriesOf, type YamlNode } from './yaml-tree.ts';

export type Walker = {
  walk(play: Play, tags: readonly string[], when: readonly string[], given: YamlNode | undefined): readonly Visit[];
};

const maxDepth = 14;
const maxVisits = 20_000;

/** `known` gives the inventory's value of a variable. */
export function makeWalker(
  repository: Repository,
  roles: Roles,
  known: (name: string) => YamlNode | undefined,
): Walker {
  const taskFiles = new Map<string, readonly TaskItem[]>();
  const tasksOf = (path: string): readonly TaskItem[] => {
    const items = taskFiles.get(path) ?? readTaskFile(repository, path);
    taskFiles.set(path, items);
    return items;
  };

  return {
    walk(play, tags, when, given) {
      const folder = folderOf(play.source.path);
      const fixed = new Set(entriesOf(given).map((entry) => entry.key));
      const search = makeTaskSearch(repository, folder);
      const targetsOf = makeTargets({ roles, search, known, folder, fixed });
      const scope = new Map([...entriesOf(play.vars), ...entriesOf(given)].map((entry) => [entry.key, entry.value]));
      for (const path of variablesFiles(play)) {
        for (const entry of entriesOf(repository.yaml(path)))
          if (!scope.has(entry.key)) scope.set(entry.key, entry.value);
      }
      const visits: Visit[] = [];
      followItems(play.items, {
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

      function followItems(items: readonly TaskItem[], place: Place): void {
        if (place.depth > maxDepth) return;
        for (const item of items) {
          if (visits.length >= maxVisits) {
            repository.find(
              play.source.path,
              play.source.line,
              `this play has more than ${maxVisits} tasks; only those are read`,
            );
            return;
          }
          if (item.type === 'role' || item.type === 'tasks') {
            for (const [target, choice] of targetsOf(item, place)) bringIn(item, target, choice, place);
            continue;
          }
          const files = item.type === 'vars' ? search.variablesFiles(item, place) : [];
          const visit = visited(item, place, { target: item.target, choice: undefined, role: undefined, files });
          visits.push(visit);
          if (item.type === 'block') {
            const scope = extended(place.scope, item.vars);
            followItems(item.items, { ...place, tags: visit.tags, when: visit.when, parent: visit, scope });
          }
        }
      }

      function bringIn(item: TaskItem, target: string, choice: Choice | undefined, place: Place): void {
        const role = item.type === 'role' ? roles.find(target, folder) : undefined;
        const entry = item.tasksFrom || 'main';
        const files = item.type === 'role' ? [role?.taskFile(entry) ?? []].flat() : search.taskFiles(target, place);
        reportMissing(item, target, role, files);
        const visit = visited(item, place, { target, choice, role, files });
        visits.push(visit);
        const inner: Place = {
          ...place,
          // Ansible hands the tags of an import on, but not those of an include: only what stands in its `apply`.
          tags: item.dynamic ? new Set([...place.tags, ...item.applied]) : visit.tags,
          when: item.dynamic ? place.when : visit.when,
          parent: visit,
          depth: place.depth + 1,
          scope: extended(place.scope, item.vars, choice),
        };
        if (role !== undefined) {
          followRole(role, item, files, inner);
          return;
        }
        for (const path of files)
          if (!place.chain.includes(path))
            followItems(tasksOf(path), { ...inner, path, chain: [...place.chain, path] });
      }

      function followRole(role: Role, item: TaskItem, files: readonly string[], place: Place): void {
        const link = `${role.folder}:${item.tasksFrom}`;
        if (place.chain.includes(link)) return;
        const chain = [...place.chain, link];
        for (const name of role.dependencies) {
          const dependency = {
            ...item,
            target: name,
            tasksFrom: '',
            tags: [],
            vars: undefined,
            loop: undefined,
            name: '',
          };
          bringIn(dependency, name, undefined, { ...place, chain });
        }
        const scope = new Map([
          ...role.defaults.map((one): [string, YamlNode] => [one.name, one.value]),
          ...place.scope,
          ...role.vars.map((one): [string, YamlNode] => [one.name, one.value]),
        ]);
        for (const path of files)
          followItems(role.tasks(item.tasksFrom || 'main'), { ...place, within: role, scope, path, chain });
      }

      function reportMissing(item: TaskItem, target: string, role: Role | undefined, files: readonly string[]): void {
        const { path, line } = item.source;
        if (target === '' || target.includes('{{')) return;
        if (item.type === 'tasks' && files.length === 0)
          repository.find(path, line, `the task file ${target} is not in the repository`);
        if (item.type !== 'role') return;
        if (role === undefined)
          repository.find(
            path,
            line,
            `the role ${target} is not in the repository; it has to be installed where Ansible runs`,
          );
        else if (!roles.isReached(role, folder))
          repository.find(
            path,
            line,
            `Ansible finds the role ${target} only with a roles_path to ${folderOf(role.folder)} in ansible.cfg`,
          );
      }
    },
  };
}

function visited(item: TaskItem, place: Place, more: Pick<Visit, 'target' | 'choice' | 'role' | 'files'>): Visit {
  return {
    item,
    tags: item.tags.length === 0 ? place.tags : new Set([...place.tags, ...item.tags]),
    introduced: item.tags.filter((tag) => !place.tags.has(tag)),
    when: item.when.length === 0 ? place.when : [...place.when, ...item.when],
    within: place.within,
    parent: place.parent,
    depth: place.depth,
    ...more,
  };
}
