// Who leads, among the bots on one server: whoever has the name's lock. One connection of the process holds all its locks
// (lock-session.ts), and is made again when it is lost; what was led over it has to be led anew.
import { setTimeout as pause } from 'node:timers/promises';
import { ChiffonError } from '../../core/error.ts';
import type { LeaderElection, Leadership } from '../../core/ports/event-log.ts';
import type { Election } from './embedded-election.ts';
import type { LockSession } from './lock-session.ts';
import { openLockSession } from './lock-session.ts';
import type { Server } from './server-pool.ts';
import { thrownError } from './thrown.ts';
import { makeTurns } from './turns.ts';

/** Between two questions: whether a lock is free by now, and, where none is waited for, only to be heard of. */
const askMs = { waiting: 250, leading: 500 };
const retryMs = 250;

type Granted = { readonly session: LockSession; readonly token: number };

export function makeServerElection(server: Server): Election {
  const turns = makeTurns();
  const closing = new AbortController();
  /** What is waited for, and what is led. */
  const wishes = new Map<string, (granted: Granted) => void>();
  const led = new Set<string>();
  let running: Promise<void> | undefined;
  let sleep = new AbortController();

  const nap = async (ms: number, until: AbortSignal): Promise<void> => {
    sleep = new AbortController();
    await pause(ms, undefined, { signal: AbortSignal.any([sleep.signal, until]), ref: false }).catch(() => {});
  };
  const isNeeded = () => !closing.signal.aborted && wishes.size + led.size > 0;

  const ask = async (session: LockSession): Promise<void> => {
    const { locked } = session;
    for (const name of [...locked]) if (!wishes.has(name) && !led.has(name)) await session.free(name);
    await session.tryLock([...wishes.keys()].filter((name) => !locked.has(name)));
    for (const name of [...wishes.keys()].filter((one) => locked.has(one))) {
      const token = await session.takeToken(name);
      if (token !== undefined) wishes.get(name)?.({ session, token });
    }
  };
  const useSession = async (): Promise<void> => {
    const session = await openLockSession(server);
    const stop = () => void session.end();
    closing.signal.addEventListener('abort', stop, { once: true });
    try {
      while (isNeeded() && !session.lost.aborted) {
        await ask(session);
        await nap(wishes.size > 0 ? askMs.waiting : askMs.leading, session.lost);
      }
    } finally {
      closing.signal.removeEventListener('abort', stop);
      await session.end();
    }
  };
  const run = async (): Promise<void> => {
    while (isNeeded()) {
      await useSession().catch(() => {});
      if (isNeeded()) await nap(retryMs, closing.signal);
    }
    running = undefined;
  };

  const granted = (name: string, signal: AbortSignal): Promise<Granted> =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        wishes.delete(name);
        reject(thrownError(signal.reason));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      wishes.set(name, (given) => {
        signal.removeEventListener('abort', giveUp);
        wishes.delete(name);
        led.add(name);
        resolve(given);
      });
      sleep.abort();
      running ??= run();
    });

  const lead: LeaderElection['lead'] = async (name, signal): Promise<Leadership> => {
    const waiting = AbortSignal.any([signal, closing.signal]);
    const leave = await turns.take(name, waiting);
    try {
      const { session, token } = await granted(name, waiting);
      const over = new AbortController();
      let releasing: Promise<void> | undefined;
      const end = async (reason: unknown, free: () => Promise<void>) => {
        over.abort(reason);
        led.delete(name);
        await free();
        leave();
      };
      const lose = () => {
        releasing ??= end(session.lost.reason, async () => {});
      };
      session.lost.addEventListener('abort', lose, { once: true });
      if (session.lost.aborted) lose();
      return {
        fence: { name, token },
        lost: over.signal,
        release: () => {
          session.lost.removeEventListener('abort', lose);
          // Where freeing fails the connection is lost, and the lock with it.
          releasing ??= end(new ChiffonError('FENCED', `The leadership of ${name} was released.`), () =>
            session.free(name).catch(() => {}),
          );
          return releasing;
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  };
  return {
    lead,
    close: async () => {
      closing.abort(new ChiffonError('INTERNAL', 'The store is closed.'));
      await running;
    },
  };
}
