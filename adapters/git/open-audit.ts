// The audit repository behind core's port: one commit for each decision and result.
//
// `.git` is bare and the files beside it are written by hand: so a commit costs the same after ten thousand as after ten
// (git's index would be written anew for each), people open the files as in any folder, and `git log` works in it.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import { toCommitSha } from '../../core/ids.ts';
import type { AuditEntry, AuditRepository } from '../../core/ports/repository.ts';
import { makeQueue } from '../../core/queue.ts';
import { auditMessage, auditBranch as main } from './audit-commit.ts';
import { alteredFiles, mendFiles, showFiles, writeFiles } from './audit-files.ts';
import { readAuditHistory } from './audit-history.ts';
import { allowSigner, readSigningKey } from './audit-key.ts';
import { BlobReader } from './blob-reader.ts';
import { importCommit } from './fast-import.ts';
import { type Git, makeGit } from './git.ts';
import { gitFault } from './git-fault.ts';
import { pathObjection } from './git-path.ts';
import { chiffonIdentity } from './identity.ts';
import { renameUnlessThere } from './into-place.ts';
import { makeObjectsFolder, objectsInto, removeStaleFolders, takePacks } from './pack-files.ts';

export type AuditSettings = {
  readonly folder: string;
  /** CHIFFON_AUDIT_SIGNING_KEY: the path of an SSH key; undefined for unsigned commits. */
  readonly signingKey?: string | undefined;
};

const idKey = 'chiffon.id';
const deskName = 'recording-';

/** Each commit is a pack of its own (two files to fsync instead of seven); so many of them become one. */
const packsAtOnce = 32;

export async function openAuditRepository({ folder, signingKey }: AuditSettings): Promise<AuditRepository> {
  const signers = join(folder, 'allowed_signers');
  const publicKey = signingKey === undefined ? undefined : await readSigningKey(signingKey);
  if (!(await exists(join(folder, '.git')))) await create(folder);
  if (publicKey !== undefined) await allowSigner(signers, publicKey);

  const git = makeGit({ folder, settings: [`gpg.ssh.allowedSignersFile=${signers}`, 'gpg.format=ssh'] });
  const reader = new BlobReader(git);
  const inOrder = makeQueue();
  const id = await ownId(git);
  const desk = await makeDesk(folder);
  let last = await lastEntry(git);
  let sincePacked = 0;
  await mendFiles(git, last.tip);

  async function record(entry: AuditEntry): Promise<CommitSha> {
    if (entry.seq <= last.seq) return recorded(git, entry);
    const commit = await commitEntry(git, last.tip, entry, desk, signingKey);
    if (commit === null) {
      // Another process has recorded something since, perhaps this very entry.
      last = await later(git, last.tip);
      return record(entry);
    }
    last = { tip: commit, seq: entry.seq };
    await showFiles(git, commit, entry.files);
    sincePacked += 1;
    if (sincePacked >= packsAtOnce) {
      sincePacked = 0;
      await pack(git);
    }
    return commit;
  }

  return {
    id,
    record: (entry) =>
      inOrder(async () => {
        checkPaths(entry);
        return record(entry);
      }),
    entries: () => readAuditHistory(git, signers),
    read: async (commit, path) => (await reader.read(`${commit}:${path}`))?.toString('utf8'),
    altered: () => alteredFiles(git),
  };
}

type Last = { readonly tip: CommitSha; readonly seq: number };

/** The newest commit, and the newest entry's seq: 0 before the first. */
async function lastEntry(git: Git): Promise<Last> {
  const tip = toCommitSha(await git.run(['rev-parse', '--verify', `${main}^{commit}`]));
  const newest = await git.run([
    'log',
    '-1',
    '--format=%(trailers:key=Chiffon-Seq,valueonly)',
    '--grep=^Chiffon-Seq: ',
    tip,
  ]);
  return { tip, seq: Number(newest.trim()) };
}

/** Where main stands now that it is not where it was: only entries may have come on top, or it is a GIT_FAILED. */
async function later(git: Git, tip: CommitSha): Promise<Last> {
  const came = await git.run(['log', '--format=%(trailers:key=Chiffon-Seq,valueonly,separator=)', `${tip}..${main}`]);
  const onTop = (await git.attempt(['merge-base', '--is-ancestor', tip, main])).ok;
  if (onTop && came.split('\n').every((seq) => /^\d+$/.test(seq))) return lastEntry(git);
  throw new ChiffonError(
    'GIT_FAILED',
    `Somebody else has committed to the audit repository ${git.folder}: nothing is recorded on top of that. See \`git log\` there.`,
  );
}

/** An entry that should be there already. */
async function recorded(git: Git, entry: AuditEntry): Promise<CommitSha> {
  const found = await git.run([
    'log',
    '-1',
    '--format=%H %(trailers:key=Chiffon-Head,valueonly)',
    `--grep=^Chiffon-Seq: ${entry.seq}$`,
    main,
  ]);
  const [commit = '', hash] = found.trim().split(' ');
  if (hash === entry.hash) return toCommitSha(commit);
  throw new ChiffonError(
    'AUDIT_MISMATCH',
    commit === ''
      ? `The audit repository has later entries, but none for event ${entry.seq}: run \`npm start -- audit verify\`.`
      : `The audit repository has another event ${entry.seq} than the log: run \`npm start -- audit verify\`.`,
  );
}

/** Where one process makes its commits: no lock and no file there is another's, who may be making the very same commit. */
type Desk = { readonly git: Git; readonly ref: string; readonly folder: string; readonly objects: string };

async function makeDesk(folder: string): Promise<Desk> {
  const [own, objects] = [join(folder, '.git', `${deskName}${randomUUID()}`), join(folder, '.git', 'objects')];
  await removeStaleFolders(join(folder, '.git'), deskName);
  const git = makeGit({ folder, settings: ['fastimport.unpackLimit=0'], env: objectsInto(own, objects) });
  return { git, ref: `refs/chiffon/${deskName}${randomUUID()}`, folder: own, objects };
}

/** Moves main from the commit it is known to stand on; null when it is not there any more. */
async function commitEntry(
  git: Git,
  parent: CommitSha,
  entry: AuditEntry,
  desk: Desk,
  signingKey: string | undefined,
): Promise<CommitSha | null> {
  const message = auditMessage(entry);
  const files = entry.files.map((file) => ({ ...file, mode: '100644' as const }));
  // Not on main, because fast-import walks the whole history to see whether it may move a branch that is there.
  await makeObjectsFolder(desk.folder);
  const made = await importCommit(desk.git, {
    ref: desk.ref,
    parent,
    message,
    at: entry.at,
    files,
    replace: true,
  });
  await takePacks(desk.folder, desk.objects);
  await rm(desk.folder, { recursive: true, force: true });
  const commit = signingKey === undefined ? made.commit : await sign(git, parent, made.tree, entry, signingKey);
  const move = `update ${main} ${commit} ${parent}\ndelete ${desk.ref}\n`;
  const moved = await git.attempt(['update-ref', '--stdin'], { input: move });
  if (moved.ok) return commit;
  await git.attempt(['update-ref', '-d', desk.ref]);
  if (/but expected/.test(moved.stderr)) return null;
  throw gitFault(['update-ref'], moved.stderr);
}

/** fast-import cannot sign: commit-tree makes the commit again, signed, from the tree that is there now. */
async function sign(git: Git, parent: CommitSha, tree: string, entry: AuditEntry, key: string): Promise<CommitSha> {
  const args = ['-c', `user.signingKey=${key}`, 'commit-tree', '-S', '-p', parent, '-F', '-', tree];
  return toCommitSha(await git.run(args, { input: auditMessage(entry), env: chiffonIdentity(entry.at) }));
}

async function create(folder: string): Promise<void> {
  const building = `${folder}.new-${randomUUID()}`;
  await mkdir(building, { recursive: true });
  const git = makeGit({ folder: building });
  await git.run(['init', '--quiet', '--template=', '--initial-branch=main']);
  await git.run(['config', 'core.bare', 'true']);
  await git.run(['config', idKey, randomUUID()]);
  const files = [{ path: 'README.md', text: welcome }];
  const at = '2026-01-01T00:00:00Z';
  const root = { ref: main, parent: null, message: 'The record of a Chiffon\n', at, replace: false };
  await importCommit(git, { ...root, files: files.map((file) => ({ ...file, mode: '100644' as const })) });
  await writeFiles(building, files);
  await renameUnlessThere(building, folder);
}

/** Made with the repository; one from before there were ids gets it at its first opening. */
async function ownId(git: Git): Promise<string> {
  // Added, and the first one read: so two processes that open it at once agree.
  const read = async () => (await git.attempt(['config', '--local', '--get-all', idKey])).stdout.split('\n')[0] ?? '';
  const there = await read();
  if (there !== '') return there;
  await git.run(['config', '--local', '--add', idKey, randomUUID()]);
  return read();
}

/** Packs that double in size, so that there are few of them and each object is moved a few times only. */
async function pack(git: Git): Promise<void> {
  // Another process that does the same takes packs away from under this one: nothing is lost, and the next time will do.
  await git.attempt(['repack', '-d', '-l', '-q', '--geometric=2'], { timeoutMs: 600_000 });
}

function checkPaths({ files }: AuditEntry): void {
  for (const { path } of files) {
    const objection = pathObjection(path);
    if (objection !== null) throw new ChiffonError('INTERNAL', `An audit entry cannot hold "${path}": ${objection}.`);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const welcome = `# The record

Every decision and every result of this Chiffon, one commit each; \`tasks/\` has a folder for each task: \`README.md\` tells
its story, the JSON files beside it hold the events with their hashes.

- \`git log\` lists them. Each commit's message names the event and the hash chain's head at it.
- \`npm start -- audit verify\` compares it all with the log.
- The files here are written for reading. Nothing is read back from them, and a change to one is found by \`audit verify\`.
- \`.git\` is a bare repository (which keeps recording fast), so \`git status\` does not work here. For a checkout:
  \`git clone <this folder> <another one>\`.
- Where commits are signed, \`allowed_signers\` lists the public keys: \`git log --show-signature\`. Keep a copy of that file
  somewhere else: who can write here could change it.
`;
