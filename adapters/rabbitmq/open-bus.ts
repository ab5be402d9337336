// The bus between machines, on a RabbitMQ broker: quorum queues, confirmed publishes, consumers that come back after
// whatever happened to the broker, the connection or a queue. One connection for each process.
import type { Bus } from '../../core/ports/bus.ts';
import { makeBroadcast } from './broadcast.ts';
import { parseBrokerUrl } from './connect.ts';
import { startConsumer } from './consumer.ts';
import { makeHold } from './hold-name.ts';
import { busClosed, type Log, openLink } from './link.ts';
import { makePublisher } from './publisher.ts';
import { makeTopology, type Role } from './topology.ts';

export type RabbitBusOptions = {
  /** See `parseBrokerUrl`. */
  readonly url: string;
  /** What the broker's list of connections shows, e.g. `chiffon bot on web-1`. */
  readonly name: string;
  readonly log: Log;
  /** An agent makes neither `core.events` nor what holds dead letters: it waits until core has made them. */
  readonly role: Role;
  /** How often a message is delivered before it is put aside. Part of the queues' settings on the broker: see topology.ts. */
  readonly deliveryLimit?: number;
  /** A queue is full at about so many messages, or 1 GiB; so is the one of what was put aside. */
  readonly maxLength?: number;
  readonly maxDeadLetters?: number;
  /** A queue of one agent that nobody consumed for so long goes, with what is in it. */
  readonly unusedControlMs?: number;
  /** How long a publish may wait for a broker that is away or takes nothing. */
  readonly publishTimeoutMs?: number;
  /** No confirm for so long: the message is sent again on another channel. */
  readonly confirmTimeoutMs?: number;
  /** How long the first connection may take; after it, the bus tries for ever. */
  readonly startTimeoutMs?: number;
  /** A connection over which nothing comes for two to three times as long is given up. */
  readonly heartbeatS?: number;
  /** A consumer that heard nothing for so long begins anew. */
  readonly quietMs?: number;
};

/** Throws BAD_SETTING for the URL; BUS_FAILED when the broker refuses, is away, or has queues with other settings. */
export async function openRabbitBus(options: RabbitBusOptions): Promise<Bus> {
  const { url, name, log, role, deliveryLimit = 20, maxLength = 10_000, maxDeadLetters = 10_000 } = options;
  const { publishTimeoutMs = 30_000, confirmTimeoutMs = 10_000, startTimeoutMs = 30_000, heartbeatS = 5 } = options;
  const { unusedControlMs = 30 * 24 * 3_600_000, quietMs = 60_000 } = options;
  const link = await openLink({ address: parseBrokerUrl(url, name, heartbeatS), log, startTimeoutMs });
  const topology = makeTopology(role, { deliveryLimit, maxLength, maxDeadLetters, unusedControlMs });
  const stopping = new AbortController();
  const stops = new Set<() => Promise<void>>();
  try {
    const session = await link.next(stopping.signal);
    await topology.ensure(session, 'core.events');
  } catch (error) {
    await link.close();
    throw error;
  }

  const { publish } = makePublisher({ link, topology, log, publishTimeoutMs, confirmTimeoutMs });
  const { broadcast, listen } = makeBroadcast({ link, log, signal: stopping.signal });

  const consumeMany: Bus['consumeMany'] = async (queue, atMost, handler) => {
    if (link.closed.aborted) throw busClosed();
    const stopConsumer = await startConsumer({ link, topology, log, deliveryLimit, quietMs }, queue, atMost, handler);
    const stop = async (): Promise<void> => {
      stops.delete(stop);
      await stopConsumer();
    };
    stops.add(stop);
    return stop;
  };

  return {
    publish: async (queue, message) => await publish(queue, message),
    consumeMany,
    consume: (queue, handler) => consumeMany(queue, 1, async ([message]) => [await handler(message)]),
    broadcast,
    listen,
    // The broker notices a dead connection after two to three heartbeats.
    hold: makeHold({ link, log, signal: stopping.signal, graceMs: heartbeatS * 4 * 1_000 }),
    connected: () => link.session() !== undefined,
    async close() {
      stopping.abort();
      await Promise.all([...stops].map((stop) => stop()));
      await link.close();
    },
  };
}
