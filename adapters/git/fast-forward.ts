// Moves main of the user's own repository forward. Where main is checked out, the files follow; where they cannot without
// touching something uncommitted, nothing moves (docs/adr: the user's checkout).
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { gitFault, gitReason, lockInTheWay, lockSentence } from './git-fault.ts';
import { type Checkout, operationOn, readCheckouts } from './worktree-list.ts';

export type Forward = { readonly type: 'moved' } | { readonly type: 'held'; readonly reason: string };

export type Move = {
  readonly ref: string /** What main must stand on now. */;
  readonly from: CommitSha;
  readonly to: CommitSha;
};

/** Why main cannot follow now, as a clause for people; null when nothing stands in the way. Changes nothing. */
export async function hindrance(git: Git, { ref, from, to }: Move): Promise<string | null> {
  const checkouts = await readCheckouts(git);
  for (const checkout of checkouts) {
    const operation = await operationOn(git, checkout, ref);
    if (operation !== null) return `a ${operation} is under way in ${checkout.folder}`;
  }
  const showing = checkouts.filter((checkout) => checkout.ref === ref);
  if (showing.length > 1) return `it is checked out twice, in ${listed(showing.map(({ folder }) => folder))}`;
  for (const { folder } of showing) {
    const changed = await git.run(['diff', '--name-only', '--no-renames', '-z', from, to, '--']);
    const touched = await uncommitted(git.in(folder), split(changed));
    if (touched.length > 0) return `there are uncommitted changes in ${folder}: ${listed(touched)}`;
  }
  return null;
}

/** All or nothing; a commit that somebody made on main in between is never lost. */
export async function fastForward(git: Git, move: Move): Promise<Forward> {
  const hindered = await hindrance(git, move);
  if (hindered !== null) return { type: 'held', reason: hindered };
  const showing = (await readCheckouts(git)).find((checkout) => checkout.ref === move.ref);
  return showing === undefined ? moveRef(git, move) : moveCheckout(git, showing, move);
}

async function moveRef(git: Git, { ref, from, to }: Move): Promise<Forward> {
  const update = await git.attempt(['update-ref', '-m', 'Chiffon: fast-forward', ref, to, from]);
  if (update.ok) return { type: 'moved' };
  const lock = lockInTheWay(update.stderr);
  if (lock !== undefined) return { type: 'held', reason: lockSentence(lock) };
  if (/but expected/.test(update.stderr)) return { type: 'held', reason: 'it moved at the same moment' };
  throw gitFault(['update-ref'], update.stderr);
}

/** git's own fast-forward: it overwrites no file that is uncommitted, untracked or ignored, and then moves nothing at all. */
async function moveCheckout(git: Git, { folder }: Checkout, { ref, to }: Move): Promise<Forward> {
  const merged = await git
    .in(folder)
    .attempt(
      [
        'merge',
        '--ff-only',
        '--no-overwrite-ignore',
        '--no-autostash',
        '--no-verify-signatures',
        '--no-stat',
        '--quiet',
        to,
      ],
      { env: { GIT_REFLOG_ACTION: 'Chiffon' } },
    );
  if (merged.ok && (await git.run(['rev-parse', ref])) === to) return { type: 'moved' };
  if (merged.ok) return { type: 'held', reason: `another branch was checked out in ${folder} at the same moment` };
  const lock = lockInTheWay(merged.stderr);
  return { type: 'held', reason: lock === undefined ? gitReason(merged.stderr) : lockSentence(lock) };
}

/** Of these paths, the ones whose content in the checkout is in no commit: changed, staged, untracked or ignored. */
async function uncommitted(git: Git, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const how = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'];
  return split(await git.run(['status', ...how, '--', ...paths])).map((line) => line.slice(3));
}

function split(listing: string): string[] {
  return listing.split('\0').filter((item) => item !== '');
}

function listed(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;
}
