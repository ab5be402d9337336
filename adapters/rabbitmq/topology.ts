// What stands on the broker: a quorum queue for each `Queue`, and one for what was put aside. Declared before its first
// use on every connection, so that a broker that lost them gets them back, and one that has others says so.
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
};

const maxBytes = 1024 ** 3;

export type Topology = {
  /** Throws BUS_FAILED when the broker has a queue of that name with other arguments. */
  ensure(session: Session, queue: Queue): Promise<void>;
  /** It turned out not to be there. */
  forget(session: Session, queue: Queue): void;
};

export function makeTopology(limits: QueueLimits): Topology {
  const declared = new WeakMap<Session, Map<Queue, Promise<void>>>();
  const ofSession = (session: Session): Map<Queue, Promise<void>> => {
    const queues = declared.get(session) ?? new Map<Queue, Promise<void>>();
    declared.set(session, queues);
    return queues;
  };
  return {
    async ensure(session, queue) {
      const queues = ofSession(session);
      const running = queues.get(queue) ?? declare(session, queue, limits);
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

async function declare(session: Session, queue: Queue, limits: QueueLimits): Promise<void> {
  await onChannel(session.model, async (channel) => {
    await channel.assertExchange(deadLetters, 'fanout', { durable: true });
    await assertQuorumQueue(channel, deadLetters, { 'x-max-length': limits.maxDeadLetters });
    await channel.bindQueue(deadLetters, deadLetters, '');
    await assertQuorumQueue(channel, queue, {
      'x-dead-letter-exchange': deadLetters,
      'x-dead-letter-strategy': 'at-least-once',
      // The broker counts the deliveries after the first one. Before 4.0 quorum queues have no limit of their own.
      'x-delivery-limit': limits.deliveryLimit - 1,
      'x-max-length': limits.maxLength,
      'x-max-length-bytes': maxBytes,
      // Of several bots one consumes, and another takes over.
      ...(queue === 'core.events' ? { 'x-single-active-consumer': true } : {}),
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
