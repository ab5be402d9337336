// What `doctor` says about RABBITMQ_URL: whether the broker can be reached, lets us in, can do what the bus needs, and how
// much lies in its queues. It leaves nothing behind.
import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import { ChiffonError } from '../../core/error.ts';
import type { Queue } from '../../core/ports/bus.ts';
import { onChannel, replyCode, watch } from './channel.ts';
import { connectTo, cutOff, describeRefusal, parseBrokerUrl } from './connect.ts';
import { deadLetters } from './topology.ts';

export type BrokerCheck =
  | {
      readonly type: 'ready';
      readonly sentence: string;
      readonly version: string;
      /** How many messages were put aside; 0 as well when no Chiffon used the broker yet. */
      readonly deadLetters: number;
      /** Of the queues that were asked for, those that are there. */
      readonly queues: readonly { readonly queue: Queue; readonly waiting: number; readonly consumers: number }[];
    }
  | {
      readonly type: 'bad-url' | 'unreachable' | 'login-refused' | 'vhost-refused' | 'not-permitted' | 'too-old';
      readonly sentence: string;
    };

/** Never throws, and never waits for longer than the connection's own deadlines. */
export async function checkBroker(url: string, queues: readonly Queue[] = []): Promise<BrokerCheck> {
  let model: ChannelModel;
  try {
    model = await connectTo(parseBrokerUrl(url, 'chiffon doctor', 5));
  } catch (error) {
    if (error instanceof ChiffonError) return { type: 'bad-url', sentence: error.message };
    const { type, sentence } = describeRefusal(error);
    return { type, sentence };
  }
  model.on('error', () => {});
  try {
    return await examine(model, queues);
  } catch (error) {
    return { type: 'unreachable', sentence: describeRefusal(error).sentence };
  } finally {
    await model.close().catch(() => {});
    cutOff(model);
  }
}

async function examine(model: ChannelModel, queues: readonly Queue[]): Promise<BrokerCheck> {
  const { version } = model.connection.serverProperties;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  // At-least-once dead lettering came with 3.10 (https://www.rabbitmq.com/docs/quorum-queues#dead-lettering).
  if (major < 3 || (major === 3 && minor < 10))
    return { type: 'too-old', sentence: `The message broker is RabbitMQ ${version}: version 3.10 or later is needed.` };
  const refused = await tryQuorumQueue(model);
  if (refused !== undefined) return refused;

  const put = (await depthOf(model, deadLetters))?.messageCount ?? 0;
  const depths = [];
  for (const queue of queues) {
    const depth = await depthOf(model, queue);
    if (depth !== undefined) depths.push({ queue, waiting: depth.messageCount, consumers: depth.consumerCount });
  }
  const aside = put === 0 ? '' : `; ${put} messages were put aside in the queue ${deadLetters}`;
  return {
    type: 'ready',
    sentence: `The message broker answers (RabbitMQ ${version})${aside}.`,
    version,
    deadLetters: put,
    queues: depths,
  };
}

async function tryQuorumQueue(model: ChannelModel): Promise<BrokerCheck | undefined> {
  try {
    await onChannel(model, async (channel: Channel) => {
      const name = `chiffon.check.${randomUUID()}`;
      await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await channel.deleteQueue(name);
    });
    return undefined;
  } catch (error) {
    if (replyCode(error) === 403)
      return {
        type: 'not-permitted',
        sentence:
          'The user of RABBITMQ_URL may not make queues on the message broker: give it permissions with `rabbitmqctl set_permissions -p <vhost> <user> ".*" ".*" ".*"`.',
      };
    return { type: 'too-old', sentence: 'The message broker cannot make quorum queues: enable its feature flags.' };
  }
}

async function depthOf(model: ChannelModel, queue: string) {
  const { channel, close } = await watch(model.createChannel());
  try {
    return await channel.checkQueue(queue);
  } catch (error) {
    if (replyCode(error) === 404) return undefined;
    throw error;
  } finally {
    await close();
  }
}
