// An attempt's output on the agent's disk until core has all of it: the bus may be away for long, and core may ask again.
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Chunk } from '../../core/contracts/messages.ts';
import { chunkSchema } from '../../core/contracts/messages.ts';

export type Spool = {
  /** How many chunks there are; the last one's number. */
  readonly count: () => number;
  /** Resolves when the operating system has it; `sync` when the disk has. After one that failed none is taken: a gap would be a lie. */
  readonly append: (chunk: Chunk) => Promise<void>;
  /** The chunks that follow number `after`: one at least where there is one, and no more than about `bytes` of them. */
  readonly read: (after: number, bytes: number) => Promise<readonly Chunk[]>;
  /** What its disk has left for the agent, in bytes. */
  readonly free: () => Promise<number>;
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const scanBytes = 256 * 1024;
const newline = 10;

/** Opens what an earlier life left, too; a chunk that a crash tore is not counted. */
export async function openSpool(path: string): Promise<Spool> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  const ends = await lineEnds(file);
  const whole = () => ends.at(-1) ?? 0;
  await file.truncate(whole());
  let writing: Promise<void> = Promise.resolve();

  async function write(chunk: Chunk): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(chunk)}\n`);
    await file.appendFile(line);
    ends.push(whole() + line.length);
  }

  return {
    count: () => ends.length,
    append: (chunk) => {
      writing = writing.then(() => write(chunk));
      return writing;
    },
    read: async (after, bytes) => {
      const start = after === 0 ? 0 : (ends[after - 1] ?? whole());
      let last = after;
      while (last < ends.length && (last === after || (ends[last] ?? 0) - start <= bytes)) last += 1;
      const length = (ends[last - 1] ?? start) - start;
      if (last === after || length <= 0) return [];
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer
        .toString('utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => chunkSchema.parse(JSON.parse(line)));
    },
    free: async () => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    sync: async () => {
      await writing;
      await file.datasync();
    },
    close: async () => {
      await writing.catch(() => {});
      await file.close();
    },
  };
}

export async function removeSpool(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Where each line ends, from the beginning of the file. */
async function lineEnds(file: FileHandle): Promise<number[]> {
  const ends: number[] = [];
  const buffer = Buffer.alloc(scanBytes);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, scanBytes, position);
    if (bytesRead === 0) return ends;
    for (let at = buffer.indexOf(newline); at !== -1 && at < bytesRead; at = buffer.indexOf(newline, at + 1))
      ends.push(position + at + 1);
    position += bytesRead;
  }
}
