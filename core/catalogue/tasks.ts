// A list of tasks as items: plain tasks, blocks, and what imports or includes task files and roles. Nothing is followed here.
import { commentAbove, linesOf } from './comments.ts';
import type { Source } from './model.ts';
import type { Repository } from './repository.ts';
import { at, itemsOf, textOf, textsOf, type YamlMap, type YamlNode } from './yaml-tree.ts';

export type TaskItem = {
  readonly type: 'task' | 'block' | 'tasks' | 'role' | 'vars';
  /** `include_*`: what it brings in does not inherit its tags. */
  readonly dynamic: boolean;
  readonly name: string;
  readonly source: Source;
  readonly comment: readonly string[];
  readonly tags: readonly string[];
  /** `apply: tags` of an include. */
  readonly applied: readonly string[];
  readonly when: readonly string[];
  /** The task file, role, or variables file it brings in; may hold Jinja. */
  readonly target: string;
  readonly tasksFrom: string;
  /** The module without `ansible.builtin.`; empty for blocks and includes. */
  readonly module: string;
  readonly args: YamlNode | undefined;
  readonly raw: YamlMap;
  readonly loop: YamlNode | undefined;
  readonly loopVar: string;
  readonly vars: YamlNode | undefined;
  readonly register: string;
  readonly items: readonly TaskItem[];
};

const keywords = new Set(
  'name action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff environment failed_when ignore_errors ignore_unreachable local_action loop loop_control module_defaults no_log notify listen poll port register remote_user retries run_once tags throttle timeout until vars when block rescue always gather_facts'.split(
    ' ',
  ),
);

const maxDepth = 30;

/** The items of a list of tasks that stands in the file at `path`. */
export function readTasks(
  repository: Repository,
  list: YamlNode | undefined,
  path: string,
  depth = 0,
): readonly TaskItem[] {
  if (depth > maxDepth) return [];
  const lines = linesOf(repository.text(path) ?? '');
  return itemsOf(list).flatMap((node) => (node.kind === 'map' ? [readItem(repository, node, path, lines, depth)] : []));
}

/** The items of a task file. */
export function readTaskFile(repository: Repository, path: string): readonly TaskItem[] {
  return readTasks(repository, repository.yaml(path), path);
}

function readItem(
  repository: Repository,
  node: YamlMap,
  path: string,
  lines: readonly string[],
  depth: number,
): TaskItem {
  const line = node.entries.values().next().value?.line ?? node.line;
  const loopEntry = [...node.entries.values()].find((entry) => entry.key === 'loop' || entry.key.startsWith('with_'));
  const base = {
    dynamic: false,
    name: textOf(at(node, 'name')) ?? '',
    source: { path, line },
    comment: commentAbove(lines, line),
    tags: textsOf(at(node, 'tags')),
    applied: [],
    when: conditionsOf(at(node, 'when')),
    target: '',
    tasksFrom: '',
    module: '',
    args: undefined,
    raw: node,
    loop: loopEntry?.value,
    loopVar: textOf(at(node, 'loop_control', 'loop_var')) ?? 'item',
    vars: at(node, 'vars'),
    register: textOf(at(node, 'register')) ?? '',
    items: [],
  } as const;
  if (node.entries.has('block')) {
    const items = ['block', 'rescue', 'always'].flatMap((key) => readTasks(repository, at(node, key), path, depth + 1));
    return { ...base, type: 'block', items };
  }
  const entry = [...node.entries.values()].find(({ key }) => !keywords.has(key) && !key.startsWith('with_'));
  const action = entry === undefined ? oldStyle(node) : { module: shortModule(entry.key), args: entry.value };
  if (action === undefined) return { ...base, type: 'task' };
  const { module, args } = action;
  const named = (...keys: readonly string[]): string => {
    for (const key of keys) {
      const text = textOf(at(args, key)) ?? fromText(textOf(args), key);
      if (text !== undefined) return text;
    }
    return '';
  };
  const free = (textOf(args) ?? '').trim();
  const applied = textsOf(at(args, 'apply', 'tags'));
  switch (module) {
    case 'import_tasks':
    case 'include_tasks':
    case 'include': {
      const target = named('file', '_raw_params') || (/^(?:"[^"]*"|'[^']*'|\{\{.*?\}\}|[^\s{])+/.exec(free)?.[0] ?? '');
      return {
        ...base,
        type: 'tasks',
        dynamic: module === 'include_tasks',
        target: target.replace(/^["']|["']$/g, ''),
        applied,
        args,
      };
    }
    case 'import_role':
    case 'include_role':
      return {
        ...base,
        type: 'role',
        dynamic: module === 'include_role',
        target: named('name', 'role') || (args?.kind === 'scalar' && !free.includes('=') ? free : ''),
        tasksFrom: named('tasks_from'),
        applied,
        args,
      };
    case 'include_vars':
      return { ...base, type: 'vars', target: named('file', 'dir', '_raw_params') || free, module, args };
    default:
      return { ...base, type: 'task', module, args };
  }
}

/** `action: copy src=a` and `local_action: {module: copy}`. */
function oldStyle(node: YamlMap): { readonly module: string; readonly args: YamlNode | undefined } | undefined {
  const action = at(node, 'action') ?? at(node, 'local_action');
  const text = textOf(action) ?? textOf(at(action, 'module'));
  const module = text?.trim().split(/\s/)[0];
  return module === undefined || module === '' ? undefined : { module: shortModule(module), args: action };
}

/** `ansible.builtin.copy` and `copy` are the same module. */
export function shortModule(name: string): string {
  return name.replace(/^ansible\.(builtin|legacy)\./, '');
}

/** A value of `key=value` arguments in one text. */
function fromText(text: string | undefined, key: string): string | undefined {
  if (text === undefined || !text.includes('=')) return undefined;
  return new RegExp(`(?:^|\\s)${key}=("[^"]*"|'[^']*'|\\{\\{.*?\\}\\}\\S*|\\S+)`)
    .exec(text)?.[1]
    ?.replace(/^["']|["']$/g, '');
}

/** `when:` as a list of conditions, all of which must hold. */
export function conditionsOf(node: YamlNode | undefined): readonly string[] {
  if (node?.kind === 'list') return node.items.flatMap(conditionsOf);
  const text = node?.kind === 'scalar' && !node.vaulted && node.value !== null ? node.source : undefined;
  return text === undefined
    ? []
    : text
        .split(/\s+and\s+(?![^(]*\))/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
}
