// Consuming that comes back: on a channel of its own, made again after whatever ends it. What a lost channel delivered is
// never acknowledged on another one: the broker delivers it again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Handled, Queue } from '../../core/ports/bus.ts';
import { keepUp, type Watched, watch } from './channel.ts';
import type { Link, Log, Session } from './link.ts';
import { maxMessageBytes } from './publisher.ts';
import { QueueMismatch, remakeAfterMs, type Topology } from './topology.ts';

export type ConsumerParts = {
  readonly link: Link;
  readonly topology: Topology;
  readonly log: Log;
  readonly deliveryLimit: number;
  /**
   * One that heard nothing for so long begins anew: there are ways in which a broker forgets a consumer and does not say so
   * (see `remakeAfterMs`), and what it delivered into the void comes back when the channel is closed.
   */
  readonly quietMs: number;
};

type Handler = (messages: readonly unknown[]) => Promise<readonly Handled[]>;

type Over = 'ended' | 'cancelled by the broker';

type Delivery = { readonly raw: ConsumeMessage; readonly message: unknown; deliveries: number };

const shortestWaitMs = 20;
const longestWaitMs = 5_000;
const laterMs = 500;

/** Resolves when it consumes for the first time; gives back how to stop. */
export async function startConsumer(
  parts: ConsumerParts,
  queue: Queue,
  atMost: number,
  handler: Handler,
): Promise<() => Promise<void>> {
  const { link, topology, log } = parts;
  const stopping = new AbortController();

  async function consumeOn(session: Session, stands: () => void): Promise<undefined> {
    await topology.ensure(session, queue);
    const watched = await watch(session.model.createChannel());
    const consumption = consumeFrom(watched, parts, queue, atMost, handler);
    let why: Over | undefined;
    try {
      await consumption.start(stopping.signal);
      stands();
      why = await consumption.over;
      topology.forget(session, queue);
    } finally {
      await consumption.idle();
      await watched.close();
    }
    const failure = watched.failure();
    if (failure !== undefined) throw failure;
    if (why !== 'cancelled by the broker') return;
    log.warn({ queue }, 'the message broker ended a consumer: its queue was deleted, or has moved');
    const signal = AbortSignal.any([stopping.signal, session.ended]);
    await sleep(remakeAfterMs, undefined, { signal }).catch(() => {});
  }

  const what = `the consumer of ${queue}`;
  const kept = keepUp(
    { link, log, what, signal: stopping.signal },
    consumeOn,
    (error) => error instanceof QueueMismatch,
  );
  const stop = async (): Promise<void> => {
    stopping.abort();
    await kept.ended;
  };
  try {
    await kept.standing;
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** One channel's worth of consuming. */
function consumeFrom(
  { channel, ended, close }: Watched<Channel>,
  { log, deliveryLimit, quietMs }: ConsumerParts,
  queue: Queue,
  atMost: number,
  handler: Handler,
) {
  const { promise: over, resolve: end } = Promise.withResolvers<Over>();
  const arrived: Delivery[] = [];
  let working: Promise<void> | undefined;
  let heardAt = Date.now();
  let stopped: AbortSignal = AbortSignal.abort();
  let cancelled: Promise<unknown> = Promise.resolve();

  async function start(signal: AbortSignal): Promise<void> {
    stopped = signal;
    await channel.prefetch(atMost);
    const { consumerTag } = await channel.consume(queue, (raw) => {
      // The broker cancels the consumer when its queue is deleted, or moves.
      if (raw === null) end('cancelled by the broker');
      else arrive(raw);
    });
    const cancel = (): void => {
      cancelled = ended.aborted ? Promise.resolve() : channel.cancel(consumerTag).catch(() => {});
      void cancelled.then(() => end('ended'));
    };
    const quiet = setInterval(() => {
      if (working === undefined && Date.now() - heardAt >= quietMs) cancel();
    }, quietMs);
    void over.then(() => clearInterval(quiet));
    ended.addEventListener('abort', () => {
      signal.removeEventListener('abort', cancel);
      end('ended');
    });
    if (ended.aborted) end('ended');
    else if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  }

  function arrive(raw: ConsumeMessage): void {
    heardAt = Date.now();
    const message = parse(raw.content);
    if (message === undefined) {
      log.warn({ queue, bytes: raw.content.length }, 'a message that is no JSON, or too large, is put aside');
      answer(() => channel.reject(raw, false));
      return;
    }
    arrived.push({ raw, message: message.value, deliveries: earlierDeliveries(raw) });
    working ??= work().finally(() => {
      working = undefined;
    });
  }

  async function work(): Promise<void> {
    // What came in one packet is handled in one go.
    await new Promise((resolve) => setImmediate(resolve));
    while (arrived.length > 0 && !stopped.aborted && !ended.aborted) {
      const batch = arrived.splice(0, atMost);
      for (const delivery of batch) delivery.deliveries += 1;
      const handled = await handle(batch);
      // Before the answer, or the broker would deliver another one to a consumer that is stopping.
      if (stopped.aborted) await cancelled;
      await settle(batch, handled);
    }
  }

  async function handle(batch: readonly Delivery[]): Promise<readonly Handled[]> {
    try {
      return await handler(batch.map(({ message }) => message));
    } catch (error) {
      log.warn({ err: error, queue }, 'the handler of a message failed');
      return [];
    }
  }

  async function settle(batch: readonly Delivery[], handled: readonly Handled[]): Promise<void> {
    const again: Delivery[] = [];
    for (const [at, delivery] of batch.entries()) {
      const said = handled[at] ?? 'again';
      if (said === 'done') answer(() => channel.ack(delivery.raw));
      else if (said === 'later') {
        // The broker counts what goes back to it; kept here it is not counted.
        delivery.deliveries -= 1;
        again.push(delivery);
      } else if (said === 'poison' || delivery.deliveries >= deliveryLimit)
        answer(() => channel.reject(delivery.raw, false));
      else again.push(delivery);
    }
    if (again.length === 0) return;
    const most = Math.max(...again.map(({ deliveries }) => deliveries));
    const waitMs = handled.includes('later') ? laterMs : Math.min(shortestWaitMs * 2 ** (most - 1), longestWaitMs);
    await sleep(waitMs, undefined, { signal: AbortSignal.any([stopped, ended]) }).catch(() => {});
    // One at a time: the broker delivers it before the others, here or to another consumer. Of a batch, others may have been
    // delivered here already, so it stays here, before them.
    if (atMost === 1 || stopped.aborted) for (const { raw } of again) answer(() => channel.nack(raw, false, true));
    else arrived.unshift(...again);
  }

  /** On a channel that is gone there is nothing to answer: the broker has the message back. */
  function answer(say: () => void): void {
    if (!ended.aborted) say();
  }

  return {
    start,
    over,
    /** Resolves when no handler runs. */
    idle: async () => {
      await working;
    },
    close,
  };
}

/** Wrapped, because `null` is JSON, too. */
function parse(content: Buffer): { readonly value: unknown } | undefined {
  if (content.length > maxMessageBytes) return undefined;
  try {
    return { value: JSON.parse(content.toString('utf8')) };
  } catch {
    return undefined;
  }
}

function earlierDeliveries(raw: ConsumeMessage): number {
  const count: unknown = raw.properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
