// Snapshots of repositories for tests: one of the catalogue's fixtures, a folder on disk, or files given in place.
import { readdirSync, readFileSync } from 'node:fs';
import type { Snapshot } from '../../core/catalogue/model.ts';
import { toCommitSha } from '../../core/ids.ts';

const commit = toCommitSha('0'.repeat(40));

export function snapshotOf(files: Readonly<Record<string, string>>): Snapshot {
  return { commit, files: new Map(Object.entries(files)), unread: [] };
}

/** All files of `core/catalogue/fixtures/<name>`. */
export function fixture(name: string): Snapshot {
  return folderSnapshot(new URL(`../../core/catalogue/fixtures/${name}/`, import.meta.url).pathname);
}

/** All files below a folder. */
export function folderSnapshot(root: string): Snapshot {
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    files.set(path.slice(root.length).replace(/^\/+/, ''), readFileSync(path, 'utf8'));
  }
  return { commit, files, unread: [] };
}
