// The broker goes and comes back: how soon a message passes between two processes' buses that were open all the time, beside
// connections of bare amqplib that are made the moment the broker says that it is up.
import { performance } from 'node:perf_hooks';
import { connect } from 'amqplib';
import { openRabbitBus } from '../adapters/rabbitmq/open-bus.ts';
import { startRabbit } from '../test/setup/rabbitmq-server.ts';
import type { Bench } from './figure.ts';
import { figure, quantile } from './figure.ts';

const restarts = 5;
const silent = { info: () => {}, warn: () => {} };

export const brokerRecovery: Bench = {
  name: 'broker-recovery',
  what: 'the broker stopped and started, until a message passes',
  run: async () => {
    const server = await startRabbit();
    try {
      const url = `${server.url}/%2f`;
      const sender = await openRabbitBus({ url, name: 'bench sender', role: 'core', log: silent });
      const taker = await openRabbitBus({ url, name: 'bench taker', role: 'agent', log: silent });
      const ours: number[] = [];
      const bare: number[] = [];
      try {
        let arrived = (): void => {};
        await taker.consume('agent.recovery', async () => {
          arrived();
          return 'done';
        });
        for (let restart = 0; restart < restarts; restart += 1) {
          await server.stop();
          // Resolves with the broker's own `Server startup complete`.
          await server.start();
          const began = performance.now();
          const came = new Promise<void>((resolve) => {
            arrived = resolve;
          });
          const both = [
            Promise.all([sender.publish('agent.recovery', { id: `restart-${restart}` }), came]).then(() => {
              ours.push(performance.now() - began);
            }),
            passBare(url).then(() => {
              bare.push(performance.now() - began);
            }),
          ];
          await Promise.all(both);
        }
      } finally {
        await Promise.all([sender.close(), taker.close()]);
      }
      const against = 'bare amqplib, connected at that moment';
      const longest = Math.max(...ours);
      return [
        figure({
          name: `broker up to the first message through, ${restarts} restarts, p50`,
          ...{ unit: 'ms', measured: quantile(ours, 0.5), baseline: quantile(bare, 0.5), against },
          ...{ goal: '5000 ms', holds: quantile(ours, 0.5) <= 5_000 },
        }),
        figure({
          name: `broker up to the first message through, ${restarts} restarts, longest`,
          ...{ unit: 'ms', measured: longest, baseline: Math.max(...bare), against },
          ...{ goal: '5000 ms', holds: longest <= 5_000 },
        }),
      ];
    } finally {
      await server.end();
    }
  },
};

/** Resolves when a message has passed over a connection that is made now. */
async function passBare(url: string): Promise<void> {
  const model = await connect(url, { noDelay: true });
  try {
    const channel = await model.createConfirmChannel();
    await channel.assertQueue('bare', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const { promise: came, resolve } = Promise.withResolvers<void>();
    await channel.consume('bare', (raw) => {
      if (raw === null) return;
      channel.ack(raw);
      resolve();
    });
    channel.sendToQueue('bare', Buffer.from('{}'), { persistent: true });
    await Promise.all([channel.waitForConfirms(), came]);
  } finally {
    await model.close();
  }
}
