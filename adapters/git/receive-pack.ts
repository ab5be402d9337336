// A pack from the bus is proved before anything of it counts, in a quarantine as git's own receive-pack has one: objects that
// are named by their content (index-pack), that git's fsck finds nothing wrong with, and that are the whole commit.
//
// Whoever may write to the broker may send one, so what it costs is bounded: its size, the memory for one object of it
// (GIT_ALLOC_LIMIT; larger files are streamed), the time, and what its tree would write to the disk.
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import { type Git, type GitOutcome, makeGit } from './git.ts';
import { gitReason } from './git-fault.ts';
import { mostPackBytes } from './pack.ts';
import { makeObjectsFolder, objectsInto } from './pack-files.ts';
import { insistOnSize, tooLarge } from './tree-size.ts';

export const quarantineName = 'incoming-';
const timeoutMs = 120_000;

/** `accept` gets the pack when it is proved; whatever it leaves of it is thrown away. PACK_REFUSED, REPOSITORY_TOO_LARGE, DISK_FULL. */
export async function provePack(
  store: Git,
  kept: readonly CommitSha[],
  commit: CommitSha,
  pack: Uint8Array | AsyncIterable<Uint8Array>,
  accept: (quarantine: string) => Promise<void>,
): Promise<void> {
  const input = await collect(commit, pack);
  const quarantine = join(store.folder, `${quarantineName}${randomUUID()}`);
  try {
    await makeObjectsFolder(quarantine);
    const git = await quarantined(store, quarantine, [...kept, commit]);
    await insistOn(commit, await git.attempt(indexPack, { input, timeoutMs }));
    await insistOn(
      commit,
      await git.attempt(['rev-list', '--objects', '--quiet', `${commit}^{commit}`], { timeoutMs }),
    );
    await insistOnSize(git, commit);
    await accept(quarantine);
  } finally {
    await rm(quarantine, { recursive: true, force: true });
  }
}

/** A mode written `040000` is an old tool's way and changes nothing; all else that git warns of is refused. */
const indexPack = [
  'index-pack',
  '--stdin',
  '--fix-thin',
  '--strict=zeroPaddedFilemode=ignore',
  `--max-input-size=${mostPackBytes}`,
];

/** New objects land in the quarantine; the store's are seen beside them, and the commits' parents are known to be cut off. */
async function quarantined(store: Git, quarantine: string, shallow: readonly CommitSha[]): Promise<Git> {
  const shallowFile = join(quarantine, 'shallow');
  await writeFile(shallowFile, `${shallow.join('\n')}\n`);
  return makeGit({
    folder: store.folder,
    settings: ['core.bigFileThreshold=32m', 'pack.threads=1'],
    env: {
      GIT_DIR: store.folder,
      ...objectsInto(quarantine, join(store.folder, 'objects')),
      GIT_SHALLOW_FILE: shallowFile,
      GIT_ALLOC_LIMIT: '128m',
    },
  });
}

async function insistOn(commit: CommitSha, { ok, stderr }: GitOutcome): Promise<void> {
  if (ok) return;
  if (/No space left on device/.test(stderr)) {
    throw new ChiffonError('DISK_FULL', `There is no space left for commit ${commit.slice(0, 8)}.`);
  }
  throw new ChiffonError(
    'PACK_REFUSED',
    `What was sent as commit ${commit.slice(0, 8)} is not that commit, not all of it, or damaged: ${gitReason(stderr)}.`,
    { cause: stderr.slice(0, 4000) },
  );
}

async function collect(commit: CommitSha, pack: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of pack instanceof Uint8Array ? [pack] : pack) {
    bytes += chunk.length;
    if (bytes > mostPackBytes) throw tooLarge(commit, `more than ${mostPackBytes / 1024 / 1024} MB when packed`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
