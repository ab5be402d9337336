// The repository's text files at a commit, bounded; the last few commits are kept, and their unchanged files shared.
import type { Snapshot } from '../../core/catalogue/model.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';
import { leavesTree } from './link.ts';
import { readObjects } from './objects.ts';
import { readTree, type TreeEntry } from './tree.ts';

export type SnapshotLimits = { readonly fileBytes: number; readonly totalBytes: number; readonly files: number };
const snapshotLimits: SnapshotLimits = { fileBytes: 1024 * 1024, totalBytes: 20 * 1024 * 1024, files: 5000 };

export type SnapshotReader = {
  snapshot(commit: CommitSha): Promise<Snapshot>;
  /** Every file of the commit, also those that the snapshot leaves out. */
  entries(commit: CommitSha): Promise<readonly TreeEntry[]>;
};

/** A blob as text, or why it is none. */
type Content = { readonly text: string } | { readonly why: string };
type Reading = {
  readonly entries: readonly TreeEntry[];
  readonly snapshot: Snapshot;
  readonly contents: ReadonlyMap<string, Content>;
};

const keptCommits = 6;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `arrival` resolves when a commit is there to be read; it is asked before each one is read for the first time. */
export function makeSnapshotReader(
  git: Git,
  limits: SnapshotLimits = snapshotLimits,
  arrival: (commit: CommitSha) => Promise<void> = async () => undefined,
): SnapshotReader {
  const readings = new Map<CommitSha, Promise<Reading>>();

  function reading(commit: CommitSha): Promise<Reading> {
    const known = readings.get(commit);
    const earlier = [...readings.values()].at(-1);
    const wanted = known ?? arrival(commit).then(() => read(git, commit, limits, earlier));
    readings.delete(commit);
    readings.set(commit, wanted);
    if (known !== undefined) return known;
    // A failure is not kept: the next call reads again.
    wanted.catch(() => readings.delete(commit));
    const oldest = readings.keys().next();
    if (readings.size > keptCommits && oldest.done !== true) readings.delete(oldest.value);
    return wanted;
  }

  return {
    snapshot: async (commit) => (await reading(commit)).snapshot,
    entries: async (commit) => (await reading(commit)).entries,
  };
}

async function read(
  git: Git,
  commit: CommitSha,
  limits: SnapshotLimits,
  earlier: Promise<Reading> | undefined,
): Promise<Reading> {
  const entries = await readTree(git, commit);
  const unread = new Map(refusals(entries, limits));
  const chosen = entries.filter((entry) => !unread.has(entry));
  const known = (await earlier?.catch(() => undefined))?.contents ?? new Map<string, Content>();
  const contents = await readContents(git, chosen, known);

  const files = new Map<string, string>();
  const targets = linkTargets(chosen, contents);
  for (const entry of chosen) {
    const content = contents.get(entry.oid);
    if (content === undefined || entry.path === null) continue;
    if (entry.kind === 'link') unread.set(entry, linkNote(entry.path, targets));
    else if ('text' in content) files.set(entry.path, content.text);
    else unread.set(entry, content.why);
  }
  const notes = entries.flatMap((entry) => {
    const why = unread.get(entry);
    return why === undefined ? [] : [{ path: entry.path ?? entry.raw.toString('utf8'), why }];
  });
  return { entries, contents, snapshot: { commit, files, unread: notes } };
}

/** What is not read at all, and why: by kind, by size, and by the limits, which YAML fills first, for plans are made of it. */
function* refusals(entries: readonly TreeEntry[], limits: SnapshotLimits): Generator<[TreeEntry, string]> {
  let files = 0;
  let bytes = 0;
  const yamlFirst = [...entries.filter(isYaml), ...entries.filter((entry) => !isYaml(entry))];
  for (const entry of yamlFirst) {
    if (entry.kind === 'submodule') yield [entry, 'a submodule'];
    else if (entry.path === null) yield [entry, 'its name is not UTF-8'];
    else if (entry.size > limits.fileBytes) yield [entry, `larger than ${megabytes(limits.fileBytes)}`];
    else if (files >= limits.files) yield [entry, `beyond the first ${limits.files} files`];
    else if (bytes + entry.size > limits.totalBytes) yield [entry, `beyond ${megabytes(limits.totalBytes)} in total`];
    else {
      files += 1;
      bytes += entry.size;
    }
  }
}

async function readContents(
  git: Git,
  chosen: readonly TreeEntry[],
  known: ReadonlyMap<string, Content>,
): Promise<ReadonlyMap<string, Content>> {
  const contents = new Map<string, Content>();
  const missing = new Set<string>();
  for (const { oid } of chosen) {
    const content = known.get(oid);
    if (content === undefined) missing.add(oid);
    else contents.set(oid, content);
  }
  for await (const { oid, bytes } of readObjects(git, [...missing])) contents.set(oid, contentOf(bytes));
  return contents;
}

function contentOf(bytes: Buffer): Content {
  if (bytes.subarray(0, 10).equals(Buffer.from('\0GITCRYPT\0'))) return { why: 'encrypted by git-crypt' };
  if (bytes.subarray(0, 8000).includes(0)) return { why: 'binary' };
  try {
    const text = decoder.decode(bytes);
    return text.startsWith('version https://git-lfs.github.com/spec/') ? { why: 'a Git LFS pointer' } : { text };
  } catch {
    return { why: 'not UTF-8 text' };
  }
}

function linkTargets(entries: readonly TreeEntry[], contents: ReadonlyMap<string, Content>): Map<string, string> {
  const targets = new Map<string, string>();
  for (const { kind, path, oid } of entries) {
    const content = contents.get(oid);
    if (kind === 'link' && path !== null && content !== undefined && 'text' in content) targets.set(path, content.text);
  }
  return targets;
}

function linkNote(path: string, targets: ReadonlyMap<string, string>): string {
  return leavesTree(path, targets) ? 'a symbolic link out of the repository, which runs do without' : 'a symbolic link';
}

const isYaml = ({ path }: TreeEntry): boolean => path !== null && /\.ya?ml$/i.test(path);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;
