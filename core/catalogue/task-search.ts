// Where Ansible looks for the task files and files of variables that a play in a folder names.
import { folderOf, join, nameOf, type Repository } from './repository.ts';
import type { TaskItem } from './tasks.ts';
import type { Place } from './visit.ts';
import { textsOf } from './yaml-tree.ts';

export type TaskSearch = {
  /** The files that an import or include means; several where its path is templated. */
  taskFiles(target: string, place: Place): readonly string[];
  /** The files that `include_vars` means. */
  variablesFiles(item: TaskItem, place: Place): readonly string[];
};

export function makeTaskSearch(repository: Repository, folder: string): TaskSearch {
  /** Where Ansible looks for a task file: beside the file that names it, in the role's tasks, beside the playbook. */
  function taskFiles(target: string, place: Place): readonly string[] {
    if (target === '') return [];
    const file = withFolders(target, place);
    const bases = [
      folderOf(place.path),
      ...(place.within === undefined ? [] : [`${place.within.folder}/tasks`, place.within.folder]),
      folder,
      folder === '' ? 'tasks' : `${folder}/tasks`,
    ];
    for (const base of bases) {
      const path = join(base, file);
      if (path === undefined) continue;
      if (file.includes('{{')) {
        const matching = globbed(repository, path);
        if (matching.length > 0) return matching;
      } else {
        const found = [path, `${path}.yml`, `${path}.yaml`].find((candidate) => repository.has(candidate));
        if (found !== undefined) return [found];
      }
    }
    return [];
  }

  function variablesFiles(item: TaskItem, place: Place): readonly string[] {
    const looped =
      item.loop?.kind === 'list' && /^\{\{\s*\w+\s*\}\}$/.test(item.target.trim()) ? textsOf(item.loop) : [];
    if (looped.length > 0)
      return looped.flatMap((target) => variablesFiles({ ...item, target, loop: undefined }, place));
    const file = withFolders(item.target, place);
    const bases = [
      ...(place.within === undefined ? [] : [`${place.within.folder}/vars`, place.within.folder]),
      folderOf(place.path),
      folder,
      folder === '' ? 'vars' : `${folder}/vars`,
    ];
    for (const base of bases) {
      const path = join(base, file);
      if (path === undefined) continue;
      const found = file.includes('{{') ? globbed(repository, path) : repository.has(path) ? [path] : [];
      if (found.length > 0) return found;
    }
    return [];
  }

  /** `{{ playbook_dir }}` and `{{ role_path }}` in front of a path, as paths from the place where they stand. */
  function withFolders(target: string, place: Place): string {
    const up = (from: string): string =>
      from === ''
        ? ''
        : from
            .split('/')
            .map(() => '..')
            .join('/');
    const base = folderOf(place.path);
    const relative = (to: string): string => [up(base), to].filter((part) => part !== '').join('/') || '.';
    return target
      .replace(/^\{\{\s*playbook_dir\s*\}\}/, relative(folder))
      .replace(/^\{\{\s*role_path\s*\}\}/, relative(place.within?.folder ?? folder));
  }

  return { taskFiles, variablesFiles };
}

/** A templated name as an expression, with a group for each template. */
export function asExpression(target: string): RegExp {
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
