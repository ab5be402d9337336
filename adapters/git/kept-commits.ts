// What a replica keeps: a bare repository of commits without history, each held by a ref `refs/chiffon/kept/<number>/<commit>`.
// The refs are the truth: a commit counts when its ref stands there, which is written last, after its objects are flushed.
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitSha } from '../../core/ids.ts';
import { toCommitSha } from '../../core/ids.ts';
import { durably } from './durable-file.ts';
import { type Git, makeGit } from './git.ts';
import { takePacks } from './pack-files.ts';
import { quarantineName } from './receive-pack.ts';

export type KeptCommits = {
  readonly git: Git;
  /** In the order in which they came, oldest first. */
  list(): readonly CommitSha[];
  /** Takes over the packs in the quarantine, and from then on has the commit. */
  add(commit: CommitSha, quarantine: string): Promise<void>;
  /** Forgets the commits, and gives back the space that only they needed. */
  drop(commits: readonly CommitSha[]): Promise<void>;
};

type Kept = { readonly commit: CommitSha; readonly number: number };
type ObjectFormat = 'sha1' | 'sha256';

const prefix = 'refs/chiffon/kept/';

/** A damaged repository is made anew: it holds only copies. */
export async function openKeptCommits(folder: string, format: ObjectFormat): Promise<KeptCommits> {
  const git = makeGit({ folder, settings: ['core.fsync=committed,reference'], env: { GIT_DIR: folder } });
  await clearLeftovers(folder);
  let kept = (await readKept(git, folder)) ?? (await create(git, folder, format));

  const noteShallow = () => durably(join(folder, 'shallow'), kept.map(({ commit }) => `${commit}\n`).join(''));

  return {
    git,
    list: () => kept.map(({ commit }) => commit),
    async add(commit, quarantine) {
      await takePacks(quarantine, join(folder, 'objects'));
      const next = { commit, number: (kept.at(-1)?.number ?? 0) + 1 };
      kept = [...kept, next];
      try {
        await noteShallow();
        await git.run(['update-ref', refOf(next), commit]);
      } catch (fault) {
        kept = kept.filter((other) => other !== next);
        throw fault;
      }
    },
    async drop(commits) {
      if (commits.length === 0) return;
      const dropped = kept.filter(({ commit }) => commits.includes(commit));
      kept = kept.filter((one) => !dropped.includes(one));
      const input = dropped.map((one) => `delete ${refOf(one)}\n`).join('');
      await git.run(['update-ref', '--stdin'], { input });
      await noteShallow();
      await git.run(['repack', '-a', '-d', '-q', '--no-write-bitmap-index'], { timeoutMs: 600_000 });
    },
  };
}

const refOf = ({ commit, number }: Kept): string => `${prefix}${String(number).padStart(12, '0')}/${commit}`;

/** Null when there is no repository that git can read. */
async function readKept(git: Git, folder: string): Promise<readonly Kept[] | null> {
  const there = await stat(join(folder, 'HEAD')).catch(() => null);
  if (there === null) return null;
  const refs = await git.attempt(['for-each-ref', '--format=%(refname)', prefix]);
  if (!refs.ok) return null;
  return refs.stdout
    .split('\n')
    .filter((ref) => ref !== '')
    .map((ref) => {
      const [number = '', commit = ''] = ref.slice(prefix.length).split('/');
      return { number: Number(number), commit: toCommitSha(commit) };
    });
}

async function create(git: Git, folder: string, format: ObjectFormat): Promise<readonly Kept[]> {
  await rm(folder, { recursive: true, force: true });
  const building = `${folder}.new`;
  await rm(building, { recursive: true, force: true });
  const init = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, building];
  await git.in(join(folder, '..')).run(init, { env: { GIT_DIR: building } });
  await rename(building, folder);
  return [];
}

/** Quarantines, half-written packs and locks of a process that is gone. */
async function clearLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const isLeftover = (name: string) =>
    name.startsWith(quarantineName) || name.endsWith('.lock') || /^objects\/pack\/(tmp_|\.tmp-)/.test(name);
  for (const name of names.filter(isLeftover)) await rm(join(folder, name), { recursive: true, force: true });
}
