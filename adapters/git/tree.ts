// What stands in a commit's tree: every file with its mode, size and blob.
import type { CommitSha } from '../../core/ids.ts';
import type { Git } from './git.ts';

export type TreeEntry = {
  readonly mode: string;
  readonly kind: 'file' | 'executable' | 'link' | 'submodule';
  readonly oid: string;
  readonly size: number;
  /** The path's bytes: git does not ask that they are UTF-8. */
  readonly raw: Buffer;
  /** null when the bytes are not UTF-8. */
  readonly path: string | null;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** In git's order, by bytes. */
export async function readTree(git: Git, commit: CommitSha): Promise<readonly TreeEntry[]> {
  const listing = Buffer.from(await git.bytes(['ls-tree', '-r', '-l', '-z', '--full-tree', commit]));
  const entries: TreeEntry[] = [];
  for (let start = 0; start < listing.length; ) {
    const end = listing.indexOf(0, start);
    entries.push(parseEntry(listing.subarray(start, end)));
    start = end + 1;
  }
  return entries;
}

/** `100644 blob <oid> <padded size>\t<path>` */
function parseEntry(line: Buffer): TreeEntry {
  const tab = line.indexOf(0x09);
  const [mode = '', , oid = '', size = ''] = line.toString('latin1', 0, tab).split(/ +/);
  const raw = line.subarray(tab + 1);
  return { mode, kind: kindOf(mode), oid, size: size === '-' ? 0 : Number(size), raw, path: decode(raw) };
}

function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '160000') return 'submodule';
  if (mode === '120000') return 'link';
  return mode === '100755' ? 'executable' : 'file';
}

function decode(raw: Buffer): string | null {
  try {
    return utf8.decode(raw);
  } catch {
    return null;
  }
}
