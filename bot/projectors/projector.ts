// Turns the log into something outside: each projector goes on from its own checkpoint, after any crash, one event at a time.
import type { Logger } from 'pino';
import type { EventLog, Fence, ProjectorStore } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';

export type Projector = {
  /** Resolves when everything up to the log's present head is handled. */
  readonly caughtUp: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const page = 200;
const retryMs = { first: 50, most: 5_000 };

/** `handle` is called at least once for each event, in order; it has to have the effect of once. */
export function startProjector(options: {
  readonly name: string;
  readonly store: EventLog & ProjectorStore;
  readonly log: Logger;
  /** The leadership under which it runs. */
  readonly fence?: Fence;
  /** Where it begins without a checkpoint: at the log's beginning unless said otherwise. */
  readonly startAt?: number;
  /**
   * Work that can wait is done while the log has been quiet for so long, or when a page of it has waited ten times as long; and
   * at once when somebody waits for it.
   */
  readonly calmMs?: number;
  readonly handle: (stored: StoredEvent) => Promise<void>;
}): Projector {
  const { name, store, handle } = options;
  const log = options.log.child({ projector: name });
  let stopped = false;
  let done = 0;
  let wake: () => void = () => {};
  let waiters: { readonly seq: number; readonly resolve: () => void }[] = [];
  let heardAt = 0;
  let hurry: () => void = () => {};
  const unsubscribe = store.subscribe(() => {
    heardAt = performance.now();
    wake();
  });

  const calm = async (calmMs: number, latest: number): Promise<void> => {
    while (!stopped && waiters.length === 0) {
      const leftMs = Math.min(heardAt + calmMs, latest) - performance.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        hurry = resolve;
        setTimeout(resolve, leftMs).unref();
      });
    }
  };

  const settle = () => {
    const ready = waiters.filter((waiter) => stopped || waiter.seq <= done);
    waiters = waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  };

  const work = async (): Promise<void> => {
    let begun = false;
    let waitMs = retryMs.first;
    while (!stopped) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        if (!begun) done = (await store.checkpoint(name)) || (options.startAt ?? 0);
        begun = true;
        const events = await store.readAfter(done, page);
        const { calmMs } = options;
        const latest = performance.now() + 10 * (calmMs ?? 0);
        for (const stored of events) {
          if (calmMs !== undefined) await calm(calmMs, latest);
          if (stopped) break;
          await handle(stored);
          done = stored.seq;
          settle();
        }
        const last = events.at(-1);
        if (last !== undefined) await store.saveCheckpoint(name, done, options.fence);
        waitMs = retryMs.first;
        settle();
        if (last === undefined && !stopped) await woken;
      } catch (error) {
        // The next leader goes on from the checkpoint; this one is told so by its leadership.
        if (stopped) break;
        log.error({ err: error, after: done }, 'a projector failed and tries again');
        await Promise.race([new Promise((resolve) => setTimeout(resolve, waitMs).unref()), stopSignal]);
        waitMs = Math.min(waitMs * 2, retryMs.most);
      }
    }
    settle();
  };

  let signalStop: () => void = () => {};
  const stopSignal = new Promise<void>((resolve) => {
    signalStop = resolve;
  });
  const working = work();
  return {
    caughtUp: async () => {
      const { seq } = await store.head();
      if (done >= seq || stopped) return;
      await new Promise<void>((resolve) => {
        waiters.push({ seq, resolve });
        hurry();
      });
    },
    stop: async () => {
      stopped = true;
      unsubscribe();
      signalStop();
      wake();
      hurry();
      await working;
      settle();
    },
  };
}
