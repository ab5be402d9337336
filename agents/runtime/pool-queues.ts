// Taking commands from the two queues of the agent's pool, and leaving them alone while every slot is taken.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { poolQueue, priorities } from '../../core/contracts/queues.ts';
import type { Bus, Handled } from '../../core/ports/bus.ts';

export type PoolQueues = {
  /** Takes commands from now on. Resolves when it does; one that failed is tried again. */
  readonly take: () => Promise<void>;
  /** Called by the very handlers that it stops, so it is not waited for. */
  readonly pause: () => void;
  /** Takes nothing more, for good. */
  readonly close: () => Promise<void>;
};

/** How long the queue of runs that have begun is looked at alone: a message that waits comes right after the consumer. */
const firstPickMs = 20;
const againMs = 1_000;

type Taking = { stopped: boolean; readonly stops: (() => Promise<void>)[]; ready: Promise<void> };

export function makePoolQueues(parts: {
  readonly bus: Bus;
  readonly pool: string;
  readonly log: Logger;
  readonly onStart: (raw: unknown) => Promise<Handled>;
}): PoolQueues {
  const { bus, pool, log, onStart } = parts;
  let closed = false;
  let taking: Taking | undefined;

  /** The next steps of runs that have begun come first: while one of them takes the last slot, the other queue is left alone. */
  async function consume(begun: Taking): Promise<void> {
    for (const priority of priorities) {
      if (priority !== priorities[0]) await wait(firstPickMs);
      if (begun.stopped) return;
      const stop = await bus.consume(poolQueue(pool, priority), onStart);
      if (begun.stopped) await stop();
      else begun.stops.push(stop);
    }
  }

  async function take(): Promise<void> {
    if (closed) return;
    if (taking !== undefined) return taking.ready;
    const begun: Taking = { stopped: false, stops: [], ready: Promise.resolve() };
    taking = begun;
    begun.ready = consume(begun);
    begun.ready.catch((error: unknown) => {
      log.error({ err: error }, 'the agent cannot take commands; trying again');
      pause();
      setTimeout(() => void take().catch(() => {}), againMs).unref();
    });
    return begun.ready;
  }

  function pause(): void {
    void stop().catch((error: unknown) => log.warn({ err: error }, 'consuming could not be stopped'));
  }

  async function stop(): Promise<void> {
    const before = taking;
    taking = undefined;
    if (before === undefined) return;
    before.stopped = true;
    await Promise.all(before.stops.splice(0).map((each) => each()));
    await before.ready.catch(() => {});
  }

  return {
    take,
    pause,
    close: () => {
      closed = true;
      return stop();
    },
  };
}
