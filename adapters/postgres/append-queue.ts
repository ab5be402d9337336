// Appends wait here for their transaction. While one commits, those that come gather, and go together into the next: one lock,
// one look at the log's end, one insert and one fsync for all of them. An append that comes alone waits for nobody.
import { setImmediate } from 'node:timers/promises';
import type { AppendRequest, AppendResult } from '../../core/ports/event-log.ts';
import type { FitEvent } from './event-row.ts';
import { thrownError } from './thrown.ts';

export type PendingAppend = {
  readonly request: AppendRequest;
  readonly fit: readonly FitEvent[];
  /** About what it writes. */
  readonly bytes: number;
};
/** What became of one append: its result, or the fault that is to be thrown to who asked for it. */
export type AppendOutcome = { readonly result: AppendResult } | { readonly fault: Error };

type Waiting = PendingAppend & { readonly settle: (outcome: AppendOutcome) => void };

const eventsAtMost = 1_000;
const bytesAtMost = 1_000_000;

/** `commit` gives one outcome for each append of the group, in its order; what it throws is every one's fault. */
export function makeAppendQueue(commit: (group: readonly PendingAppend[]) => Promise<readonly AppendOutcome[]>) {
  let waiting: Waiting[] = [];
  let running = false;

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const size = sizeOfGroup(waiting);
      const group = waiting.slice(0, size);
      waiting = waiting.slice(size);
      const outcomes = await commit(group).catch((thrown: unknown) =>
        group.map(() => ({ fault: thrownError(thrown) })),
      );
      for (const [index, one] of group.entries())
        one.settle(outcomes[index] ?? { fault: new Error('an append of a group got no outcome') });
      // Those who were just answered may have their next one ready at once: they go together, and not the first of them alone.
      await setImmediate();
    }
    running = false;
  };
  return (append: PendingAppend): Promise<AppendResult> =>
    new Promise((resolve, reject) => {
      waiting.push({
        ...append,
        settle: (outcome) => ('result' in outcome ? resolve(outcome.result) : reject(outcome.fault)),
      });
      if (running) return;
      running = true;
      void run();
    });
}

function sizeOfGroup(waiting: readonly PendingAppend[]): number {
  let [events, bytes] = [0, 0];
  const past = waiting.findIndex((one) => {
    events += one.fit.length;
    bytes += one.bytes;
    return events > eventsAtMost || bytes > bytesAtMost;
  });
  return past < 0 ? waiting.length : Math.max(1, past);
}
