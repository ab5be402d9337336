// Which folder a role's name means: `roles/` beside the playbook, roles_path, nested folders, collections in the repository.
import type { AnsibleConfig } from './ansible-cfg.ts';
import { folderOf, join, type Repository } from './repository.ts';
import { type Role, readRole } from './role.ts';
import { at, textOf } from './yaml-tree.ts';

export type Roles = {
  /** The role as a playbook in `folder` would find it; undefined when it is not in the repository. */
  find(name: string, folder: string): Role | undefined;
  /** Whether Ansible would find it as well, without more settings than the repository has. */
  isReached(role: Role, folder: string): boolean;
  /** Names of roles in the folders that a playbook in `folder` searches. */
  names(folder: string): readonly string[];
};

export function makeRoles(repository: Repository, configs: readonly AnsibleConfig[]): Roles {
  const read = new Map<string, Role>();
  const collections = collectionRoots(repository);

  function at_(folder: string, name: string): Role | undefined {
    if (!isRole(repository, folder)) return undefined;
    const known = read.get(folder) ?? readRole(repository, name, folder);
    read.set(folder, known);
    return known;
  }

  function rolesPathsFor(folder: string): readonly string[] {
    const nearest = configs.filter(
      (config) => config.folder === '' || folder === config.folder || folder.startsWith(`${config.folder}/`),
    );
    return [...nearest].reverse().flatMap((config) => config.rolesPaths);
  }

  function searched(folder: string): readonly string[] {
    const above = [folder, ...ancestors(folder)];
    // Ansible itself does not look into the folders above, but people start it there, with roles_path in their environment.
    return [under(folder, 'roles'), ...rolesPathsFor(folder), folder, ...above.map((path) => under(path, 'roles'))];
  }

  return {
    find(name, folder) {
      for (const base of searched(folder)) {
        const path = join(base, name);
        const role = path === undefined ? undefined : at_(path, name);
        if (role !== undefined) return role;
      }
      const [namespace, collection, ...rest] = name.split('.');
      if (namespace === undefined || collection === undefined || rest.length === 0) return undefined;
      const root = collections.get(`${namespace}.${collection}`);
      return root === undefined ? undefined : at_(`${root}roles/${rest.join('/')}`, name);
    },
    isReached(role, folder) {
      const reached = [under(folder, 'roles'), folder, ...rolesPathsFor(folder)];
      return (
        role.folder.includes('ansible_collections/') ||
        role.name.split('.').length > 2 ||
        reached.some((base) => base === '' || role.folder.startsWith(`${base}/`))
      );
    },
    names(folder) {
      const names = new Set<string>();
      for (const base of searched(folder)) {
        for (const child of repository.children(base))
          if (child.endsWith('/') && isRole(repository, child.slice(0, -1)))
            names.add(child.slice(base === '' ? 0 : base.length + 1, -1));
      }
      return [...names];
    },
  };
}

function under(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function ancestors(folder: string): readonly string[] {
  const found: string[] = [];
  for (let at = folder; at !== ''; at = folderOf(at)) found.push(folderOf(at));
  return found;
}

function isRole(repository: Repository, folder: string): boolean {
  return (
    ['tasks', 'meta', 'defaults', 'handlers', 'vars', 'templates', 'files'].some((part) =>
      repository.isFolder(`${folder}/${part}`),
    ) && folder !== ''
  );
}

/** `namespace.name` to the collection's folder (with a trailing slash): in ansible_collections, or a galaxy.yml of the repository. */
function collectionRoots(repository: Repository): ReadonlyMap<string, string> {
  const roots = new Map<string, string>();
  for (const path of repository.paths) {
    const nested = /^((?:.*\/)?ansible_collections\/([^/]+)\/([^/]+)\/)/.exec(path);
    if (nested !== null) roots.set(`${nested[2]}.${nested[3]}`, nested[1] ?? '');
    else if (/(^|\/)galaxy\.ya?ml$/.test(path)) {
      const galaxy = repository.yaml(path);
      const [namespace, name] = [textOf(at(galaxy, 'namespace')), textOf(at(galaxy, 'name'))];
      const folder = folderOf(path);
      if (namespace !== undefined && name !== undefined)
        roots.set(`${namespace}.${name}`, folder === '' ? '' : `${folder}/`);
    }
  }
  return roots;
}
