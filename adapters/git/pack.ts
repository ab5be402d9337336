// A commit for an agent on another machine, as a git pack without history. What an agent may get is bounded here: commits
// that are part of main or of a branch of Chiffon's own, not whatever else lies in the repository.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { CommitPacks } from '../../core/ports/repository.ts';
import { fetchCommit } from './fetch-commit.ts';
import type { Git } from './git.ts';
import { findMainline } from './mainline.ts';
import type { Site } from './site.ts';
import { insistOnSize, tooLarge } from './tree-size.ts';

/** More is not asked about: an agent names the few newest ones. */
const mostHad = 16;
export const mostPackBytes = 64 * 1024 * 1024;

export function makePacks(site: Site, fetchTimeoutMs: number): CommitPacks['pack'] {
  return async (commit, have) => {
    await fetchCommit(site, commit, fetchTimeoutMs);
    const given = await givable(site, [commit, ...have.slice(0, mostHad)]);
    if (!given.has(commit)) {
      throw new ChiffonError(
        'COMMIT_MISSING',
        `Commit ${commit.slice(0, 8)} is neither part of the main branch of ${site.name} nor of a chiffon/ branch, so no agent is given it.`,
      );
    }
    given.delete(commit);
    await insistOnSize(site.git, commit);
    return packOf(site.git, commit, [...given]);
  };
}

/** Those of the commits that main or a `chiffon/` branch holds. */
async function givable({ git, ...site }: Site, commits: readonly CommitSha[]): Promise<Set<CommitSha>> {
  const [main, branches, known] = await Promise.all([
    findMainline({ git, ...site }),
    git.run(['for-each-ref', '--format=%(objectname)', 'refs/heads/chiffon/', 'refs/remotes/origin/chiffon/']),
    knownCommits(git, commits),
  ]);
  const tips = [main.commit, ...branches.split('\n').filter((tip) => tip !== '')];
  const lines = [...known, ...tips.map((tip) => `^${tip}`)].join('\n');
  const outside = new Set((await git.run(['rev-list', '--stdin'], { input: `${lines}\n` })).split('\n'));
  return new Set(known.filter((commit) => !outside.has(commit)));
}

async function knownCommits(git: Git, commits: readonly CommitSha[]): Promise<readonly CommitSha[]> {
  const check = ['cat-file', '--batch-check=%(objectname) %(objecttype)'];
  const answers = await git.run(check, { input: `${commits.join('\n')}\n` });
  return answers.split('\n').flatMap((line) => {
    const [oid = '', type] = line.split(' ');
    return type === 'commit' ? [toCommitSha(oid)] : [];
  });
}

/** As a server answers a shallow fetch: the commits' parents are cut off for this one command. */
async function packOf(git: Git, commit: CommitSha, have: readonly CommitSha[]): Promise<Uint8Array> {
  const shallow = [commit, ...have].map((oid) => `--shallow ${oid}`);
  const input = `${[...shallow, commit, '--not', ...have].join('\n')}\n`;
  const args = ['pack-objects', '--revs', '--thin', '--shallow', '--delta-base-offset', '--stdout', '-q'];
  const pack = await git.bytesUpTo(mostPackBytes, args, { input, timeoutMs: 120_000 });
  if (pack === null) throw tooLarge(commit, `more than ${mostPackBytes / 1024 / 1024} MB even when packed`);
  return pack;
}
