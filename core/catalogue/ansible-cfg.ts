// ansible.cfg: where the inventories and roles lie. Paths come back relative to the repository's root.
import { parse } from 'ini';
import { folderOf, join, type Repository } from './repository.ts';

export type AnsibleConfig = {
  readonly path: string;
  readonly folder: string;
  /** Inventory sources it names that lie in the repository. */
  readonly inventories: readonly string[];
  readonly rolesPaths: readonly string[];
  readonly collectionsPaths: readonly string[];
};

/** All ansible.cfg files, the nearest to the root first. */
export function readAnsibleConfigs(repository: Repository): readonly AnsibleConfig[] {
  return repository.paths
    .filter((path) => /(^|\/)\.?ansible\.cfg$/.test(path) && !/(^|\/)(molecule|tests?|\.github)\//.test(path))
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .map((path) => readOne(repository, path));
}

function readOne(repository: Repository, path: string): AnsibleConfig {
  const folder = folderOf(path);
  const defaults = section(repository.text(path) ?? '', 'defaults');
  const inRepository = (value: string | undefined, separator: string): readonly string[] =>
    (value ?? '')
      .split(separator)
      .map((part) => resolve(folder, part.trim()))
      .filter((part): part is string => part !== undefined);
  const inventories = inRepository(defaults.inventory ?? defaults.hostfile, ',').filter(
    (at) => repository.has(at) || repository.isFolder(at),
  );
  for (const named of inRepository(defaults.inventory, ',')) {
    if (!repository.has(named) && !repository.isFolder(named))
      repository.find(
        path,
        lineOf(repository.text(path) ?? '', 'inventory'),
        `the inventory ${named} is not in the repository`,
      );
  }
  return {
    path,
    folder,
    inventories,
    rolesPaths: inRepository(defaults.roles_path, ':'),
    collectionsPaths: inRepository(defaults.collections_path ?? defaults.collections_paths, ':'),
  };
}

function section(text: string, name: string): Readonly<Record<string, string | undefined>> {
  const sections: Readonly<Record<string, unknown>> = parse(text);
  const found = Object.entries(sections).find(
    ([key, value]) => key === name && typeof value === 'object' && value !== null,
  )?.[1];
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(found ?? {}))
    if (typeof value === 'string') values[key.trim()] = value.replace(/\s+[#;].*$/, '').trim();
  return values;
}

function resolve(folder: string, value: string): string | undefined {
  if (value === '' || value.startsWith('~') || value.startsWith('/')) return undefined;
  return join(folder, value.replace(/^(\$PWD|\$\{PWD\}|\{\{\s*CWD\s*\}\})\/?/, ''));
}

function lineOf(text: string, key: string): number {
  const index = text.split('\n').findIndex((line) => line.trimStart().startsWith(key));
  return index < 0 ? 1 : index + 1;
}
