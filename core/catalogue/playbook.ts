// A playbook file as plays: what each targets, which variables, roles and tasks it has. Nothing is followed here.
import { commentAbove, headComment, linesOf } from './comments.ts';
import { type Header, readHeaders } from './header.ts';
import type { Source } from './model.ts';
import { folderOf, join, nameOf, type Repository } from './repository.ts';
import { conditionsOf, readTasks, shortModule, type TaskItem } from './tasks.ts';
import { at, itemsOf, textOf, textsOf, type YamlMap, type YamlNode } from './yaml-tree.ts';

export type Play = {
  readonly type: 'play';
  readonly source: Source;
  readonly name: string;
  /** The host pattern as it is written; may hold Jinja. */
  readonly hosts: string;
  readonly tags: readonly string[];
  readonly vars: YamlNode | undefined;
  readonly prompts: readonly YamlNode[];
  readonly varsFiles: readonly string[];
  /** pre_tasks, roles, tasks, post_tasks, in the order of execution. */
  readonly items: readonly TaskItem[];
  readonly handlers: readonly TaskItem[];
  readonly comment: readonly string[];
  readonly header: Header | undefined;
};
export type Import = {
  readonly type: 'import';
  readonly source: Source;
  readonly name: string;
  /** The imported playbook's path from the root; undefined when it is not in the repository. */
  readonly path: string | undefined;
  readonly tags: readonly string[];
  readonly when: readonly string[];
  readonly vars: YamlNode | undefined;
  readonly comment: readonly string[];
};
export type Playbook = {
  readonly path: string;
  readonly folder: string;
  readonly entries: readonly (Play | Import)[];
  readonly comment: readonly string[];
  readonly header: Header | undefined;
};

/** Folders whose playbooks are not the lab's own offers. */
const elsewhere =
  /(^|\/)(molecule|tests?|\.[^/]+|node_modules|examples?|docs?|archived?|attic|deprecated|disabled|unused|retired|old|venv|site-packages|templates|galaxy_roles)\//i;
const insideRole =
  /(^|\/)roles\/(?:[^/]+\/)+(tasks|handlers|vars|defaults|meta|files|templates|library|molecule|tests)\//;

/** All playbooks of the repository by path. */
export function readPlaybooks(repository: Repository): ReadonlyMap<string, Playbook> {
  const playbooks = new Map<string, Playbook>();
  for (const path of repository.paths) {
    if (!/\.ya?ml$/i.test(path) || elsewhere.test(path) || insideRole.test(path)) continue;
    const text = repository.text(path) ?? '';
    if (!/^\s*(-\s+)?['"]?(hosts|(ansible\.builtin\.)?import_playbook)['"]?\s*:/m.test(text) || !/^\s*-\s/m.test(text))
      continue;
    const playbook = readPlaybook(repository, path);
    if (playbook !== undefined) playbooks.set(path, playbook);
  }
  return playbooks;
}

function readPlaybook(repository: Repository, path: string): Playbook | undefined {
  const [root, second] = repository.documents(path);
  if (root?.kind !== 'list') return undefined;
  if (second !== undefined) {
    repository.find(path, second.line, 'Ansible refuses a playbook with more than one YAML document');
    return undefined;
  }
  const lines = linesOf(repository.text(path) ?? '');
  const headers = readHeaders(repository, path);
  const entries: (Play | Import)[] = [];
  for (const node of root.items) {
    if (node.kind !== 'map') continue;
    const line = node.entries.values().next().value?.line ?? node.line;
    const imported = textOf(
      at(node, 'ansible.builtin.import_playbook') ??
        at(node, 'import_playbook') ??
        at(node, 'ansible.legacy.import_playbook'),
    );
    if (imported !== undefined)
      entries.push(readImport(repository, path, node, imported, line, commentAbove(lines, line)));
    else if (node.entries.has('hosts'))
      entries.push(readPlay(repository, path, node, line, commentAbove(lines, line), headers.above.get(line)));
  }
  if (entries.length === 0) return undefined;
  return { path, folder: folderOf(path), entries, comment: headComment(lines), header: headers.file };
}

function readImport(
  repository: Repository,
  path: string,
  node: YamlMap,
  imported: string,
  line: number,
  comment: readonly string[],
): Import {
  const [file = '', ...rest] = imported.trim().split(/\s+/);
  const target = resolvePlaybook(repository, folderOf(path), file);
  if (target === undefined && !file.includes('{{'))
    repository.find(path, line, `the imported playbook ${file} is not in the repository`);
  return {
    type: 'import',
    source: { path, line },
    name: textOf(at(node, 'name')) ?? '',
    path: target,
    tags: [
      ...textsOf(at(node, 'tags')),
      ...rest.flatMap((part) => (part.startsWith('tags=') ? part.slice(5).split(',') : [])),
    ],
    when: conditionsOf(at(node, 'when')),
    vars: at(node, 'vars'),
    comment,
  };
}

function resolvePlaybook(repository: Repository, folder: string, file: string): string | undefined {
  const inFolder = file.replace(/^\{\{\s*playbook_dir\s*\}\}\//, '');
  const parts: string[] = folder === '' ? [] : folder.split('/');
  for (const part of inFolder.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const path = parts.join('/');
  return [path, `${path}.yml`, `${path}.yaml`].find((candidate) => repository.has(candidate));
}

function readPlay(
  repository: Repository,
  path: string,
  node: YamlMap,
  line: number,
  comment: readonly string[],
  header: Header | undefined,
): Play {
  const vars = at(node, 'vars');
  const sections = (...keys: readonly string[]): readonly TaskItem[] =>
    keys.flatMap((key) => readTasks(repository, at(node, key), path));
  return {
    type: 'play',
    source: { path, line },
    name: textOf(at(node, 'name')) ?? '',
    hosts: hostsOf(at(node, 'hosts')),
    tags: textsOf(at(node, 'tags')),
    vars,
    prompts: itemsOf(at(node, 'vars_prompt')),
    varsFiles: itemsOf(at(node, 'vars_files')).flatMap((item) =>
      item.kind === 'list' ? item.items.flatMap((one) => textOf(one) ?? []) : (textOf(item) ?? []),
    ),
    items: [
      ...sections('pre_tasks'),
      ...readRoles(repository, at(node, 'roles'), path),
      ...sections('tasks', 'post_tasks'),
    ],
    handlers: sections('handlers'),
    comment,
    header,
  };
}

function hostsOf(node: YamlNode | undefined): string {
  return node?.kind === 'list' ? node.items.map((item) => textOf(item) ?? '').join(',') : (textOf(node) ?? '');
}

const roleKeywords = new Set([
  'role',
  'name',
  'tags',
  'when',
  'become',
  'become_user',
  'become_method',
  'vars',
  'delegate_to',
  'environment',
  'collections',
  'ignore_errors',
  'no_log',
  'run_once',
  'remote_user',
  'any_errors_fatal',
  'check_mode',
  'connection',
  'debugger',
  'diff',
  'tasks_from',
  'vars_from',
  'defaults_from',
  'handlers_from',
  'public',
  'apply',
]);

/** `roles:` entries as items; parameters beside `role:` count as its vars. */
function readRoles(repository: Repository, list: YamlNode | undefined, path: string): readonly TaskItem[] {
  const lines = linesOf(repository.text(path) ?? '');
  return itemsOf(list).flatMap((node): readonly TaskItem[] => {
    const plain = textOf(node);
    const target = plain ?? textOf(at(node, 'role')) ?? textOf(at(node, 'name'));
    if (target === undefined) return [];
    const line = node.kind === 'map' ? (node.entries.values().next().value?.line ?? node.line) : node.line;
    const raw: YamlMap = node.kind === 'map' ? node : { kind: 'map', line, entries: new Map() };
    const given = at(raw, 'vars');
    const entries = new Map(given?.kind === 'map' ? given.entries : []);
    for (const entry of raw.entries.values()) if (!roleKeywords.has(entry.key)) entries.set(entry.key, entry);
    return [
      {
        type: 'role',
        dynamic: false,
        name: '',
        source: { path, line },
        comment: commentAbove(lines, line),
        tags: textsOf(at(raw, 'tags')),
        applied: [],
        when: conditionsOf(at(raw, 'when')),
        target: shortModule(target.trim()),
        tasksFrom: textOf(at(raw, 'tasks_from')) ?? '',
        module: '',
        args: undefined,
        raw,
        loop: undefined,
        loopVar: 'item',
        vars: { kind: 'map', line, entries },
        register: '',
        items: [],
      },
    ];
  });
}

/** `_template.yml` and such: there to be copied or imported, not run. */
export function isPartial(path: string): boolean {
  return /^[_.]/.test(nameOf(path)) || /(^|[._-])(template|skeleton|example|sample)\.ya?ml$/i.test(nameOf(path));
}

/** The paths that `vars_files` may mean, counted from the root. */
export function variablesFiles(play: Play): readonly string[] {
  const folder = folderOf(play.source.path);
  return play.varsFiles.flatMap((file) => join(folder, file.replace(/^\{\{\s*playbook_dir\s*\}\}\//, '')) ?? []);
}
