// Files of the repository that a text names by their path, however the text builds it: `homelab_repository ~ '/config/x.yml'`.
import { join, type Repository } from './repository.ts';

const known = new WeakMap<Repository, Map<string, readonly string[]>>();
const token = /(?:[\w.-]+\/)+[\w.-]*\w\/?/g;
const maxText = 200_000;
const maxFolder = 500;

/** The files that the file at `path` names by two or more path segments, counted from the root or from one of `folders`. */
export function pathsNamedIn(repository: Repository, path: string, folders: readonly string[]): readonly string[] {
  const files = known.get(repository) ?? new Map<string, readonly string[]>();
  known.set(repository, files);
  const key = `${path}\n${folders.join('\n')}`;
  const before = files.get(key);
  if (before !== undefined) return before;
  const found = search(repository, path, folders);
  files.set(key, found);
  return found;
}

function search(repository: Repository, path: string, folders: readonly string[]): readonly string[] {
  const text = repository.text(path) ?? '';
  if (text.length > maxText || repository.isEncrypted(path)) return [];
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    if (/^\s*#/.test(line) || !line.includes('/')) continue;
    for (const [match] of line.matchAll(token)) {
      for (const folder of folders) {
        const candidate = join(folder, match);
        if (candidate === undefined || candidate === '' || candidate === path) continue;
        if (repository.has(candidate)) found.add(candidate);
        else if (repository.isFolder(candidate) && candidate.includes('/'))
          for (const file of under(repository, candidate)) found.add(file);
      }
    }
  }
  return [...found];
}

function under(repository: Repository, folder: string): readonly string[] {
  return repository
    .children(folder)
    .flatMap((child) => (child.endsWith('/') ? under(repository, child.slice(0, -1)) : [child]))
    .slice(0, maxFolder);
}
