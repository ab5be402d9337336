// What would be lost or mixed up if a checkout moved from one commit to another: paths of the move whose content here is in no commit.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';

/** Changed, staged, untracked and ignored files alike. What already is as the new commit wants it (after a crash) is not in the way. */
export async function inTheWay(git: Git, from: CommitSha, to: CommitSha): Promise<readonly string[]> {
  const moves = await pathsBetween(git, from, to);
  if (moves.length === 0) return [];
  const paths = moves.map(({ path }) => path);
  const [notOld, notNew, unstaged] = await Promise.all([
    differing(git, ['--cached', from], paths),
    differing(git, ['--cached', to], paths),
    differing(git, [], paths),
  ]);

  const found = new Set<string>();
  for (const { path, added } of moves) {
    if (!notNew.has(path) && !unstaged.has(path)) continue;
    if (notOld.has(path) || unstaged.has(path)) found.add(path);
    const occupied = added ? await whatStandsAt(git.folder, path) : null;
    if (occupied !== null) found.add(occupied);
  }
  return [...found].sort();
}

async function pathsBetween(git: Git, from: CommitSha, to: CommitSha) {
  const fields = (await git.run(['diff-tree', '-r', '-z', '--no-renames', '--name-status', from, to])).split('\0');
  const moves: { readonly path: string; readonly added: boolean }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2)
    moves.push({ path: fields[at + 1] ?? '', added: fields[at] === 'A' });
  return moves;
}

async function differing(git: Git, what: readonly string[], paths: readonly string[]): Promise<ReadonlySet<string>> {
  const listing = await git.run([
    'diff',
    '--no-ext-diff',
    '--no-renames',
    '--name-only',
    '-z',
    ...what,
    '--',
    ...paths,
  ]);
  return new Set(listing.split('\0').filter((path) => path !== ''));
}

/** Whatever lies where a new file has to go: something of that name, or something that is no folder above it. */
async function whatStandsAt(root: string, path: string): Promise<string | null> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const here = parts.slice(0, depth).join('/');
    const stats = await lstat(join(root, here)).catch(() => null);
    if (stats === null) return null;
    if (depth === parts.length || !stats.isDirectory()) return here;
  }
  return null;
}
