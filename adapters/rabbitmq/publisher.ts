// Publishing that is safe: a message counts when the broker confirmed it and did not return it. One at a time for each
// queue, because a broker that refuses one message and takes the next would turn their order round: a full quorum queue says
// so to each channel late, and refuses and takes again in the middle of a row, so sending all again from the first refused one
// would still show the later one first. What that costs is in bench/bus.ts; senders that have much to say put it in one message.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfirmChannel } from 'amqplib';
import { ChiffonError } from '../../core/error.ts';
import type { Queue } from '../../core/ports/bus.ts';
import { type Watched, watch } from './channel.ts';
import { busClosed, type Link, type Log, type Session } from './link.ts';
import { QueueMismatch, remakeAfterMs, type Topology } from './topology.ts';

export type PublisherOptions = {
  readonly link: Link;
  readonly topology: Topology;
  readonly log: Log;
  /** How long a message may wait for a broker that is away or takes nothing, or for a queue that is full. */
  readonly publishTimeoutMs: number;
  /**
   * No confirm for so long, from a broker that is not blocked: the message is sent again on another channel. The connection
   * stays for the other queues; that it is half-open is for the heartbeats to find.
   */
  readonly confirmTimeoutMs: number;
};

type Item = {
  readonly body: Buffer;
  readonly messageId: string;
  giveUpAt: number;
  readonly kept: () => void;
  readonly refused: (error: Error) => void;
};

type Outcome = 'kept' | 'full' | 'unroutable' | 'away';

type Outbox = Watched<ConfirmChannel> & { readonly returned: Set<string> };

const shortestWaitMs = 5;
const longestWaitMs = 250;

/** Larger ones would hold up everything else on the connection; consumers put them aside. */
export const maxMessageBytes = 2 * 1024 * 1024;

export function makePublisher({ link, topology, log, publishTimeoutMs, confirmTimeoutMs }: PublisherOptions) {
  const lanes = new Map<Queue, Item[]>();
  const outboxes = new WeakMap<Session, Map<Queue, Promise<Outbox>>>();

  function publish(queue: Queue, message: unknown): Promise<void> {
    const text = JSON.stringify(message);
    if (text === undefined) throw new TypeError('a message on the bus must be JSON');
    const body = Buffer.from(text);
    if (body.length > maxMessageBytes)
      throw new RangeError(`a message on the bus has ${maxMessageBytes} bytes at most`);
    if (link.closed.aborted) throw busClosed();
    return new Promise((kept, refused) => {
      const item = { body, messageId: idOf(message), giveUpAt: Date.now() + publishTimeoutMs, kept, refused };
      const lane = lanes.get(queue);
      if (lane !== undefined) return void lane.push(item);
      const fresh = [item];
      lanes.set(queue, fresh);
      void empty(queue, fresh);
    });
  }

  /** Sends what waits for a queue, in order, until nothing does. */
  async function empty(queue: Queue, lane: Item[]): Promise<void> {
    for (let item = lane[0]; item !== undefined; item = lane[0]) {
      try {
        await send(queue, item);
        item.kept();
      } catch (error) {
        item.refused(
          error instanceof ChiffonError ? error : failed('The message broker did not take a message.', error),
        );
      }
      lane.shift();
    }
    lanes.delete(queue);
  }

  async function send(queue: Queue, item: Item): Promise<void> {
    let full = false;
    for (let wait = shortestWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      const outcome = await sendOnce(queue, item);
      if (outcome === 'kept') break;
      if (link.closed.aborted) throw busClosed();
      if (outcome === 'full') {
        if (!full) log.warn({ queue }, 'a queue on the message broker is full: its senders wait');
        full = true;
      }
      const waitMs = outcome === 'unroutable' ? remakeAfterMs : wait;
      if (outcome === 'unroutable' && Date.now() + waitMs >= item.giveUpAt)
        throw failed(`The message broker has no queue ${queue}.`);
      if (Date.now() >= item.giveUpAt)
        throw failed(`The message broker did not take a message within ${publishTimeoutMs / 1000} s.`);
      await sleep(waitMs, undefined, { signal: link.closed }).catch(() => {});
    }
    if (full) log.info({ queue }, 'the queue has room again');
  }

  async function sendOnce(queue: Queue, item: Item): Promise<Outcome> {
    const deadline = AbortSignal.any([AbortSignal.timeout(Math.max(0, item.giveUpAt - Date.now())), link.closed]);
    const session = await link.next(deadline).catch(() => undefined);
    if (session === undefined || session.blocked()) return 'away';
    try {
      const step = until(session, deadline, confirmTimeoutMs);
      await step(topology.ensure(session, queue));
      const outbox = await step(outboxOf(session, queue));
      return await step(handOver(outbox, session, queue, item));
    } catch (error) {
      if (error instanceof QueueMismatch) throw error;
      abandon(session, queue);
      if (!session.ended.aborted && !link.closed.aborted)
        log.warn({ err: error, queue }, 'the message broker did not take a message');
      return 'away';
    }
  }

  function handOver(outbox: Outbox, session: Session, queue: Queue, { body, messageId }: Item): Promise<Outcome> {
    const attempt = randomUUID();
    const options = {
      mandatory: true,
      persistent: true,
      contentType: 'application/json',
      messageId,
      correlationId: attempt,
      timestamp: Math.floor(Date.now() / 1000),
    };
    return new Promise((resolve) => {
      outbox.channel.publish('', queue, body, options, (error: unknown) => {
        // An unroutable message is confirmed as well, right after its return.
        const returned = outbox.returned.delete(attempt);
        if (returned) topology.forget(session, queue);
        if (returned) resolve('unroutable');
        else if (error === null) resolve('kept');
        // The other error that amqplib gives is 'channel closed'.
        else resolve(error instanceof Error && error.message === 'message nacked' ? 'full' : 'away');
      });
    });
  }

  /** A channel for each queue, so that one that does not answer holds up no other. */
  function outboxOf(session: Session, queue: Queue): Promise<Outbox> {
    const ofSession = outboxes.get(session) ?? new Map<Queue, Promise<Outbox>>();
    outboxes.set(session, ofSession);
    const there = ofSession.get(queue);
    if (there !== undefined) return there;
    const opening = openOutbox(session);
    ofSession.set(queue, opening);
    const gone = (): void => {
      if (ofSession.get(queue) === opening) ofSession.delete(queue);
    };
    opening.then(({ ended }) => ended.addEventListener('abort', gone), gone);
    return opening;
  }

  /** What did not answer in time may do so too late. */
  function abandon(session: Session, queue: Queue): void {
    topology.forget(session, queue);
    const outbox = outboxes.get(session)?.get(queue);
    outboxes.get(session)?.delete(queue);
    outbox?.then(({ close }) => close()).catch(() => {});
  }

  return { publish };
}

async function openOutbox(session: Session): Promise<Outbox> {
  const watched = await watch(session.model.createConfirmChannel());
  const returned = new Set<string>();
  watched.channel.on('return', (message) => returned.add(String(message.properties.correlationId)));
  return { ...watched, returned };
}

/** Waits for a step of the broker until the deadline, or for `confirmTimeoutMs` of a broker that is not blocked. */
function until(session: Session, deadline: AbortSignal, confirmTimeoutMs: number) {
  return async <T>(step: Promise<T>): Promise<T> => {
    step.catch(() => {});
    const { promise: over, reject } = Promise.withResolvers<never>();
    over.catch(() => {});
    const stop = (): void => reject(new Error('no answer in time'));
    // A broker that is blocked says so when a message reaches it; what we sent waits there.
    const timer = setTimeout(() => session.blocked() || stop(), confirmTimeoutMs);
    deadline.addEventListener('abort', stop);
    session.ended.addEventListener('abort', stop);
    try {
      if (deadline.aborted || session.ended.aborted) stop();
      return await Promise.race([step, over]);
    } finally {
      clearTimeout(timer);
      deadline.removeEventListener('abort', stop);
      session.ended.removeEventListener('abort', stop);
    }
  };
}

function idOf(message: unknown): string {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
  return typeof id === 'string' && id.length <= 255 ? id : randomUUID();
}

function failed(sentence: string, cause?: unknown): ChiffonError {
  return new ChiffonError('BUS_FAILED', sentence, { cause });
}
