// Work that one bot at a time does: begun when this one becomes the leader, ended when it is no more, taken up again after that.
import type { Logger } from 'pino';
import type { Fence, LeaderElection } from '../../core/ports/event-log.ts';

export type LedWork = {
  /** Resolves when the work has begun here for the first time. */
  readonly begun: Promise<void>;
  readonly stop: () => Promise<void>;
};

const retryMs = { first: 100, most: 5_000 };

/** `begin` returns how to end the work; it is ended before another leadership is sought. */
export function whileLeading(parts: {
  readonly name: string;
  readonly store: LeaderElection;
  readonly log: Logger;
  readonly begin: (fence: Fence) => Promise<() => Promise<void>>;
}): LedWork {
  const log = parts.log.child({ leads: parts.name });
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const begun = Promise.withResolvers<void>();

  async function leadOnce(): Promise<void> {
    const leadership = await parts.store.lead(parts.name, stopping.signal);
    const over = new Promise<void>((resolve) => {
      leadership.lost.addEventListener('abort', () => resolve(), { once: true });
      if (leadership.lost.aborted) resolve();
    });
    try {
      const end = await parts.begin(leadership.fence);
      begun.resolve();
      log.info({ token: leadership.fence.token }, 'this bot leads');
      await Promise.race([over, stopped]);
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
