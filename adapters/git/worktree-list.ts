// The checkouts that a repository has: its own folder and every linked worktree, and what each one shows or has under way.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';

export type Checkout = {
  readonly folder: string /** Full ref name; null when detached. */;
  readonly ref: string | null;
};

export async function readCheckouts(git: Git): Promise<readonly Checkout[]> {
  const listing = await git.run(['worktree', 'list', '--porcelain', '-z']);
  return listing
    .split('\0\0')
    .map((block) => new Map(block.split('\0').map(splitOnce)))
    .filter((fields) => fields.has('worktree') && !fields.has('bare') && !fields.has('prunable'))
    .map((fields) => ({ folder: fields.get('worktree') ?? '', ref: fields.get('branch') ?? null }));
}

/** Folders in which the ref is checked out. */
export async function checkoutsOf(git: Git, ref: string): Promise<readonly string[]> {
  const checkouts = await readCheckouts(git);
  return checkouts.filter((checkout) => checkout.ref === ref).map(({ folder }) => folder);
}

/** A merge, rebase or the like in a checkout, that will move the ref when it ends; null when there is none. */
export async function operationOn(git: Git, checkout: Checkout, ref: string): Promise<string | null> {
  if (checkout.ref !== null && checkout.ref !== ref) return null;
  const gitDir = await git.in(checkout.folder).run(['rev-parse', '--absolute-git-dir']);
  for (const [file, operation] of operations) {
    const path = join(gitDir, file);
    // A rebase detaches HEAD and notes whose commits it moves.
    if (checkout.ref === ref ? await exists(path) : (await text(join(path, 'head-name'))) === ref) return operation;
  }
  return null;
}

const operations = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
] as const;

function splitOnce(line: string): [string, string] {
  const space = line.indexOf(' ');
  return space < 0 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function text(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => null,
  );
}
