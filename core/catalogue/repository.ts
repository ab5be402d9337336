// The snapshot as the catalogue's readers see it: files, folders, YAML parsed once, and the findings gathered on the way.
import { posix } from 'node:path';
import type { Finding, Snapshot } from './model.ts';
import { parseYaml, type YamlFile, type YamlNode } from './yaml-tree.ts';

export type Repository = {
  readonly paths: readonly string[];
  has(path: string): boolean;
  text(path: string): string | undefined;
  /** Direct children of a folder, as full paths: files and, with a trailing slash, folders. `''` is the root. */
  children(folder: string): readonly string[];
  isFolder(path: string): boolean;
  /** The first document's root; undefined when the file is absent, encrypted, or cannot be parsed (a finding says so). */
  yaml(path: string): YamlNode | undefined;
  documents(path: string): readonly YamlNode[];
  /** The whole file is encrypted, by Ansible Vault or by git-crypt or SOPS in binary form. */
  isEncrypted(path: string): boolean;
  find(path: string, line: number, message: string): void;
  findings(): readonly Finding[];
};

/** Larger files are not parsed as YAML: what people write by hand is smaller by far. */
const maxYamlLength = 512 * 1024;
/** Beyond this much YAML a repository is read in part, and findings say so. */
const maxYamlTotal = 16 * 1024 * 1024;
const maxFindings = 500;

export function openRepository(snapshot: Snapshot): Repository {
  const paths = [...snapshot.files.keys()].sort();
  const folders = folderIndex(paths);
  const parsed = new Map<string, YamlFile>();
  const findings = new Map<string, Finding>();
  let yamlTotal = 0;

  function find(path: string, line: number, message: string): void {
    const key = `${path}:${line}:${message}`;
    if (findings.size < maxFindings || findings.has(key)) findings.set(key, { path, line: Math.max(1, line), message });
  }

  function isEncrypted(path: string): boolean {
    const text = snapshot.files.get(path);
    return text !== undefined && (text.startsWith('$ANSIBLE_VAULT;') || text.startsWith('\u0000GITCRYPT'));
  }

  function file(path: string): YamlFile {
    const known = parsed.get(path);
    if (known !== undefined) return known;
    const read = readYaml(path);
    parsed.set(path, read);
    for (const problem of read.problems) find(path, problem.line, problem.message);
    return read;
  }

  function readYaml(path: string): YamlFile {
    const text = snapshot.files.get(path);
    if (text === undefined || isEncrypted(path)) return { documents: [], problems: [] };
    if (text.length > maxYamlLength) return refused(`larger than ${maxYamlLength / 1024} KiB, so not read as YAML`);
    if (yamlTotal + text.length > maxYamlTotal)
      return refused(`not read: the repository holds more than ${maxYamlTotal / 1024 / 1024} MiB of YAML`);
    yamlTotal += text.length;
    return parseYaml(text.startsWith('\uFEFF') ? text.slice(1) : text);
  }

  return {
    paths,
    has: (path) => snapshot.files.has(path),
    text: (path) => snapshot.files.get(path),
    children: (folder) => folders.get(folder) ?? [],
    isFolder: (path) => folders.has(path),
    yaml: (path) => file(path).documents[0],
    documents: (path) => file(path).documents,
    isEncrypted,
    find,
    findings: () =>
      [...findings.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line)),
  };
}

function refused(message: string): YamlFile {
  return { documents: [], problems: [{ line: 1, message }] };
}

function folderIndex(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of paths) {
    let child = path;
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      const known = folders.get(folder);
      if (known !== undefined) {
        known.add(child);
        break;
      }
      folders.set(folder, new Set([child]));
      child = `${folder}/`;
    }
  }
  return new Map([...folders].map(([folder, children]) => [folder, [...children]]));
}

/** The folder that holds a path; `''` for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The file's name without its YAML or INI ending. */
export function stemOf(path: string): string {
  return nameOf(path).replace(/(\.sops)?\.(ya?ml|ini|json|cfg)$/i, '');
}

export function isYamlPath(path: string): boolean {
  return /\.ya?ml$/i.test(path);
}

/** Joins and normalises; undefined when the result leaves the repository. */
export function join(folder: string, relative: string): string | undefined {
  const joined = posix
    .normalize(folder === '' ? relative : `${folder}/${relative}`)
    .replace(/^\.\//, '')
    .replace(/\/$/, '');
  if (joined === '.') return '';
  return joined.startsWith('../') || joined === '..' || joined.startsWith('/') ? undefined : joined;
}
