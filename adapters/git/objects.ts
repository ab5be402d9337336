// Objects' bytes from one `git cat-file --batch`, one at a time, in the order asked for.
import { ChiffonError } from '../../core/error.ts';
import type { Git } from './git.ts';

export type GitObject = { readonly oid: string; readonly type: string; readonly bytes: Buffer };

/** Holds one object in memory at a time. An object that is missing (a damaged or partial repository) is a GIT_FAILED. */
export async function* readObjects(git: Git, oids: readonly string[]): AsyncGenerator<GitObject> {
  if (oids.length === 0) return;
  const { stdout, stop } = git.stream(['cat-file', '--batch'], `${oids.join('\n')}\n`);
  try {
    const source = new ByteSource(stdout);
    for (const asked of oids) {
      const [oid = '', type = '', size = ''] = (await source.line()).split(' ');
      if (type === 'missing' || size === '') {
        throw new ChiffonError('GIT_FAILED', `The repository has no object ${asked}: run \`git fsck\` there.`);
      }
      const bytes = await source.take(Number(size));
      await source.take(1);
      yield { oid, type, bytes };
    }
  } finally {
    await stop();
  }
}

/** Reads lines and counted bytes from a stream of chunks, copying each byte at most once. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (let end = this.#rest.indexOf(0x0a); ; end = this.#rest.indexOf(0x0a)) {
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async take(count: number): Promise<Buffer> {
    if (this.#rest.length >= count) {
      const taken = this.#rest.subarray(0, count);
      this.#rest = this.#rest.subarray(count);
      return taken;
    }
    const taken = Buffer.allocUnsafe(count);
    let filled = this.#rest.copy(taken);
    while (filled < count) {
      const chunk = await this.#next();
      const copied = chunk.copy(taken, filled);
      filled += copied;
      this.#rest = chunk.subarray(copied);
    }
    return taken;
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done === true)
      throw new ChiffonError('GIT_FAILED', 'git stopped in the middle of an object: run `git fsck` in the repository.');
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
