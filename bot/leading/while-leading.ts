// Work that one bot at a time does: begun when this one becomes the leader, ended when it is no more, taken up again after that.
import type { Logger } from 'pino';
import type { Fence, LeaderElection } from '../../core/ports/event-log.ts';

export type LedWork = {
  /** Resolves when the work has begun here for the first time. */
  readonly begun: Promise<void>;
  readonly stop: () => Promise<void>;
};

const retryMs = { first: 100, most: 5_000 };

/**
 * `begin` returns how to end the work; it is ended before another leadership is sought. `over` is aborted when the leadership is
 * lost, given up by `giveUp`, or the bot stops: `begin` and the work must not wait any longer then for what may never come.
 */
export function whileLeading(parts: {
  readonly name: string;
  readonly store: LeaderElection;
  readonly log: Logger;
  readonly begin: (fence: Fence, over: AbortSignal, giveUp: () => void) => Promise<() => Promise<void>>;
}): LedWork {
  const log = parts.log.child({ leads: parts.name });
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const begun = Promise.withResolvers<void>();

  async function leadOnce(): Promise<void> {
    const leadership = await parts.store.lead(parts.name, stopping.signal);
    const given = new AbortController();
    const ending = AbortSignal.any([leadership.lost, stopping.signal, given.signal]);
    const over = new Promise<void>((resolve) => {
      ending.addEventListener('abort', () => resolve(), { once: true });
      if (ending.aborted) resolve();
    });
    try {
      const end = await parts.begin(leadership.fence, ending, () => given.abort());
      begun.resolve();
      log.info({ token: leadership.fence.token }, 'this bot leads');
      await over;
      await end();
    } finally {
      await leadership.release().catch((error: unknown) => log.warn({ err: error }, 'a leadership was not released'));
    }
  }

  async function lead(): Promise<void> {
    let waitMs = retryMs.first;
    while (!stopping.signal.aborted) {
      const since = performance.now();
      await leadOnce().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error({ err: error }, 'leading failed and is tried again');
      });
      if (performance.now() - since > retryMs.most) waitMs = retryMs.first;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, waitMs).unref()), stopped]);
      waitMs = Math.min(waitMs * 2, retryMs.most);
    }
  }

  const leading = lead();
  return {
    begun: begun.promise,
    stop: async () => {
      stopping.abort();
      await leading;
      begun.resolve();
    },
  };
}
