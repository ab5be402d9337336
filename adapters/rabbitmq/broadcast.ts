// Best effort to everybody who listens: a fanout exchange, and a queue for each process that goes with its connection.

import type { Channel } from 'amqplib';
import { keepUp, type Watched, watch } from './channel.ts';
import type { Link, Log, Session } from './link.ts';

const exchange = 'chiffon.broadcast';

/** What a listener that is too slow misses first is the oldest. */
const queueArguments = { 'x-max-length': 1_000, 'x-max-length-bytes': 16 * 1024 * 1024, 'x-overflow': 'drop-head' };

export function makeBroadcast({ link, log, signal }: { link: Link; log: Log; signal: AbortSignal }) {
  const speakers = new WeakMap<Session, Promise<Watched<Channel>>>();

  function broadcast(message: unknown): void {
    const body = Buffer.from(JSON.stringify(message));
    const session = link.session();
    if (session === undefined || session.blocked()) return;
    speakerOn(session)
      .then(({ channel, ended }) => {
        if (!ended.aborted) channel.publish(exchange, '', body, { contentType: 'application/json' });
      })
      .catch((error: unknown) => log.warn({ err: error }, 'a broadcast could not be sent'));
  }

  function speakerOn(session: Session): Promise<Watched<Channel>> {
    const there = speakers.get(session);
    if (there !== undefined) return there;
    const opening = openSpeaker(session);
    speakers.set(session, opening);
    const gone = (): void => void speakers.delete(session);
    opening.then(({ ended }) => ended.addEventListener('abort', gone), gone);
    return opening;
  }

  async function openSpeaker(session: Session): Promise<Watched<Channel>> {
    const watched = await watch(session.model.createChannel());
    await watched.channel.assertExchange(exchange, 'fanout', { durable: true });
    return watched;
  }

  async function listen(listener: (message: unknown) => void): Promise<() => Promise<void>> {
    const stopping = new AbortController();
    const stopped = AbortSignal.any([stopping.signal, signal]);

    async function listenOn(session: Session, stands: () => void): Promise<undefined> {
      const { channel, ended, close } = await watch(session.model.createChannel());
      try {
        await channel.assertExchange(exchange, 'fanout', { durable: true });
        const { queue } = await channel.assertQueue('', { exclusive: true, durable: false, arguments: queueArguments });
        await channel.bindQueue(queue, exchange, '');
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        for (const gone of [ended, stopped]) gone.addEventListener('abort', () => end(), { once: true });
        await channel.consume(queue, (raw) => (raw === null ? end() : hear(raw.content)), { noAck: true });
        stands();
        if (!ended.aborted && !stopped.aborted) await over;
        if (!ended.aborted) await channel.deleteQueue(queue).catch(() => {});
      } finally {
        await close();
      }
    }

    function hear(content: Buffer): void {
      if (stopped.aborted) return;
      try {
        listener(JSON.parse(content.toString('utf8')));
      } catch (error) {
        log.warn({ err: error }, 'a broadcast could not be handled');
      }
    }

    const kept = keepUp({ link, log, what: 'the broadcasts', signal: stopped }, listenOn, () => false);
    await kept.standing;
    return async () => {
      stopping.abort();
      await kept.ended;
    };
  }

  return { broadcast, listen };
}
