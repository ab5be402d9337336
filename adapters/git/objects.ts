// Objects' bytes from one `git cat-file --batch`, one at a time, in the order asked for.
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
