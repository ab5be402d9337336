// How much a commit's tree holds, told without believing that it is reasonable: a few hundred bytes of nested trees can
// stand for more paths than there are atoms to write them with.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { gitFault } from './git-fault.ts';

const mostEntries = 100_000;
const mostBytes = 512 * 1024 * 1024;

/** What an agent can be sent, and will write to its disk. REPOSITORY_TOO_LARGE beyond that; reads no further than that. */
export async function insistOnSize(git: Git, commit: CommitSha): Promise<void> {
  // With its folders (-t): a tree of nothing but empty folders grows without bounds as well.
  const listing = git.start(['ls-tree', '-r', '-t', '-l', '--full-tree', commit]);
  let entries = 0;
  let bytes = 0;
  try {
    for (let line = await listing.stdout.line(); line !== undefined; line = await listing.stdout.line()) {
      entries += 1;
      bytes += Number(/^\d+ \w+ \w+ +(\d+)\t/.exec(line)?.[1] ?? 0);
      if (entries > mostEntries) throw tooLarge(commit, `more than ${mostEntries.toLocaleString('en')} files`);
      if (bytes > mostBytes) throw tooLarge(commit, `more than ${mostBytes / 1024 / 1024} MB of files`);
    }
  } catch (fault) {
    await listing.stop();
    throw fault;
  }
  const { ok, stderr } = await listing.end();
  if (!ok) throw gitFault(['ls-tree'], stderr);
}

export function tooLarge(commit: CommitSha, what: string): ChiffonError {
  return new ChiffonError(
    'REPOSITORY_TOO_LARGE',
    `Commit ${commit.slice(0, 8)} holds ${what}, which is more than an agent can be sent: keep large files out of the infrastructure repository.`,
  );
}
