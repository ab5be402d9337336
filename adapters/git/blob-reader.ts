// Files at commits from one `git cat-file --batch` that stays open while it is asked: 10,000 reads are one process.
import { ChiffonError } from '../../core/error.ts';
import type { Git, GitProcess } from './git.ts';

// Short: it is as long as a program that has done its work waits to end.
const idleMs = 100;

export class BlobReader {
  readonly #git: Git;
  #open: GitProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(git: Git) {
    this.#git = git;
  }

  /** `name` as git takes it, e.g. `<commit>:<path>`; undefined when there is no such object. */
  read(name: string): Promise<Buffer | undefined> {
    const next = this.#last.then(() => this.#read(name));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #read(name: string): Promise<Buffer | undefined> {
    if (name.includes('\n')) throw new ChiffonError('INTERNAL', 'A name with a line break cannot be read.');
    clearTimeout(this.#idle);
    const process = this.#process();
    try {
      process.say(name);
      const header = await process.stdout.line();
      if (header === undefined) throw new ChiffonError('GIT_FAILED', `git stopped reading in ${this.#git.folder}.`);
      if (/ (missing|ambiguous)$/.test(header)) return undefined;
      const bytes = await process.stdout.take(Number(header.split(' ')[2]));
      await process.stdout.take(1);
      return bytes;
    } catch (fault) {
      this.#open = undefined;
      await process.stop();
      throw fault;
    } finally {
      this.#idle = setTimeout(() => void this.#close(), idleMs);
    }
  }

  #process(): GitProcess {
    this.#open ??= this.#git.start(['cat-file', '--batch']);
    return this.#open;
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.stop();
  }
}
