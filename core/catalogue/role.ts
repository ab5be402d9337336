// A role: where it lies, what it says of itself, its defaults, argument specs, dependencies and task files.
import { commentAbove, commentBehind, firstParagraph, headComment, linesOf } from './comments.ts';
import { type Header, readHeader } from './header.ts';
import type { Variable } from './inventory-draft.ts';
import { readMarkdownIntroduction } from './markdown.ts';
import type { Repository } from './repository.ts';
import { readTaskFile, type TaskItem } from './tasks.ts';
import { variablesOf } from './variables.ts';
import { at, entriesOf, itemsOf, textOf, type YamlNode } from './yaml-tree.ts';

export type EntryPoint = {
  readonly description: string;
  readonly options: YamlNode | undefined;
  readonly path: string;
};

export type DefaultVariable = Variable & { readonly comment: string };

export type Role = {
  readonly name: string;
  readonly folder: string;
  readonly description: string;
  readonly header: Header | undefined;
  readonly defaults: readonly DefaultVariable[];
  readonly vars: readonly Variable[];
  readonly entryPoints: ReadonlyMap<string, EntryPoint>;
  readonly dependencies: readonly string[];
  /** The file of a task entry point (`main`, or a `tasks_from`), if there is one. */
  taskFile(entry: string): string | undefined;
  tasks(entry: string): readonly TaskItem[];
  /** All that decides what the role does. */
  readonly files: readonly string[];
};

export function readRole(repository: Repository, name: string, folder: string): Role {
  const first = (...candidates: readonly string[]): string | undefined =>
    candidates
      .flatMap((candidate) => [`${folder}/${candidate}.yml`, `${folder}/${candidate}.yaml`, `${folder}/${candidate}`])
      .find((path) => repository.has(path));
  const metaPath = first('meta/main');
  const meta = metaPath === undefined ? undefined : repository.yaml(metaPath);
  const specsPath = first('meta/argument_specs') ?? metaPath;
  const specs = specsPath === undefined ? undefined : at(repository.yaml(specsPath), 'argument_specs');
  const taskFiles = new Map<string, readonly TaskItem[]>();
  const defaultsFiles = variableFiles(repository, folder, 'defaults');
  const mainTasks = first('tasks/main');
  const entryPoints = new Map(
    entriesOf(specs).map((entry): [string, EntryPoint] => [
      entry.key.replace(/\.ya?ml$/, ''),
      { description: describe(entry.value), options: at(entry.value, 'options'), path: specsPath ?? '' },
    ]),
  );
  const header = [specsPath, metaPath, first('defaults/main'), mainTasks]
    .filter((path): path is string => path !== undefined)
    .map((path) => readHeader(repository, path))
    .find((found) => found !== undefined);
  return {
    name,
    folder,
    header,
    description: header?.description ?? roleDescription(repository, folder, meta, entryPoints, mainTasks),
    defaults: defaultsFiles.flatMap((path) => commentedVariables(repository, path)),
    vars: variableFiles(repository, folder, 'vars').flatMap((path) => variablesOf(repository.yaml(path), path)),
    entryPoints,
    dependencies: itemsOf(at(meta, 'dependencies')).flatMap(
      (node) => textOf(node) ?? textOf(at(node, 'role')) ?? textOf(at(node, 'name')) ?? [],
    ),
    taskFile: (entry) => first(`tasks/${entry.replace(/\.ya?ml$/, '')}`),
    tasks(entry) {
      const path = first(`tasks/${entry.replace(/\.ya?ml$/, '')}`);
      if (path === undefined) return [];
      const known = taskFiles.get(path) ?? readTaskFile(repository, path);
      taskFiles.set(path, known);
      return known;
    },
    files: filesUnder(repository, folder),
  };
}

function roleDescription(
  repository: Repository,
  folder: string,
  meta: YamlNode | undefined,
  entryPoints: ReadonlyMap<string, EntryPoint>,
  mainTasks: string | undefined,
): string {
  const galaxy = textOf(at(meta, 'galaxy_info', 'description')) ?? '';
  const readme = ['README.md', 'readme.md', 'README.rst', 'README']
    .map((name) => `${folder}/${name}`)
    .find((path) => repository.has(path));
  const candidates = [
    entryPoints.get('main')?.description ?? '',
    /^(your (role )?description|a description|todo|description)/i.test(galaxy) ? '' : galaxy,
    readme === undefined ? '' : readMarkdownIntroduction(repository.text(readme) ?? ''),
    mainTasks === undefined ? '' : firstParagraph(headComment(linesOf(repository.text(mainTasks) ?? ''))),
  ];
  return (
    candidates.find(
      (text) => text.trim().length > 3 && !/^(tasks file for|role name$|a brief description)/i.test(text),
    ) ?? ''
  );
}

function describe(node: YamlNode): string {
  const description = at(node, 'short_description') ?? at(node, 'description');
  return (
    description?.kind === 'list'
      ? description.items.map((item) => textOf(item) ?? '').join(' ')
      : (textOf(description) ?? '')
  ).trim();
}

/** `defaults/main.yml`, or every file of `defaults/main/`. */
function variableFiles(repository: Repository, folder: string, kind: string): readonly string[] {
  const files = [`${folder}/${kind}/main.yml`, `${folder}/${kind}/main.yaml`].filter((path) => repository.has(path));
  return [...files, ...repository.children(`${folder}/${kind}/main`).filter((path) => /\.ya?ml$/.test(path))];
}

function commentedVariables(repository: Repository, path: string): readonly DefaultVariable[] {
  const lines = linesOf(repository.text(path) ?? '');
  return variablesOf(repository.yaml(path), path).map((variable) => {
    const behind = commentBehind(lines, variable.source.line);
    const above = firstParagraph(commentAbove(lines, variable.source.line));
    // One or two bare words above a variable are the heading of a group (`# network`), not a description of it.
    return {
      ...variable,
      comment: behind !== '' ? behind : /\s\S+\s|\.$/.test(above) && !/^[\w/]+ \/ [\w/]+$/.test(above) ? above : '',
    };
  });
}

function filesUnder(repository: Repository, folder: string): readonly string[] {
  return repository.children(folder).flatMap((child) => {
    if (!child.endsWith('/'))
      return /(^|\/)(README|LICENSE|CHANGELOG|\.[^/]*$)/i.test(child.slice(folder.length + 1)) ? [] : [child];
    return /\/(molecule|tests?|docs?|\.[^/]+)\/$/.test(child) ? [] : filesUnder(repository, child.slice(0, -1));
  });
}
