// The connection to the broker, kept up: made again after every loss, with heartbeats against a half-open socket. What is
// built on it (channels, consumers) belongs to one session and ends with it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { ChiffonError } from '../../core/error.ts';
import { type BrokerAddress, connectTo, cutOff, describeRefusal } from './connect.ts';

/** One connection, from the moment it is open until it ended. */
export type Session = {
  readonly model: ChannelModel;
  readonly ended: AbortSignal;
  /** The broker takes no publishes for now: it is short of memory or disk. */
  readonly blocked: () => boolean;
  /** Gives the connection up, as nothing comes over it any more. */
  sever(reason: string): void;
};

export type Link = {
  readonly session: () => Session | undefined;
  /** The session there is, or the next one. Rejects with BUS_FAILED when the link is closed, or `signal` aborts. */
  next(signal: AbortSignal): Promise<Session>;
  readonly closed: AbortSignal;
  close(): Promise<void>;
};

/** What the adapter tells the operator; a pino logger is one. */
export type Log = {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
};

export type LinkOptions = {
  readonly address: BrokerAddress;
  readonly log: Log;
  /** How long the first connection may take, in ms; after it, the link tries for ever. */
  readonly startTimeoutMs: number;
};

const shortestWaitMs = 100;
const longestWaitMs = 2_000;
const goodbyeMs = 2_000;

/** Resolves when it is connected for the first time; throws BUS_FAILED when it is refused or `startTimeoutMs` is over. */
export async function openLink({ address, log, startTimeoutMs }: LinkOptions): Promise<Link> {
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let current: Session | undefined;

  async function connectOnce(): Promise<Session> {
    const session = makeSession(await connectTo(address), log);
    if (closing.signal.aborted) session.sever('closed');
    else current = session;
    for (const wake of waiting) wake();
    session.ended.addEventListener('abort', () => {
      if (current === session) current = undefined;
    });
    return session;
  }

  async function connectFirst(): Promise<Session> {
    const giveUpAt = Date.now() + startTimeoutMs;
    for (let wait = shortestWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      try {
        return await connectOnce();
      } catch (error) {
        const refusal = describeRefusal(error);
        if (refusal.final || Date.now() + wait > giveUpAt)
          throw new ChiffonError('BUS_FAILED', refusal.sentence, { cause: error });
        log.info({ reason: refusal.sentence }, 'the message broker is not there yet');
        await sleep(wait);
      }
    }
  }

  async function keepUp(first: Session): Promise<void> {
    let session = first;
    while (!closing.signal.aborted) {
      await endOf(session.ended);
      for (let wait = shortestWaitMs; !closing.signal.aborted; wait = Math.min(wait * 2, longestWaitMs)) {
        // Not all at the same moment, after a restart of the broker.
        await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => {});
        if (closing.signal.aborted) return;
        try {
          session = await connectOnce();
          log.info({}, 'connected to the message broker again');
          break;
        } catch (error) {
          log.warn({ reason: describeRefusal(error).sentence }, 'the message broker cannot be reached');
        }
      }
    }
  }

  const running = keepUp(await connectFirst());
  return {
    session: () => current,
    closed: closing.signal,
    async next(signal) {
      while (current === undefined) {
        if (closing.signal.aborted || signal.aborted) throw busClosed();
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake);
        });
      }
      return current;
    },
    async close() {
      closing.abort();
      for (const wake of waiting) wake();
      const last = current;
      if (last !== undefined) {
        const done = new AbortController();
        const goodbye = last.model.close().catch(() => {});
        await Promise.race([goodbye, sleep(goodbyeMs, undefined, { signal: done.signal }).catch(() => {})]);
        done.abort();
        last.sever('closed');
      }
      await running;
    },
  };
}

export function busClosed(): ChiffonError {
  return new ChiffonError('BUS_FAILED', 'The message bus is closed.');
}

/** Resolves when the signal aborts. */
export function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function makeSession(model: ChannelModel, log: Log): Session {
  const ending = new AbortController();
  let blocked = false;
  const end = (reason: string): void => {
    if (ending.signal.aborted) return;
    ending.abort();
    // amqplib ends its half of the socket; of a half-open one, the other half would keep the process alive.
    cutOff(model);
    if (reason !== 'closed') log.warn({ reason }, 'the connection to the message broker is lost');
  };
  // Without a listener, an 'error' would end the process; 'close' follows it.
  model.on('error', () => {});
  model.on('close', (error) => end(error instanceof Error ? error.message : 'closed'));
  model.on('blocked', (reason) => {
    blocked = true;
    log.warn({ reason }, 'the message broker takes no messages for now');
  });
  model.on('unblocked', () => {
    blocked = false;
    log.info({}, 'the message broker takes messages again');
  });
  return { model, ended: ending.signal, blocked: () => blocked, sever: end };
}
