// The files whose content decides what an action does: their digests go into the plan hash.
import { substitute } from './jinja.ts';
import type { Lab } from './lab.ts';
import { pathsNamedIn } from './named-paths.ts';
import type { Offer } from './offer.ts';
import type { PlaybookReading } from './plays.ts';
import { folderOf, join } from './repository.ts';
import type { TaskItem } from './tasks.ts';
import { scalarsOf, textOf } from './yaml-tree.ts';

const maxReads = 2_000;
const named = new WeakMap<TaskItem, readonly string[]>();

export function readsOf(lab: Lab, reading: PlaybookReading, offer: Offer, hosts: readonly string[]): readonly string[] {
  const { repository } = lab;
  const reads = new Set<string>(reading.files);
  const roots = [...new Set(['', ...lab.configs.map((config) => config.folder), reading.playbook.folder])];
  for (const { play } of offer.plays) {
    for (const path of pathsNamedIn(repository, play.source.path, roots)) reads.add(path);
    const folder = folderOf(play.source.path);
    for (const file of play.varsFiles) for (const path of existing(lab, file, [folder, ''])) reads.add(path);
    for (const item of play.handlers) for (const path of namedBy(lab, item, [folder], false)) reads.add(path);
  }
  for (const visit of offer.selected) {
    for (const path of visit.files) reads.add(path);
    for (const path of visit.role?.files ?? []) {
      reads.add(path);
      for (const named of pathsNamedIn(repository, path, roots)) reads.add(named);
    }
    const folders = [
      folderOf(visit.item.source.path),
      ...(visit.within === undefined
        ? []
        : [visit.within.folder, `${visit.within.folder}/templates`, `${visit.within.folder}/files`]),
      reading.playbook.folder,
      under(reading.playbook.folder, 'templates'),
      under(reading.playbook.folder, 'files'),
      '',
    ];
    for (const path of namedBy(lab, visit.item, folders, visit.within !== undefined)) reads.add(path);
  }
  for (const path of lab.inventory.files) reads.add(path);
  for (const path of lab.variables.filesFor(hosts)) reads.add(path);
  for (const config of lab.configs)
    if (config.folder === '' || reading.playbook.path.startsWith(`${config.folder}/`)) reads.add(config.path);
  return [...reads]
    .filter((path) => repository.has(path))
    .sort()
    .slice(0, maxReads);
}

function under(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Files of the repository that an item's arguments name: `src:`, lookups, `include_vars`, `playbook_dir` paths. */
function namedBy(lab: Lab, item: TaskItem, folders: readonly string[], inRole: boolean): readonly string[] {
  if (item.type === 'block') return [];
  const known = named.get(item);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const scalar of scalarsOf(item.raw)) {
    const text = textOf(scalar) ?? '';
    if (text.length > 2_000 || !/[./]/.test(text)) continue;
    const lookups = [
      ...text.matchAll(
        /(?:lookup|query|q)\(\s*['"][\w.]*(?:file|template|fileglob|csvfile|ini)['"]\s*,\s*['"]([^'"]+)['"]/g,
      ),
    ].map((match) => match[1] ?? '');
    const sources = [...text.matchAll(/\bsrc=(\S+)/g)].map((match) => match[1] ?? '');
    for (const candidate of [text, ...lookups, ...sources]) {
      // Absolute paths lie on the hosts; what a role names without a folder is among its own files already.
      if (candidate.startsWith('/') || (inRole && !candidate.includes('/'))) continue;
      if (/^[\w./{}|\s-]*[\w}/]$/.test(candidate) && /[./]/.test(candidate))
        for (const path of existing(lab, candidate, folders)) found.add(path);
    }
  }
  const paths = [...found];
  named.set(item, paths);
  return paths;
}

function existing(lab: Lab, file: string, folders: readonly string[]): readonly string[] {
  const { repository } = lab;
  const plain = file.trim().replace(/^\{\{\s*(playbook_dir|role_path|inventory_dir)\s*\}\}\/?/, '');
  const text = substitute(plain, (name, path) => lab.value(name, path));
  if (text === undefined || text === '' || text.startsWith('/')) return [];
  for (const folder of folders) {
    const path = join(folder, text);
    if (path === undefined || path === '') continue;
    if (repository.has(path)) return [path];
    if (text.includes('/') && repository.isFolder(path) && path.length > 1)
      return repository.children(path).filter((child) => !child.endsWith('/'));
  }
  return [];
}
