// Where a repository keeps its inventory: what ansible.cfg says, else the places where people put one.
import type { AnsibleConfig } from './ansible-cfg.ts';
import { folderOf, isYamlPath, nameOf, type Repository, stemOf } from './repository.ts';
import { at, entriesOf, type YamlNode } from './yaml-tree.ts';

type Found = { readonly sources: readonly string[]; readonly configuredAtRoot: boolean };

/** Folders that hold no inventory of the lab. */
const elsewhere =
  /(^|\/)(roles|templates|files|tasks|handlers|vars|group_vars|host_vars|molecule|tests?|docs?|examples?|node_modules|collections|galaxy_roles|\.[^/]+)\//;
/** Ansible passes these by in a folder of inventories. */
const ignored = /(\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry|j2|example|sample|dist)|~|README|LICENSE)$/i;
const sampleName = /(^|[^a-z])(samples?|examples?|templates?|dummy|molecule|vagrant|ci|tests?)([^a-z]|$)/i;
/** YAML and INI files with a job of their own. */
const otherFiles = /(^|\/)((docker-)?compose[\w.-]*|requirements|galaxy|mkdocs|values|Chart|\.[\w.-]+)\.ya?ml$/i;
const environments = [
  'production',
  'prod',
  'live',
  'main',
  'default',
  'home',
  'homelab',
  'lab',
  'local',
  'staging',
  'stage',
  'stg',
  'uat',
  'qa',
  'testing',
  'test',
  'development',
  'develop',
  'dev',
  'sandbox',
  'vagrant',
];

export function findInventorySources(repository: Repository, configs: readonly AnsibleConfig[]): Found {
  const config = configs.find((candidate) => candidate.inventories.length > 0);
  if (config !== undefined) return { sources: config.inventories, configuredAtRoot: config.folder === '' };
  const candidates = candidatesOf(repository);
  const [chosen, ...others] = [
    ...candidates.filter((path) => !sampleName.test(path)),
    ...candidates.filter((path) => sampleName.test(path)),
  ];
  if (chosen === undefined) return { sources: [], configuredAtRoot: false };
  for (const other of others.filter((path) => !sampleName.test(path))) {
    repository.find(
      firstFile(repository, other),
      1,
      `another inventory; ${chosen} is used (name the wanted one in ansible.cfg as \`inventory = ...\`)`,
    );
  }
  if (sampleName.test(chosen))
    repository.find(
      firstFile(repository, chosen),
      1,
      'this inventory looks like an example; it is used because there is no other',
    );
  return { sources: [chosen], configuredAtRoot: false };
}

function firstFile(repository: Repository, path: string): string {
  return repository.has(path) ? path : (inventoryFiles(repository, path)[0] ?? path);
}

/** The files of an inventory source in Ansible's order: the file itself, or a folder's files and subfolders by name. */
export function inventoryFiles(repository: Repository, source: string): readonly string[] {
  if (repository.has(source)) return [source];
  return [...repository.children(source)].sort().flatMap((child) => {
    const name = nameOf(child.replace(/\/$/, ''));
    if (name.startsWith('.') || ['group_vars', 'host_vars', 'vars_plugins', 'vars'].includes(name)) return [];
    if (child.endsWith('/')) return inventoryFiles(repository, child.slice(0, -1));
    return ignored.test(name) ? [] : [child];
  });
}

/** Possible inventories, the likeliest first. */
function candidatesOf(repository: Repository): readonly string[] {
  const scored = new Map<string, number>();
  const offer = (path: string, score: number): void => {
    const depth = path.split('/').length;
    const environment = environments.indexOf(stemOf(path).toLowerCase());
    const inside = environments.indexOf(nameOf(folderOf(path)).toLowerCase());
    const rank = Math.max(environment, inside) < 0 ? 3 : Math.max(environment, inside);
    const total = score * 1000 + rank * 10 + depth;
    if ((scored.get(path) ?? Number.POSITIVE_INFINITY) > total) scored.set(path, total);
  };
  for (const path of repository.paths) {
    if (elsewhere.test(path) || ignored.test(path)) continue;
    const folder = folderOf(path);
    const inFolder = /(^|\/)(inventory|inventories|inventory\.d|hosts|hosts\.d|environments|envs)(\/|$)/i.test(folder);
    const named =
      /^(inventory|hosts|inventories)([._-][\w-]+)*$/i.test(stemOf(path)) || /\.(inventory|hosts)$/i.test(path);
    if (inFolder) {
      if (isInventory(repository, path, true)) offer(sourceOf(repository, path), 1);
    } else if (named) {
      if (isInventory(repository, path, true)) offer(path, isYamlPath(path) || /\.ini$/.test(path) ? 2 : 2.5);
    } else if (environments.includes(nameOf(path).toLowerCase()) && isInventory(repository, path, false))
      offer(path, 3);
    else if (otherFiles.test(path)) continue;
    else if (path.split('/').length <= 3 && /(\.ini|\.ya?ml)$/.test(path) && isInventory(repository, path, false))
      offer(path, 4);
  }
  return [...scored].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([path]) => path);
}

/** A folder whose files belong together is one source; files or folders named for environments are one each. */
function sourceOf(repository: Repository, path: string): string {
  const folder = folderOf(path);
  const files = repository
    .children(folder)
    .filter((child) => !child.endsWith('/') && !ignored.test(child) && isInventory(repository, child, true));
  if (files.length <= 1) return path;
  return files.some((file) => environments.includes(stemOf(file).toLowerCase())) ? path : folder;
}

/** A host in no group, e.g. `web[01:03].lan ansible_user=ada  # the racks`. */
const hostLine = /^[\w.[\]:-]+(\s+\w+=("[^"\n]*"|'[^'\n]*'|[^\s"']\S*))*\s*(#.*)?$/m;

function isInventory(repository: Repository, path: string, named: boolean): boolean {
  const text = repository.text(path) ?? '';
  if (text.startsWith('#!')) return named;
  if (isYamlPath(path) || /^\s*---/.test(text)) return isYamlInventory(repository, path, text, named);
  if (/\.(json|toml|py|sh|conf|env|tf|lock|xml|html?)$/i.test(path)) return named && /\.(py|sh|toml)$/.test(path);
  const sections = text.match(/^\[[^\]\s]+\]\s*(#.*)?$/gm) ?? [];
  if (sections.length > 0)
    return named || (/\bansible_\w+=/.test(text) && !/^\[defaults\]/m.test(text)) || /:children\]|:vars\]/.test(text);
  return named && hostLine.test(text) && !/^\s*(127\.|::1)/m.test(text);
}

function isYamlInventory(repository: Repository, path: string, text: string, named: boolean): boolean {
  if (!/\b(hosts|children|plugin)['"]?\s*:/.test(text)) return false;
  const root = repository.yaml(path);
  if (root?.kind !== 'map') return false;
  if (root.entries.has('plugin')) return named;
  const groups = entriesOf(root).filter((entry) => isGroup(entry.value));
  return groups.length > 0 && (named || root.entries.has('all') || groups.length === root.entries.size);
}

function isGroup(node: YamlNode): boolean {
  return (at(node, 'hosts')?.kind ?? at(node, 'children')?.kind) === 'map';
}
