// Output that never grows without bound: a stalled reader holds the writer back, and outdated progress is dropped first.
import type { Writable } from 'node:stream';

export type Sink = {
  /** Queues text that must arrive, in order. Resolves when there is room for more; at once when the reader is gone. */
  readonly write: (text: string) => Promise<void>;
  /** Queues text that the next one with the same key outdates. */
  readonly offer: (key: string, text: string) => void;
  /** Resolves when all of it was handed to the operating system, or the reader is gone. */
  readonly flush: () => Promise<void>;
};

const charactersAtMost = 1_000_000;

type Item = { readonly key: string | null; readonly text: string };

/** `onFault` hears of anything but a reader that simply went away. */
export function makeSink(output: Writable, onFault: (error: Error) => void): Sink {
  let queue: Item[] = [];
  let queued = 0;
  let blocked = false;
  let gone = false;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const pump = (): void => {
    while (!blocked && !gone) {
      const item = queue.shift();
      if (item === undefined) break;
      queued -= item.text.length;
      blocked = !output.write(item.text);
    }
    if (gone || queued <= charactersAtMost) wake();
  };
  output.on('drain', () => {
    blocked = false;
    pump();
  });
  const leave = (): void => {
    gone = true;
    queue = [];
    queued = 0;
    pump();
  };
  output.on('error', (error: NodeJS.ErrnoException) => {
    const closed = error.code === 'EPIPE' || error.code === 'EIO' || error.code === 'ERR_STREAM_DESTROYED';
    if (!closed && !gone) onFault(error);
    leave();
  });
  output.on('close', leave);

  return {
    write: async (text) => {
      if (gone) return;
      queue.push({ key: null, text });
      queued += text.length;
      pump();
      while (!gone && queued > charactersAtMost) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    offer: (key, text) => {
      if (gone) return;
      const outdated = queue.findIndex((item) => item.key === key);
      if (outdated >= 0) queued -= queue.splice(outdated, 1)[0]?.text.length ?? 0;
      if (queued > charactersAtMost) return;
      queue.push({ key, text });
      queued += text.length;
      pump();
    },
    flush: async () => {
      while (!gone && queue.length > 0) await new Promise<void>((resolve) => waiting.push(resolve));
      if (!gone) await new Promise<void>((resolve) => output.write('', () => resolve()));
    },
  };
}
