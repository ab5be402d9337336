// Takes down every message that goes into the queues, as it is on the wire, to be said again by somebody who has the broker's
// password: RabbitMQ's own tracing.
import { connect } from 'amqplib';
import type { Queue } from '../../core/ports/bus.ts';
import type { Lab } from '../services/lab.ts';

export type Recorded = { readonly queue: Queue; readonly body: string };

export type WireRecord = {
  /** Each message once, in the order in which the broker got them. */
  readonly heard: () => readonly Recorded[];
  readonly stop: () => Promise<void>;
};

export async function recordWire(lab: Pick<Lab, 'env' | 'manage'>): Promise<WireRecord> {
  const model = await connect(lab.env.RABBITMQ_URL ?? '');
  const channel = await model.createChannel();
  const { queue: notes } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(notes, 'amq.rabbitmq.trace', 'publish.#');
  const heard = new Map<string, Recorded>();
  await channel.consume(
    notes,
    (raw) => {
      const keys: unknown = raw?.properties.headers?.routing_keys;
      const queue: unknown = Array.isArray(keys) ? keys[0] : undefined;
      const body = raw?.content.toString() ?? '';
      if (isQueue(queue)) heard.set(`${queue} ${body}`, { queue, body });
    },
    { noAck: true },
  );
  await lab.manage('PUT', 'vhosts/{vhost}', { tracing: true });
  return {
    heard: () => [...heard.values()],
    stop: async () => {
      await lab.manage('PUT', 'vhosts/{vhost}', { tracing: false });
      await model.close();
    },
  };
}

function isQueue(name: unknown): name is Queue {
  return typeof name === 'string' && (name === 'core.events' || /^agent(-control)?\./.test(name));
}
