// Objects' bytes from one `git cat-file --batch`, one at a time, in the order asked for; the small ones that were read last are kept.
import { ChiffonError } from '../../core/error.ts';
import type { Git } from './git.ts';

export type GitObject = { readonly oid: string; readonly type: string; readonly bytes: Buffer };

/** Holds one object in memory at a time. An object that is missing (a damaged or partial repository) is a GIT_FAILED. */
export async function* readObjects(git: Git, oids: readonly string[]): AsyncGenerator<GitObject> {
  if (oids.length === 0) return;
  const { stdout, say, stop } = git.start(['cat-file', '--batch']);
  say(oids.join('\n'));
  try {
    for (const asked of oids) {
      const [oid = '', type = '', size = ''] = ((await stdout.line()) ?? '').split(' ');
      if (type === 'missing' || size === '') {
        throw new ChiffonError('GIT_FAILED', `The repository has no object ${asked}: run \`git fsck\` there.`);
      }
      const bytes = await stdout.take(Number(size));
      await stdout.take(1);
      yield { oid, type, bytes };
    }
  } finally {
    await stop();
  }
}

export type ObjectReader = (oids: readonly string[]) => AsyncIterable<GitObject>;

const keptBytes = 8 * 1024 * 1024;
const keptObjectBytes = 256 * 1024;

/** An object is what its name says, so what was read of it once holds for ever: a commit that is checked out again costs no process. */
export function makeObjectReader(git: Git): ObjectReader {
  const kept = new Map<string, GitObject>();
  let bytes = 0;

  function keep(object: GitObject): void {
    if (object.bytes.length > keptObjectBytes || kept.has(object.oid)) return;
    // A copy: the bytes are a part of a larger buffer.
    kept.set(object.oid, { ...object, bytes: Buffer.from(object.bytes) });
    bytes += object.bytes.length;
    for (const [oid, oldest] of kept) {
      if (bytes <= keptBytes) return;
      kept.delete(oid);
      bytes -= oldest.bytes.length;
    }
  }

  return async function* read(oids) {
    const missing: string[] = [];
    for (const oid of oids) {
      const known = kept.get(oid);
      if (known === undefined) missing.push(oid);
      else yield known;
    }
    for await (const object of readObjects(git, missing)) {
      keep(object);
      yield object;
    }
  };
}
