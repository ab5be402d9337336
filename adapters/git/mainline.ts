// Which branch is main, and which remote branch it follows.
//
// Never simply "the branch that is checked out": people look at other branches, and main must not move with them.
import { ChiffonError } from '../../core/error.ts';
import { withoutCredentials } from './repository-url.ts';
import type { Mainline, Site, Upstream } from './site.ts';

export async function findMainline(site: Site): Promise<Mainline> {
  return site.kind === 'clone' ? clonesMainline(site) : ownMainline(site);
}

async function ownMainline(site: Site): Promise<Mainline> {
  const branches = await heads(site);
  const branch = site.wantedBranch ?? (await likelyMain(site, branches));
  if (branch === undefined || !branches.has(branch)) throw noMain(site, branch, branches);
  return { branch, ref: `refs/heads/${branch}`, upstream: await upstreamOf(site, branch) };
}

/** The remote's HEAD; else the one of main, master, init.defaultBranch that exists; else the branch that is checked out. */
async function likelyMain(site: Site, branches: ReadonlySet<string>): Promise<string | undefined> {
  const remoteHead = await site.git.attempt(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD']);
  const remoteMain = remoteHead.stdout.trim().replace('refs/remotes/origin/', '');
  if (remoteHead.ok && branches.has(remoteMain)) return remoteMain;

  const head = await site.git.attempt(['symbolic-ref', '--quiet', 'HEAD']);
  const checkedOut = head.ok ? head.stdout.trim().replace('refs/heads/', '') : undefined;
  const usual = ['main', 'master'].filter((name) => branches.has(name));
  if (checkedOut !== undefined && usual.includes(checkedOut)) return checkedOut;
  if (usual[0] !== undefined) return usual[0];

  const configured = await site.git.attempt(['config', '--get', 'init.defaultBranch']);
  if (configured.ok && branches.has(configured.stdout.trim())) return configured.stdout.trim();
  return checkedOut ?? (branches.size === 1 ? [...branches][0] : undefined);
}

async function heads(site: Site): Promise<Set<string>> {
  const list = await site.git.run(['for-each-ref', '--format=%(refname)', 'refs/heads/']);
  return new Set(
    list
      .split('\n')
      .filter((ref) => ref !== '')
      .map((ref) => ref.slice('refs/heads/'.length))
      .filter((name) => !name.startsWith('chiffon/')),
  );
}

async function upstreamOf(site: Site, branch: string): Promise<Upstream | null> {
  const config = await site.git.attempt([
    'config',
    '--null',
    '--get-regexp',
    `^(branch\\..*\\.(remote|merge)|remote\\..*\\.(url|pushurl))$`,
  ]);
  const values = new Map(
    config.stdout
      .split('\0')
      .filter((item) => item.includes('\n'))
      .map((item): [string, string] => [item.slice(0, item.indexOf('\n')), item.slice(item.indexOf('\n') + 1)]),
  );
  const remote = values.get(`branch.${branch}.remote`);
  const merge = values.get(`branch.${branch}.merge`);
  if (remote === undefined || merge === undefined || remote === '.' || !merge.startsWith('refs/heads/')) return null;
  const url = values.get(`remote.${remote}.url`);
  if (url === undefined) return null;
  const theirs = merge.slice('refs/heads/'.length);
  return { remote, branch: theirs, ref: `refs/chiffon/upstream/${theirs}`, url: withoutCredentials(url) };
}

async function clonesMainline(site: Site): Promise<Mainline> {
  const head = await site.git.attempt(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD']);
  const branch = site.wantedBranch ?? (head.ok ? head.stdout.trim().replace('refs/remotes/origin/', '') : 'main');
  const ref = `refs/remotes/origin/${branch}`;
  return { branch, ref, upstream: { remote: 'origin', branch, ref, url: site.name } };
}

function noMain(site: Site, wanted: string | undefined, branches: ReadonlySet<string>): ChiffonError {
  if (branches.size === 0) {
    return new ChiffonError(
      'NO_REPOSITORY',
      `The repository ${site.name} has no commits yet: commit your playbooks there first.`,
    );
  }
  const names = [...branches].slice(0, 5).join(', ');
  return new ChiffonError(
    'NO_REPOSITORY',
    wanted === undefined
      ? `Chiffon cannot tell which branch of ${site.name} is the main one: set INFRA_BRANCH to one of ${names}.`
      : `${site.name} has no branch ${wanted}: set INFRA_BRANCH to one of ${names}.`,
  );
}
