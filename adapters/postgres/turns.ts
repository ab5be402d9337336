// Who waits for a name within this process, in the order in which they came. One of them at a time asks the database: its
// locks belong to a connection, which all of this process's leaderships share.
import { thrownError } from './thrown.ts';

export type Turns = {
  /** Resolves with how to leave when it is one's turn; rejects with the signal's reason. */
  readonly take: (name: string, signal: AbortSignal) => Promise<() => void>;
};

export function makeTurns(): Turns {
  const queues = new Map<string, (() => void)[]>();
  return {
    take: (name, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(thrownError(signal.reason));
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        const leave = () => {
          const place = queue.indexOf(begin);
          if (place < 0) return;
          queue.splice(place, 1);
          if (queue.length === 0) queues.delete(name);
          else if (place === 0) queue[0]?.();
        };
        const giveUp = () => {
          leave();
          reject(thrownError(signal.reason));
        };
        const begin = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        };
        signal.addEventListener('abort', giveUp, { once: true });
        queue.push(begin);
        if (queue[0] === begin) begin();
      }),
  };
}
