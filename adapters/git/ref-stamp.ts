// What the files say that `git for-each-ref` reads, as one text: while it stays the same, main is where it was. To start a process
// takes ten times as long, and holds up everything else in this one meanwhile.
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';

/** `loose`: a ref that lies in a file of its own, with what stands in it. */
export type RefStamp = { readonly text: string; readonly loose: ReadonlyMap<string, string> };

export type RefFolders = {
  /** HEAD of this checkout. */
  readonly own: string;
  /** What all checkouts of the repository share. */
  readonly shared: string;
};

const looseAtMost = 200;
/** A file that was changed so lately may change again within the same tick of the file system's clock. */
const settledMs = 2_000;

export async function refFolders(git: Git): Promise<RefFolders> {
  const told = await git.run(['rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir']);
  const [own = '', shared = ''] = told.split('\n');
  return { own, shared };
}

/** Null where files do not tell: another kind of ref store, too many refs, or something that was changed a moment ago. */
export async function refStamp({ own, shared }: RefFolders): Promise<RefStamp | null> {
  try {
    const [head, ...stamps] = await Promise.all([
      readFile(join(own, 'HEAD'), 'utf8'),
      stampOf(join(own, 'config.worktree')),
      ...['config', 'packed-refs', 'reftable'].map((name) => stampOf(join(shared, name))),
    ]);
    if (stamps.includes(null) || stamps.at(-1) !== 'none') return null;
    const loose = new Map<string, string>();
    for (const folder of ['refs/heads', 'refs/remotes/origin'])
      if (!(await readLoose(shared, folder, loose))) return null;
    return { text: JSON.stringify([head, stamps, [...loose].toSorted()]), loose };
  } catch {
    return null;
  }
}

/** Null for what was changed a moment ago. */
async function stampOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return 'none';
  if (Math.abs(Date.now() - Number(found.mtimeMs)) < settledMs) return null;
  return `${found.mtimeNs}.${found.ctimeNs}.${found.size}.${found.ino}`;
}

/** Chiffon's own branches are never main. False when there are too many. */
async function readLoose(root: string, folder: string, into: Map<string, string>): Promise<boolean> {
  for (const entry of await listed(join(root, folder))) {
    const name = `${folder}/${entry.name}`;
    if (name === 'refs/heads/chiffon') continue;
    if (entry.isDirectory()) {
      if (!(await readLoose(root, name, into))) return false;
    } else into.set(name, (await readFile(join(root, name), 'utf8')).trim());
    if (into.size > looseAtMost) return false;
  }
  return true;
}

async function listed(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
