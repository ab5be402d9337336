// The bus on RabbitMQ beside bare amqplib on the same broker in the same run: how long a message takes, how many are confirmed.
// Bare means: the same quorum queue, persistent and mandatory messages, Nagle off, and nothing that survives a fault.
import { performance } from 'node:perf_hooks';
import { type ConfirmChannel, connect } from 'amqplib';
import { openRabbitBus } from '../adapters/rabbitmq/open-bus.ts';
import type { Bus, Queue } from '../core/ports/bus.ts';
import { startRabbit } from '../test/setup/rabbitmq-server.ts';
import { type Bench, type Figure, figure, quantile } from './figure.ts';

const trips = 300;
const messages = 500;
const lanes = 4;
const message = { id: 'bench', type: 'step.output', text: 'x'.repeat(400) };
const body = Buffer.from(JSON.stringify(message));
const silent = { info: () => {}, warn: () => {} };

export const bus: Bench = {
  name: 'bus',
  what: 'messages through RabbitMQ, beside bare amqplib',
  run: async () => {
    const server = await startRabbit();
    try {
      const url = `${server.url}/%2f`;
      const model = await connect(url, { noDelay: true });
      const adapter = await openRabbitBus({ url, name: 'bench', role: 'core', log: silent, maxLength: 1_000_000 });
      try {
        return await measure(await model.createConfirmChannel(), adapter);
      } finally {
        await adapter.close();
        await model.close();
      }
    } finally {
      await server.end();
    }
  },
};

async function measure(channel: ConfirmChannel, adapter: Bus): Promise<readonly Figure[]> {
  await channel.assertQueue('bare', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const options = { mandatory: true, persistent: true };
  const send = (): Promise<void> =>
    new Promise((kept, refused) =>
      channel.publish('', 'bare', body, options, (error: unknown) =>
        error instanceof Error ? refused(error) : kept(),
      ),
    );

  // Before consumers are there, so that publishing is all that is measured. In turns, because the machine has other work as well.
  const publish = () => adapter.publish('agent.bench', message);
  const inTurns = async (): Promise<{ readonly bare: readonly number[]; readonly ours: readonly number[] }> => {
    const [bare, ours]: [number[], number[]] = [[], []];
    for (let sent = 0; sent < messages; sent += 1) {
      bare.push(await time(send));
      ours.push(await time(publish));
    }
    return { bare, ours };
  };
  await inTurns();
  const before = process.memoryUsage.rss();
  const confirms = await inTurns();
  const pipelined = await perSecond(messages, () => Promise.all(Array.from({ length: messages }, send)));
  const lined = await perSecond(messages, () =>
    Promise.all(
      Array.from({ length: messages }, (_, at) => adapter.publish(`agent.bench${at % lanes}` satisfies Queue, message)),
    ),
  );
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  const rateOf = (samples: readonly number[]) => 1_000 / quantile(samples, 0.5);
  const [sequential, ours] = [rateOf(confirms.bare), rateOf(confirms.ours)];

  const bareTaken = await takeBare(channel, messages * 3);
  const taken = await perSecond(messages * 2, () => takeMany(adapter, 'agent.bench', messages * 2));
  const { bare: bareTrips, ours: adapterTrips } = await roundTrips(channel, send, adapter);
  const trip = (name: string, share: number): Figure => {
    const [measured, baseline] = [quantile(adapterTrips, share), quantile(bareTrips, share)];
    const against = 'bare amqplib';
    return figure({
      ...{ name, unit: 'ms', measured, baseline, against },
      goal: '1.3x',
      holds: measured <= 1.3 * baseline,
    });
  };
  const rate = (name: string, measured: number, baseline: number, against: string, least: number | null): Figure =>
    figure({
      ...{ name, unit: 'per second', measured, baseline, against },
      goal: least === null ? 'none set' : `${least}x`,
      holds: least === null || measured >= least * baseline,
    });
  return [
    trip('publish, confirm and consume, p50', 0.5),
    trip('publish, confirm and consume, p99', 0.99),
    rate('confirmed, one after the other', ours, sequential, 'bare amqplib, one after the other', 0.77),
    rate('confirmed, one after the other', ours, pipelined, 'bare amqplib, all at once, order at risk', null),
    rate(`confirmed, over ${lanes} queues`, lined, sequential, 'bare amqplib, one after the other', null),
    rate('consumed, 100 together', taken, bareTaken, 'bare amqplib, prefetch 100', null),
    figure({
      ...{ name: 'memory that publishing keeps', unit: 'MB', measured: grown, baseline: null, against: '' },
      ...{ goal: '64 MB', holds: grown <= 64 },
    }),
  ];
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return count / ((performance.now() - began) / 1_000);
}

async function takeBare(channel: ConfirmChannel, count: number): Promise<number> {
  return await perSecond(count, async () => {
    const { promise: all, resolve } = Promise.withResolvers<void>();
    let taken = 0;
    await channel.prefetch(100);
    const { consumerTag } = await channel.consume('bare', (raw) => {
      if (raw === null) return;
      channel.ack(raw);
      taken += 1;
      if (taken === count) resolve();
    });
    await all;
    await channel.cancel(consumerTag);
  });
}

async function takeMany(adapter: Bus, queue: Queue, count: number): Promise<void> {
  const { promise: all, resolve } = Promise.withResolvers<void>();
  let taken = 0;
  const stop = await adapter.consumeMany(queue, 100, async (batch) => {
    taken += batch.length;
    if (taken === count) resolve();
    return batch.map(() => 'done');
  });
  await all;
  await stop();
}

/** Until a message is confirmed and has arrived, one at a time; in turns, as above. */
async function roundTrips(channel: ConfirmChannel, send: () => Promise<void>, adapter: Bus) {
  let arrived = (): void => {};
  await channel.prefetch(1);
  const { consumerTag } = await channel.consume('bare', (raw) => {
    if (raw !== null) channel.ack(raw);
    arrived();
  });
  const stop = await adapter.consume('agent.trips', async () => {
    arrived();
    return 'done';
  });
  const tripOf = (publish: () => Promise<void>) => async () => {
    const heard = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await Promise.all([publish(), heard]);
  };
  const [bareTrip, ourTrip] = [tripOf(send), tripOf(() => adapter.publish('agent.trips', message))];
  const [bare, ours]: [number[], number[]] = [[], []];
  for (let trip = 0; trip < trips; trip += 1) {
    bare.push(await time(bareTrip));
    ours.push(await time(ourTrip));
  }
  await stop();
  await channel.cancel(consumerTag);
  return { bare: bare.slice(trips / 10), ours: ours.slice(trips / 10) };
}

async function time(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
