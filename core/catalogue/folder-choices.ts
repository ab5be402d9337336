// Variables that choose a folder or file of the repository: `src: "stacks/{{ stack }}/compose.yml"` with a folder for each stack.

import type { JsonValue } from '../json.ts';
import { canBeHandedOver } from './inputs.ts';
import type { Lab } from './lab.ts';
import { isBuiltIn } from './references.ts';
import { folderOf, join, nameOf } from './repository.ts';
import type { TaskItem } from './tasks.ts';
import type { Visit } from './visit.ts';
import { itemsOf, jsonOf, scalarsOf, textOf, type YamlNode } from './yaml-tree.ts';

export type FolderChoice = {
  readonly variable: string;
  /** What the variable is set to for this choice: the value itself, or a list of one for a loop's list. */
  readonly value: JsonValue;
  readonly chosen: string;
  readonly isList: boolean;
};

const path =
  /^(?:\{\{\s*(?:playbook_dir|role_path|inventory_dir)\s*\}\}\/)?((?:[\w.-]+\/)*)([\w.-]*)\{\{\s*([A-Za-z_]\w*)(?:\.(\w+))?\s*\}\}([\w.-]*)((?:\/[\w.-]+)*\/?)$/;
const found = new WeakMap<TaskItem, readonly FolderChoice[]>();
const maxChoices = 400;

/** The choices that an item's paths offer; none where the variable is settled by the repository. */
export function folderChoicesOf(
  lab: Lab,
  visit: Visit,
  isSettled: (name: string) => boolean,
  playbookFolder: string,
): readonly FolderChoice[] {
  if (visit.item.type !== 'task' && visit.item.type !== 'vars') return [];
  const known = found.get(visit.item);
  if (known !== undefined) return known;
  const choices = new Map<string, FolderChoice>();
  for (const scalar of scalarsOf(visit.item.args)) {
    for (const choice of inText(lab, visit, (textOf(scalar) ?? '').trim(), isSettled, playbookFolder))
      choices.set(choice.chosen, choice);
  }
  const all = [...choices.values()].slice(0, maxChoices);
  found.set(visit.item, all);
  return all;
}

function inText(
  lab: Lab,
  visit: Visit,
  text: string,
  isSettled: (name: string) => boolean,
  playbookFolder: string,
): readonly FolderChoice[] {
  const match = text.length < 300 ? path.exec(text) : null;
  if (match === null) return [];
  const [, prefix = '', before = '', variable = '', attribute, after = '', rest = ''] = match;
  const looped = variable === visit.item.loopVar && visit.item.loop !== undefined;
  if (!looped && (attribute !== undefined || isBuiltIn(variable) || isSettled(variable))) return [];
  const values = valuesIn(lab, visit, prefix, before, after, rest, playbookFolder);
  if (values.length === 0) return [];
  if (!looped) return values.map((value) => ({ variable, value, chosen: value, isList: false }));
  const list = /^\s*\{\{\s*([A-Za-z_]\w*)\s*(?:\|[^}]*)?\}\}\s*$/.exec(textOf(visit.item.loop) ?? '')?.[1];
  if (list === undefined || isBuiltIn(list)) return [];
  const elements = lab.variables.definitions(list).flatMap((definition) => itemsOf(definition.value));
  if (attribute === undefined && elements.every((element) => element.kind === 'scalar'))
    return values.map((value) => ({ variable: list, value: [value], chosen: value, isList: true }));
  return elements.flatMap((element) => {
    const name = nameIn(element, attribute);
    return name === undefined || !values.includes(name) || !canBeHandedOver(element)
      ? []
      : [{ variable: list, value: [jsonOf(element)], chosen: name, isList: true }];
  });
}

function nameIn(element: YamlNode, attribute: string | undefined): string | undefined {
  if (element.kind === 'scalar') return textOf(element);
  return attribute === undefined || element.kind !== 'map' ? undefined : textOf(element.entries.get(attribute)?.value);
}

/** The names that fit between `before` and `after` in the first folder of the search that has any. */
function valuesIn(
  lab: Lab,
  visit: Visit,
  prefix: string,
  before: string,
  after: string,
  rest: string,
  playbookFolder: string,
): readonly string[] {
  // `age: "{{ days }}d"` is no path: a path has folders or a file's ending.
  if (prefix === '' && rest === '' && !/^[\w-]*\.[a-z]\w*(\.j2)?$/.test(after)) return [];
  const { repository } = lab;
  const role = visit.within?.folder;
  const bases = [
    ...(role === undefined ? [] : [role, `${role}/templates`, `${role}/files`]),
    folderOf(visit.item.source.path),
    playbookFolder,
    ...['templates', 'files'].map((name) => (playbookFolder === '' ? name : `${playbookFolder}/${name}`)),
    ...(prefix === '' ? [] : ['']),
  ];
  for (const base of bases) {
    const folder = join(base, prefix === '' ? '.' : prefix);
    if (folder === undefined || !repository.isFolder(folder)) continue;
    const values = repository.children(folder).flatMap((child) => {
      const isFolder = child.endsWith('/');
      const name = nameOf(isFolder ? child.slice(0, -1) : child);
      if (
        !name.startsWith(before) ||
        !name.endsWith(after) ||
        name.length <= before.length + after.length ||
        name.startsWith('.')
      )
        return [];
      const wanted = rest.replace(/\/$/, '');
      if (
        isFolder
          ? wanted !== '' &&
            !repository.has(`${child.slice(0, -1)}${wanted}`) &&
            !repository.isFolder(`${child.slice(0, -1)}${wanted}`)
          : rest !== '' || after === ''
      )
        return [];
      return [name.slice(before.length, name.length - after.length)];
    });
    if (values.length > 0)
      return values.filter(
        (value) =>
          value !== 'main' &&
          !['tasks', 'handlers', 'defaults', 'vars', 'meta', 'group_vars', 'host_vars'].includes(value),
      );
  }
  return [];
}
