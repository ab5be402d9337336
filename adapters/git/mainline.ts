// Which branch is main, where it stands, and which remote branch it follows.
//
// Never simply "the branch that is checked out": people look at other branches, and main must not move with them.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { withoutCredentials } from './repository-url.ts';
import type { Site } from './site.ts';

/** The remote's branch that main follows. */
export type Upstream = {
  readonly remote: string;
  readonly branch: string;
  /** Where Chiffon keeps what it fetched of it. */
  readonly ref: string;
  readonly url: string;
};

export type Mainline = {
  readonly branch: string;
  /** The ref that says what main is. */
  readonly ref: string;
  readonly commit: CommitSha;
  readonly upstream: Upstream | null;
};

/** NO_REPOSITORY when there is no main branch with a commit. */
export async function findMainline(site: Site): Promise<Mainline> {
  const refs = await readRefs(site.git);
  return site.kind === 'clone' ? clonesMainline(site, refs) : ownMainline(site, refs);
}

type Ref = {
  readonly name: string;
  readonly commit: string;
  readonly checkedOut: boolean;
  readonly remote: string;
  readonly remoteRef: string;
  /** For `origin/HEAD`: the branch that the remote calls its main one. */
  readonly pointsAt: string;
};

const fields = ['refname', 'objectname', 'HEAD', 'upstream:remotename', 'upstream:remoteref', 'symref'];

async function readRefs(git: Git): Promise<readonly Ref[]> {
  const format = fields.map((field) => `%(${field})`).join('%00');
  const listing = await git.run(['for-each-ref', `--format=${format}`, 'refs/heads/', 'refs/remotes/origin/']);
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', commit = '', head = '', remote = '', remoteRef = '', pointsAt = ''] = line.split('\0');
      return { name, commit, checkedOut: head === '*', remote, remoteRef, pointsAt };
    });
}

async function ownMainline(site: Site, refs: readonly Ref[]): Promise<Mainline> {
  const branches = refs.filter(({ name }) => name.startsWith('refs/heads/') && !name.startsWith('refs/heads/chiffon/'));
  const main =
    site.wantedBranch === undefined
      ? await likelyMain(site.git, branches, remoteMain(refs))
      : named(branches, site.wantedBranch);
  if (main === undefined) throw noMain(site, branches.map(branchName));
  return {
    branch: branchName(main),
    ref: main.name,
    commit: toCommitSha(main.commit),
    upstream: await upstreamOf(site.git, main),
  };
}

/** The remote's HEAD; else main or master, the checked-out one first; else init.defaultBranch; else what is checked out. */
async function likelyMain(git: Git, branches: readonly Ref[], theirs: string | undefined): Promise<Ref | undefined> {
  const remotes = theirs === undefined ? undefined : named(branches, theirs);
  if (remotes !== undefined) return remotes;
  const usual = branches.filter((ref) => ['main', 'master'].includes(branchName(ref)));
  const likely = usual.find(({ checkedOut }) => checkedOut) ?? usual[0];
  if (likely !== undefined) return likely;
  const configured = await git.attempt(['config', '--get', 'init.defaultBranch']);
  return (
    named(branches, configured.stdout.trim()) ??
    branches.find(({ checkedOut }) => checkedOut) ??
    (branches.length === 1 ? branches[0] : undefined)
  );
}

async function upstreamOf(git: Git, main: Ref): Promise<Upstream | null> {
  // `.` is a branch that follows another one of the same repository.
  if (main.remote === '' || main.remote === '.' || !main.remoteRef.startsWith('refs/heads/')) return null;
  const url = await git.attempt(['config', '--get', `remote.${main.remote}.url`]);
  if (!url.ok) return null;
  const branch = main.remoteRef.slice('refs/heads/'.length);
  return {
    remote: main.remote,
    branch,
    ref: `refs/chiffon/upstream/${branch}`,
    url: withoutCredentials(url.stdout.trim()),
  };
}

function clonesMainline(site: Site, refs: readonly Ref[]): Mainline {
  const branch = site.wantedBranch ?? remoteMain(refs) ?? 'main';
  const ref = `refs/remotes/origin/${branch}`;
  const main = refs.find(({ name }) => name === ref);
  if (main === undefined) {
    const branches = refs
      .filter(({ pointsAt }) => pointsAt === '')
      .filter(({ name }) => name.startsWith('refs/remotes/'));
    throw noMain({ ...site, wantedBranch: branch }, branches.map(branchName));
  }
  const upstream = { remote: 'origin', branch, ref, url: site.name };
  return { branch, ref, commit: toCommitSha(main.commit), upstream };
}

function remoteMain(refs: readonly Ref[]): string | undefined {
  const head = refs.find(({ name }) => name === 'refs/remotes/origin/HEAD');
  return head === undefined || head.pointsAt === '' ? undefined : head.pointsAt.slice('refs/remotes/origin/'.length);
}

function named(branches: readonly Ref[], name: string): Ref | undefined {
  return branches.find((ref) => branchName(ref) === name);
}

function branchName({ name }: Ref): string {
  return name.replace(/^refs\/(heads|remotes\/origin)\//, '');
}

function noMain(site: Site, branches: readonly string[]): ChiffonError {
  if (branches.length === 0) {
    return new ChiffonError(
      'NO_REPOSITORY',
      `The repository ${site.name} has no commits yet: commit your playbooks there first.`,
    );
  }
  const names = `${branches.slice(0, 5).join(', ')}${branches.length > 5 ? ', ...' : ''}`;
  const message =
    site.wantedBranch === undefined
      ? `Chiffon cannot tell which branch of ${site.name} is the main one: set INFRA_BRANCH to one of ${names}.`
      : `${site.name} has no branch ${site.wantedBranch}: set INFRA_BRANCH to one of ${names}.`;
  return new ChiffonError('NO_REPOSITORY', message);
}
