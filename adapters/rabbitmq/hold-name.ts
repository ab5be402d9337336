// A name that one process holds: an exclusive queue, which the broker gives to one connection only, for its life.
import { setTimeout as sleep } from 'node:timers/promises';
import { ChiffonError } from '../../core/error.ts';
import { keepUp, replyCode, watch } from './channel.ts';
import { busClosed, type Link, type Log, type Session } from './link.ts';

export type HoldParts = {
  readonly link: Link;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** After a lost connection: how long the broker may need to notice that the old one is dead. */
  readonly graceMs: number;
};

const retryMs = 500;

export function makeHold({ link, log, signal, graceMs }: HoldParts) {
  // The broker tells connections apart, and this is one.
  const held = new Set<string>();

  return async function hold(name: string, onLost: () => void): Promise<() => Promise<void>> {
    if (link.closed.aborted) throw busClosed();
    if (held.has(name)) throw taken(name);
    held.add(name);
    const stopping = new AbortController();
    const stopped = AbortSignal.any([stopping.signal, signal]);
    let heldOnce = false;

    async function holdOn(session: Session, stands: () => void): Promise<'for good' | undefined> {
      const giveUpAt = Date.now() + graceMs;
      while (!stopped.aborted && !session.ended.aborted) {
        const got = await holdUntilGone(session, name, stopped, () => {
          heldOnce = true;
          stands();
        });
        if (got) return undefined;
        if (!heldOnce) throw taken(name);
        if (Date.now() >= giveUpAt) {
          held.delete(name);
          onLost();
          return 'for good';
        }
        await sleep(retryMs, undefined, { signal: AbortSignal.any([stopped, session.ended]) }).catch(() => {});
      }
      return undefined;
    }

    const parts = { link, log, what: `the name ${name}`, signal: stopped };
    const kept = keepUp(parts, holdOn, (error) => error instanceof ChiffonError && error.kind === 'BUS_NAME_TAKEN');
    try {
      await kept.standing;
    } catch (error) {
      held.delete(name);
      throw error;
    }
    return async () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      await kept.ended;
      held.delete(name);
    };
  };
}

/** False when another connection has the name. */
async function holdUntilGone(
  session: Session,
  name: string,
  stopped: AbortSignal,
  stands: () => void,
): Promise<boolean> {
  const queue = `chiffon.name.${name}`;
  const { channel, ended, close } = await watch(session.model.createChannel());
  try {
    await channel.assertQueue(queue, { exclusive: true, durable: false, autoDelete: false });
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    for (const gone of [ended, stopped]) gone.addEventListener('abort', () => end(), { once: true });
    // Consumed only to be told when somebody deletes the queue.
    await channel.consume(queue, (raw) => raw === null && end(), { noAck: true });
    stands();
    if (!ended.aborted && !stopped.aborted) await over;
    if (!ended.aborted && stopped.aborted) await channel.deleteQueue(queue);
    return true;
  } catch (error) {
    if (replyCode(error) === 405) return false;
    throw error;
  } finally {
    await close();
  }
}

function taken(name: string): ChiffonError {
  return new ChiffonError('BUS_NAME_TAKEN', `Another process on the message bus goes by the name ${name}.`);
}
