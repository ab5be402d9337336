// A process's output as lines and counted bytes, as `git cat-file --batch` writes it.
import { ChiffonError } from '../../core/error.ts';

/** Reads lines and counted bytes from a stream of chunks, copying each byte at most once. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Without its line break; undefined at the end. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      const chunk = await this.#next();
      if (chunk === undefined) return undefined;
      this.#rest = Buffer.concat([this.#rest, chunk]);
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
      if (chunk === undefined)
        throw new ChiffonError('GIT_FAILED', 'git stopped in the middle of an object: run `git fsck` there.');
      const copied = chunk.copy(taken, filled);
      filled += copied;
      this.#rest = chunk.subarray(copied);
    }
    return taken;
  }

  /** Reads what is left and throws it away. */
  async drain(): Promise<void> {
    this.#rest = Buffer.alloc(0);
    while ((await this.#next()) !== undefined);
  }

  async #next(): Promise<Buffer | undefined> {
    const chunk = await this.#chunks.next();
    if (chunk.done === true) return undefined;
    const { buffer, byteOffset, byteLength } = chunk.value;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
}
