// A channel whose end is noticed, and what is kept up on channels: made again on the next one after any loss.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel } from 'amqplib';
import { busClosed, endOf, type Link, type Log, type Session } from './link.ts';

export type Watched<C extends Channel> = {
  readonly channel: C;
  readonly ended: AbortSignal;
  /** What the broker said when it ended the channel. */
  readonly failure: () => Error | undefined;
  /** Unacknowledged messages go back to their queue. Resolves even when the connection is lost meanwhile. */
  readonly close: () => Promise<void>;
};

export async function watch<C extends Channel>(opening: Promise<C>): Promise<Watched<C>> {
  const channel = await opening;
  const ending = new AbortController();
  let failure: Error | undefined;
  channel.on('error', (error) => {
    failure = error;
  });
  channel.on('close', () => ending.abort());
  const close = async (): Promise<void> => {
    // amqplib throws when it is closed already, and never answers when the connection goes first.
    const closed = ending.signal.aborted ? undefined : channel.close().catch(() => {});
    await Promise.race([closed, endOf(ending.signal)]);
  };
  return { channel, ended: ending.signal, failure: () => failure, close };
}

/** One piece of work on a channel of its own. */
export async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const { channel, close } = await watch(model.createChannel());
  try {
    return await work(channel);
  } finally {
    await close();
  }
}

/** AMQP's reply code, e.g. 404, of an error that a broker sent. */
export function replyCode(error: unknown): number | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'number' ? code : undefined;
}

const shortestWaitMs = 20;
const longestWaitMs = 2_000;

export type Kept = {
  /** Resolves when it stands for the first time; rejects when the first try fails for good. */
  readonly standing: Promise<void>;
  /** Resolves when it has ended, after `signal` aborted or for good. */
  readonly ended: Promise<void>;
};

/**
 * Keeps something up over all sessions. `work` builds it, calls `stands`, and returns or throws when it is gone; it returns
 * `'for good'` when it shall not be built again. Until it stood once, an error for which `hopeless` is true ends it.
 */
export function keepUp(
  { link, log, what, signal }: { link: Link; log: Log; what: string; signal: AbortSignal },
  work: (session: Session, stands: () => void) => Promise<'for good' | undefined>,
  hopeless: (error: unknown) => boolean,
): Kept {
  let stood = false;
  const { promise: standing, resolve, reject } = Promise.withResolvers<void>();
  standing.catch(() => {});

  async function run(): Promise<void> {
    let wait = shortestWaitMs;
    while (!signal.aborted && !link.closed.aborted) {
      const session = await link.next(signal).catch(() => undefined);
      if (session === undefined) break;
      try {
        const stands = (): void => {
          stood = true;
          wait = shortestWaitMs;
          resolve();
        };
        if ((await work(session, stands)) === 'for good') return;
      } catch (error) {
        if (!stood && hopeless(error)) return reject(error);
        if (!session.ended.aborted && !signal.aborted)
          log.warn({ err: error, what }, 'lost on the message broker, and made again');
      }
      if (!signal.aborted) await sleep(wait, undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, longestWaitMs);
    }
    reject(busClosed());
  }
  return { standing, ended: run() };
}
