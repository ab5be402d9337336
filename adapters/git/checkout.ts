// A folder with exactly a commit's files, for one run. A plain folder and no `git worktree`: nothing is noted in the user's
// repository, no filter or end-of-line setting of theirs changes a byte, and what a run sees is what was approved.
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { RunFolder } from '../../core/ports/repository.ts';
import { isGitFolder } from './git-path.ts';
import { leavesTree } from './link.ts';
import type { ObjectReader } from './objects.ts';
import type { TreeEntry } from './tree.ts';

/** This process as part of a folder's name: its number alone comes back after a restart in a container. */
const owner = `${process.pid}.${Math.round(performance.timeOrigin).toString(36)}`;
let count = 0;
const writesAtOnce = 16;

export async function checkoutFolder(
  read: ObjectReader,
  parent: string,
  commit: CommitSha,
  entries: readonly TreeEntry[],
): Promise<RunFolder> {
  count += 1;
  const path = join(parent, `${commit.slice(0, 12)}-${owner}-${count}`);
  const release = () => rm(path, { recursive: true, force: true });
  try {
    await mkdir(path, { recursive: true });
    return { path, leftOut: await writeTree(read, path, entries), release };
  } catch (cause) {
    await release();
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') {
      throw new ChiffonError('DISK_FULL', `There is no space left in ${parent} for the files of a run.`, { cause });
    }
    throw cause;
  }
}

/** Removes what runs of dead processes left behind. */
export async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const [, pid = '', started = ''] = /^[0-9a-f]+-(\d+)\.([0-9a-z]+)-\d+$/.exec(name) ?? [];
    if (pid === '' || `${pid}.${started}` === owner) continue;
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function writeTree(read: ObjectReader, root: string, entries: readonly TreeEntry[]): Promise<readonly string[]> {
  const wanted = entries.filter((entry) => entry.kind !== 'submodule' && !isUnsafe(entry));
  const byOid = Map.groupBy(wanted, (entry) => entry.oid);
  const folders = new Set(
    wanted.map(({ raw }) => raw.subarray(0, Math.max(0, raw.lastIndexOf('/'))).toString('latin1')),
  );
  for (const folder of folders) await mkdir(under(root, Buffer.from(folder, 'latin1')), { recursive: true });

  const targets = new Map<string, string>();
  const writing = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const { oid, bytes } of read([...byOid.keys()])) {
    for (const { kind, raw } of byOid.get(oid) ?? []) {
      if (kind === 'link') {
        targets.set(raw.toString('latin1'), bytes.toString('latin1'));
        continue;
      }
      // `wx`: a tree that names a path twice cannot write through what is there.
      const mode = kind === 'executable' ? 0o755 : 0o644;
      const written = writeFile(under(root, raw), bytes, { mode, flag: 'wx' })
        .catch((failure: unknown) => void failures.push(failure))
        .finally(() => writing.delete(written));
      writing.add(written);
      if (writing.size >= writesAtOnce) await Promise.race(writing);
    }
    if (failures.length > 0) break;
  }
  await Promise.all(writing);
  if (failures.length > 0) throw failures[0];

  // Last, so that nothing is ever written through a link.
  const links = wanted.filter(({ kind }) => kind === 'link');
  const leading = links.filter(({ raw }) => leavesTree(raw.toString('latin1'), targets));
  for (const link of links) {
    if (leading.includes(link)) continue;
    await symlink(Buffer.from(targets.get(link.raw.toString('latin1')) ?? '', 'latin1'), under(root, link.raw));
  }
  const leftOut = [...entries.filter((entry) => !wanted.includes(entry)), ...leading];
  return leftOut.map(({ raw }) => raw.toString('utf8')).sort();
}

/** Names that git itself never writes: a tree that has them was made to mislead. */
function isUnsafe(entry: TreeEntry): boolean {
  return entry.raw
    .toString('utf8')
    .split('/')
    .some((part) => part === '..' || part === '.' || part === '' || isGitFolder(part));
}

/** A path's own bytes under the folder. */
function under(root: string, raw: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), raw]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
