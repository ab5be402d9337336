// What a templated role or task file stands for: known values put in, a loop's elements, or what there is in the repository.
import { substitute } from './jinja.ts';
import { folderOf, nameOf } from './repository.ts';
import type { Roles } from './role-find.ts';
import { asExpression, type TaskSearch } from './task-search.ts';
import type { TaskItem } from './tasks.ts';
import { type Choice, listName, type Place, scalarAt } from './visit.ts';
import { at, textOf, type YamlNode } from './yaml-tree.ts';

type Target = readonly [target: string, choice: Choice | undefined];

export type TargetsContext = {
  readonly roles: Roles;
  readonly search: TaskSearch;
  /** The inventory's value of a variable. */
  readonly known: (name: string) => YamlNode | undefined;
  /** The playbook's folder. */
  readonly folder: string;
  /** Variables that an import gives the play. */
  readonly fixed: ReadonlySet<string>;
};

const maxChoices = 400;

export function makeTargets({
  roles,
  search,
  known,
  folder,
  fixed,
}: TargetsContext): (item: TaskItem, place: Place) => readonly Target[] {
  function targets(item: TaskItem, place: Place): readonly Target[] {
    const target = item.target;
    if (!target.includes('{{')) return [[target, undefined]];
    const elements = looped(item, place);
    if (elements.length > 0) return elements;
    const filled = substitute(target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}\/?/g, ''), (name, path) =>
      scalarAt(place.scope.get(name) ?? known(name), path),
    );
    const variable = /\{\{-?\s*([A-Za-z_]\w*)\s*(?:\|[^}]*)?-?\}\}/.exec(
      target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}/g, ''),
    )?.[1];
    // A play's own variable is a default that a run may set otherwise; what a role, an import or the lab says is settled.
    const settled =
      place.within !== undefined || (variable !== undefined && (fixed.has(variable) || known(variable) !== undefined));
    if (filled !== undefined && settled) return [[filled, undefined]];
    if (variable === undefined || /^ansible_|^item$/.test(variable)) return [[filled ?? target, undefined]];
    const there = item.type === 'role' ? matchingRoles(target) : matchingFiles(target, place);
    const choices = there
      .slice(0, maxChoices)
      .map(([value, path]): readonly [string, Choice] => [path, { variable, value }]);
    return choices.length > 0 ? choices : [[filled ?? target, undefined]];
  }

  function looped(item: TaskItem, place: Place): readonly (readonly [string, Choice])[] {
    const listed = listName(item.loop);
    const list = listed === undefined ? item.loop : (place.scope.get(listed) ?? known(listed));
    if (list?.kind !== 'list') return [];
    return list.items.slice(0, maxChoices).flatMap((element): readonly (readonly [string, Choice])[] => {
      const target = substitute(item.target.replace(/\{\{\s*(playbook_dir|role_path)\s*\}\}\/?/g, ''), (name, path) =>
        scalarAt(name === item.loopVar ? element : (place.scope.get(name) ?? known(name)), path),
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

  function matchingRoles(target: string): readonly (readonly [string, string])[] {
    const expression = asExpression(target);
    return roles.names(folder).flatMap((name) => {
      const value = expression.exec(name)?.[1];
      return value === undefined ? [] : [[value, name] as const];
    });
  }

  function matchingFiles(target: string, place: Place): readonly (readonly [string, string])[] {
    const expression = asExpression(nameOf(target).replace(/\.ya?ml$/, ''));
    return search.taskFiles(target, place).flatMap((path) => {
      const value =
        expression.exec(nameOf(path).replace(/\.ya?ml$/, ''))?.[1] ??
        (nameOf(target).includes('{{') ? undefined : nameOf(folderOf(path)));
      const prefix = target.slice(0, target.length - nameOf(target).length);
      return value === undefined || value === 'main'
        ? []
        : [[value, prefix.includes('{{') ? path : `${prefix}${nameOf(path)}`] as const];
    });
  }

  return targets;
}
