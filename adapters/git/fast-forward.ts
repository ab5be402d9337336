// Moves main of the user's own repository forward. Where main is checked out, the files follow; where they cannot without
// touching something uncommitted, nothing moves (docs/adr: the user's checkout).
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { gitFault, gitReason, lockInTheWay, lockSentence } from './git-fault.ts';
import { inTheWay } from './uncommitted.ts';
import { type Checkout, operationOn, readCheckouts } from './worktree-list.ts';

export type Forward = { readonly type: 'moved' } | { readonly type: 'held'; readonly reason: string };

export type Move = {
  readonly ref: string /** What main must stand on now. */;
  readonly from: CommitSha;
  readonly to: CommitSha;
};

/** Why main cannot follow now, as a clause for people; null when nothing stands in the way. Changes nothing. */
export async function hindrance(git: Git, move: Move): Promise<string | null> {
  const found = await survey(git, move);
  return typeof found === 'string' ? found : null;
}

/**
 * All or nothing. The ref stays locked from before the first file is written until it has moved: a commit that somebody
 * makes in between waits or fails, and is never lost. A crash in between is mended by the next call.
 */
export async function fastForward(git: Git, move: Move): Promise<Forward> {
  const transaction = git.start(['update-ref', '-m', 'Chiffon: fast-forward', '--stdin']);
  transaction.say('start');
  transaction.say(`update ${move.ref} ${move.to} ${move.from}`);
  transaction.say('prepare');
  const locked =
    (await transaction.stdout.line()) === 'start: ok' && (await transaction.stdout.line()) === 'prepare: ok';
  const held = locked ? await follow(git, move) : null;
  // Ending without `commit` gives the lock back and leaves the ref where it was.
  if (locked && held === null) transaction.say('commit');
  const { ok, stderr } = await transaction.end();
  if (held !== null) return { type: 'held', reason: held };
  return ok && locked ? { type: 'moved' } : { type: 'held', reason: refReason(stderr) };
}

/** Brings the checkout of main, where there is one, to the new commit; or says why not. */
async function follow(git: Git, move: Move): Promise<string | null> {
  const checkout = await survey(git, move);
  if (checkout === null || typeof checkout === 'string') return checkout;
  const here = git.in(checkout.folder);
  // read-tree takes a file for changed whose time is not the one in the index; this looks at the content again.
  await here.attempt(['update-index', '-q', '--refresh']);
  const read = await here.attempt(['read-tree', '-m', '-u', move.from, move.to]);
  if (read.ok) return null;
  const lock = lockInTheWay(read.stderr);
  return lock === undefined ? gitReason(read.stderr) : lockSentence(lock);
}

/** The checkout that has to follow, null when there is none, or why it cannot. */
async function survey(git: Git, { ref, from, to }: Move): Promise<Checkout | string | null> {
  const checkouts = await readCheckouts(git);
  for (const checkout of checkouts) {
    const operation = await operationOn(git, checkout, ref);
    if (operation !== null) return `a ${operation} is under way in ${checkout.folder}`;
  }
  const [showing, ...others] = checkouts.filter((checkout) => checkout.ref === ref);
  if (showing === undefined) return null;
  if (others.length > 0)
    return `it is checked out twice, in ${listed([showing, ...others].map(({ folder }) => folder))}`;
  const paths = await inTheWay(git.in(showing.folder), from, to);
  return paths.length === 0 ? showing : `there are uncommitted changes in ${showing.folder}: ${listed(paths)}`;
}

function refReason(stderr: string): string {
  const lock = lockInTheWay(stderr);
  if (lock !== undefined) return lockSentence(lock);
  if (/but expected/.test(stderr)) return 'it moved at the same moment';
  throw gitFault(['update-ref'], stderr);
}

function listed(paths: readonly string[]): string {
  return paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;
}
