// What stands on the broker: a quorum queue for each `Queue`, and one for what was put aside. Declared before its first
// use on every connection, so that a broker that lost them gets them back, and one that has others says so. What core reads
// and what was put aside is for core to declare: an agent's user needs no permission for it, and waits until core has been there.
import type { Channel } from 'amqplib';
import { ChiffonError } from '../../core/error.ts';
import type { Queue } from '../../core/ports/bus.ts';
import { onChannel, replyCode } from './channel.ts';
import type { Session } from './link.ts';

/**
 * The exchange and the queue of what was put aside. The broker moves a message there at least once: when this queue is full,
 * the message stays in its own, uncounted by consumers, until there is room. So nothing is lost, and in the end publishers
 * wait: `doctor` shows how many lie there.
 */
export const deadLetters = 'chiffon.dead';

export type QueueLimits = {
  /** How often a message is delivered before it is put aside. */
  readonly deliveryLimit: number;
  /** A queue is full at about so many messages. */
  readonly maxLength: number;
  readonly maxDeadLetters: number;
  /** A queue of one agent that nobody consumed for so long goes, with what is in it. */
  readonly unusedControlMs: number;
};

/** Who opens the bus. */
export type Role = 'core' | 'agent';

/**
 * A queue that is gone is made again only after a while. RabbitMQ (seen on 3.10) cancels the consumers of a deleted quorum queue
 * a moment after the deletion, and where it stands again by then it keeps them, deaf: it delivers to them, and their channel
 * drops it. For whoever else makes it again at once, see `quietMs` in consumer.ts.
 */
export const remakeAfterMs = 1_000;

const maxBytes = 1024 ** 3;

export type Topology = {
  /** Throws BUS_FAILED when the broker has a queue of that name with other arguments. */
  ensure(session: Session, queue: Queue): Promise<void>;
  /** It turned out not to be there. */
  forget(session: Session, queue: Queue): void;
};

export function makeTopology(role: Role, limits: QueueLimits): Topology {
  const declared = new WeakMap<Session, Map<Queue, Promise<void>>>();
  const ofSession = (session: Session): Map<Queue, Promise<void>> => {
    const queues = declared.get(session) ?? new Map<Queue, Promise<void>>();
    declared.set(session, queues);
    return queues;
  };
  return {
    async ensure(session, queue) {
      const queues = ofSession(session);
      const running = queues.get(queue) ?? declare(session, role, queue, limits);
      queues.set(queue, running);
      try {
        await running;
      } catch (error) {
        queues.delete(queue);
        throw error;
      }
    },
    forget: (session, queue) => void ofSession(session).delete(queue),
  };
}

async function declare(session: Session, role: Role, queue: Queue, limits: QueueLimits): Promise<void> {
  if (role === 'agent' && queue === 'core.events') return;
  await onChannel(session.model, async (channel) => {
    if (role === 'core') {
      await channel.assertExchange(deadLetters, 'fanout', { durable: true });
      await assertQuorumQueue(channel, deadLetters, { 'x-max-length': limits.maxDeadLetters });
      await channel.bindQueue(deadLetters, deadLetters, '');
    }
    await assertQuorumQueue(channel, queue, {
      'x-dead-letter-exchange': deadLetters,
      'x-dead-letter-strategy': 'at-least-once',
      // The broker counts the deliveries after the first one. Before 4.0 quorum queues have no limit of their own.
      'x-delivery-limit': limits.deliveryLimit - 1,
      'x-max-length': limits.maxLength,
      'x-max-length-bytes': maxBytes,
      // Of several bots one consumes, and another takes over.
      ...(queue === 'core.events' ? { 'x-single-active-consumer': true } : {}),
      // Of agents that were revoked.
      ...(queue.startsWith('agent-control.') ? { 'x-expires': limits.unusedControlMs } : {}),
    });
  });
}

async function assertQuorumQueue(channel: Channel, name: string, settings: object): Promise<void> {
  try {
    await channel.assertQueue(name, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish', ...settings },
    });
  } catch (error) {
    if (replyCode(error) !== 406) throw error;
    throw new QueueMismatch(name, error);
  }
}

/** Trying again does not help, until somebody deletes the queue. */
export class QueueMismatch extends ChiffonError {
  constructor(name: string, cause: unknown) {
    const message = `The queue ${name} stands on the message broker with other settings than this version needs: let it run empty, delete it there (rabbitmqctl delete_queue ${name}), and it is made anew.`;
    super('BUS_FAILED', message, { cause });
  }
}
