// What the bus on RabbitMQ does when the broker, the network or a queue lets it down. The faults are real ones.
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openRabbitBus, type RabbitBusOptions } from '../../adapters/rabbitmq/open-bus.ts';
import type { Bus, Handled, Queue } from '../../core/ports/bus.ts';
import { openTcpProxy, type TcpProxy } from '../faults/tcp-proxy.ts';
import { type OwnBroker, ownBroker } from '../setup/rabbitmq.ts';
import { readPutAside } from './dead-letters.ts';

let broker: OwnBroker;
let proxy: TcpProxy;
const buses: Bus[] = [];
let said: { readonly fields: object; readonly text: string }[] = [];
const log = {
  info: (fields: object, text: string) => void said.push({ fields, text }),
  warn: (fields: object, text: string) => void said.push({ fields, text }),
};

beforeAll(async () => {
  broker = await ownBroker();
  proxy = await openTcpProxy(broker.url);
});
afterAll(async () => {
  await proxy.close();
  await broker.drop();
});
let count = 0;
let queue: Queue;
beforeEach(() => {
  count += 1;
  queue = `agent.adversity${count}`;
  said = [];
});
afterEach(async () => {
  for (const bus of buses.splice(0)) await bus.close();
});

async function open(options: Partial<RabbitBusOptions> = {}): Promise<Bus> {
  const settings = { maxDeadLetters: 5, deliveryLimit: 5, heartbeatS: 1, confirmTimeoutMs: 2_000 };
  const bus = await openRabbitBus({
    url: broker.url,
    name: `adversity ${count}`,
    role: 'core',
    log,
    ...settings,
    ...options,
  });
  buses.push(bus);
  return bus;
}

async function collect(bus: Bus, from: Queue = queue, answer: (message: unknown) => Handled = () => 'done') {
  const seen: unknown[] = [];
  const stop = await bus.consume(from, async (message) => {
    seen.push(message);
    return answer(message);
  });
  return { seen, stop };
}

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
const heard = (text: string) => eventually(() => expect(said.map((line) => line.text)).toContain(text));
/** Each once, in the order of its first delivery. */
const first = (seen: readonly unknown[]) => [...new Set(seen)];
const numbers = (length: number) => Array.from({ length }, (_, number) => number);

/** Sends numbers without a pause until it is told to stop; gives back how many were confirmed, in order. */
function sender(bus: Bus) {
  let sending = true;
  const all = (async () => {
    let sent = 0;
    for (; sending; sent += 1) await bus.publish(queue, sent);
    return sent;
  })();
  all.catch(() => {});
  return async () => {
    sending = false;
    return await all;
  };
}

describe('a connection that is lost', () => {
  const losses: readonly (readonly [string, () => Promise<void>])[] = [
    [
      'the broker closes it',
      async () => void (await broker.rabbitmqctl('close_all_connections', '--global', 'the test says so')),
    ],
    ['the wire is cut', async () => proxy.cut()],
    ['nothing comes over it any more', async () => proxy.stall('to client')],
    ['nothing goes over it any more', async () => proxy.stall('to server')],
  ];
  it.each(losses)('loses no message and keeps the order: %s', async (_name, lose) => {
    const bus = await open({ url: proxy.url });
    const { seen } = await collect(bus);
    const stop = sender(bus);
    await eventually(() => expect(seen.length).toBeGreaterThan(20));
    await lose();
    await heard('the connection to the message broker is lost');
    proxy.resume();
    await heard('connected to the message broker again');
    const before = seen.length;
    await eventually(() => expect(seen.length).toBeGreaterThan(before + 20));
    const sent = await stop();
    await eventually(() => expect(first(seen)).toEqual(numbers(sent)));
    // The old socket is not left behind.
    await eventually(() => expect(proxy.connections()).toBe(1));
  });

  it('gives what a handler had not finished to the next one, and never acknowledges it on the new connection', async () => {
    const bus = await open({ url: proxy.url });
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    await bus.consume(queue, async (message) => {
      seen.push(message);
      if (seen.length === 1) await finish;
      return 'done';
    });
    await bus.publish(queue, 'one');
    await bus.publish(queue, 'two');
    await eventually(() => expect(seen).toEqual(['one']));
    proxy.cut();
    await heard('connected to the message broker again');
    resolve();
    await eventually(() => expect(seen).toEqual(['one', 'one', 'two']));
    await bus.publish(queue, 'three');
    await eventually(() => expect(seen.at(-1)).toBe('three'));
    expect(said.filter(({ text }) => text.includes('made again'))).toEqual([]);
  });

  it('refuses to publish, as something to be tried again, when the broker is away for too long', async () => {
    const bus = await open({ url: proxy.url, publishTimeoutMs: 300 });
    await bus.publish(queue, 'before');
    proxy.refuse();
    await eventually(() => expect(bus.connected()).toBe(false));
    const refused = await Promise.allSettled([bus.publish(queue, 'lost'), bus.publish(queue, 'lost, too')]);
    for (const { status } of refused) expect(status).toBe('rejected');
    await expect(bus.publish(queue, 'lost')).rejects.toMatchObject({ kind: 'BUS_FAILED', retryable: true });
    proxy.resume();
    await heard('connected to the message broker again');
    await bus.publish(queue, 'after');
    const { seen } = await collect(bus);
    await eventually(() => expect(seen).toEqual(['before', 'after']));
  });

  it('brings listeners and names back', async () => {
    const bus = await open({ url: proxy.url });
    const other = await open();
    const heardThere: unknown[] = [];
    await bus.listen((message) => heardThere.push(message));
    const lost = vi.fn();
    const release = await bus.hold('agent.held', lost);
    proxy.stall('to server');
    await heard('the connection to the message broker is lost');
    proxy.resume();
    await heard('connected to the message broker again');
    await eventually(() => {
      other.broadcast('hello');
      expect(heardThere).toContain('hello');
    });
    await eventually(() =>
      expect(other.hold('agent.held', () => {})).rejects.toMatchObject({ kind: 'BUS_NAME_TAKEN' }),
    );
    expect(lost).not.toHaveBeenCalled();
    await release();
    await (await other.hold('agent.held', () => {}))();
  });

  it('tells a holder that another process took its name meanwhile', async () => {
    const bus = await open({ url: proxy.url });
    const other = await open();
    const lost = vi.fn();
    await bus.hold('agent.taken', lost);
    proxy.refuse();
    await eventually(() => other.hold('agent.taken', () => {}).then(() => {}));
    proxy.resume();
    await eventually(() => expect(lost).toHaveBeenCalledOnce());
  });
});

describe('a broker that stops', () => {
  it('holds publishers back while it is short of memory, and refuses after a while', async () => {
    const bus = await open({ publishTimeoutMs: 1_500 });
    await bus.publish(queue, 'before');
    await broker.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    try {
      await expect(bus.publish(queue, 'short')).rejects.toMatchObject({ kind: 'BUS_FAILED', retryable: true });
      expect(bus.connected()).toBe(true);
      await expect(bus.publish(queue, 'short of it')).rejects.toMatchObject({ kind: 'BUS_FAILED' });
    } finally {
      await broker.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1GB');
    }
    await heard('the message broker takes messages again');
    await bus.publish(queue, 'after');
    const { seen } = await collect(bus);
    await eventually(() => expect(seen.at(-1)).toBe('after'));
    expect(seen[0]).toBe('before');
  });
});

describe('a queue', () => {
  it('that is deleted while it is consumed is made again, and consumed again', async () => {
    const bus = await open();
    const { seen } = await collect(bus);
    await bus.publish(queue, 1);
    await eventually(() => expect(seen).toEqual([1]));
    await broker.manage('DELETE', `queues/{vhost}/${queue}`);
    await bus.publish(queue, 2);
    await eventually(() => expect(seen).toEqual([1, 2]));
  });

  it('that is deleted and made again at once, which makes the broker forget its consumer, is consumed again', async () => {
    const bus = await open({ quietMs: 300 });
    const { seen } = await collect(bus);
    await bus.publish(queue, 1);
    await eventually(() => expect(seen).toEqual([1]));
    const settings = queueSettings.parse(await broker.manage('GET', `queues/{vhost}/${queue}`)).arguments;
    const model = await connect(broker.url);
    const channel = await model.createConfirmChannel();
    await channel.deleteQueue(queue);
    await channel.assertQueue(queue, { durable: true, arguments: settings });
    channel.sendToQueue(queue, Buffer.from('2'));
    await channel.waitForConfirms();
    await eventually(() => expect(seen).toEqual([1, 2]));
    await model.close();
  });

  it('of one agent goes when nobody has consumed it for long, and no other does', async () => {
    const bus = await open({ unusedControlMs: 500 });
    const stop = await bus.consume('agent-control.revoked', async () => 'done');
    await bus.publish(queue, 'stays');
    await bus.publish('agent-control.unseen', 'is not waited for');
    await eventually(async () => expect(await queueNames()).not.toContain('agent-control.unseen'));
    expect(await queueNames()).toContain('agent-control.revoked');
    await stop();
    await eventually(async () => expect(await queueNames()).not.toContain('agent-control.revoked'));
    expect(await queueNames()).toContain(queue);
    await bus.publish('agent-control.revoked', 'it is made again');
  });

  it('that is deleted before a publish is made again: the broker would confirm a message that reaches nobody', async () => {
    const bus = await open();
    await bus.publish(queue, 1);
    await broker.manage('DELETE', `queues/{vhost}/${queue}`);
    await bus.publish(queue, 2);
    const { seen } = await collect(bus);
    await eventually(() => expect(seen).toEqual([2]));
  });

  it('with other settings is named, with what to do, to publishers and consumers', async () => {
    const bus = await open();
    await broker.manage('PUT', `queues/{vhost}/${queue}`, { durable: true, arguments: { 'x-queue-type': 'classic' } });
    const sentence = `The queue ${queue} stands on the message broker with other settings`;
    await expect(bus.publish(queue, 1)).rejects.toThrow(sentence);
    await expect(collect(bus)).rejects.toThrow(sentence);
    await expect(open({ deliveryLimit: 6 })).rejects.toThrow('The queue core.events stands');
    await broker.manage('DELETE', `queues/{vhost}/${queue}`);
    await bus.publish(queue, 2);
  });

  it('that is full holds its senders back, in order, and no other queue', async () => {
    const bus = await open({ publishTimeoutMs: 500, maxLength: 100 }).catch(() => undefined);
    expect(bus).toBeUndefined();
    await broker.manage('DELETE', 'queues/{vhost}/core.events');
    const narrow = await open({ publishTimeoutMs: 500, maxLength: 3 });
    const sent = Promise.all(numbers(30).map((number) => narrow.publish(queue, number)));
    await heard('a queue on the message broker is full: its senders wait');
    await narrow.publish('agent.beside', 1);
    const { seen } = await collect(narrow);
    await sent;
    await eventually(() => expect(seen).toEqual(numbers(30)));
    await narrow.close();
    await broker.manage('DELETE', 'queues/{vhost}/core.events');
  });

  it('loses nothing when what is put aside has no more room', async () => {
    // How soon the broker tries again; by itself after three minutes.
    await evaluate('application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 300)');
    const bus = await open();
    const { seen } = await collect(bus, queue, (message) => (typeof message === 'string' ? 'poison' : 'done'));
    const poison = numbers(12).map((number) => `poison ${number}`);
    for (const message of poison) await bus.publish(queue, message);
    await bus.publish(queue, 1);
    await eventually(() => expect(seen).toEqual([...poison, 1]));
    const aside: unknown[] = [];
    await eventually(async () => {
      aside.push(...(await takePutAside()));
      expect(new Set(first(aside))).toEqual(new Set(poison));
    });
  });
});

describe('a consumer', () => {
  it('comes back after an acknowledgement that took too long, for which the broker closes its channel', async () => {
    await evaluate('application:set_env(rabbit, consumer_timeout, 300)');
    await evaluate('application:set_env(rabbit, channel_tick_interval, 200)');
    const bus = await open();
    const seen: unknown[] = [];
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    await bus.consume(queue, async (message) => {
      seen.push(message);
      if (seen.length === 1) await finish;
      return 'done';
    });
    await bus.publish(queue, 'slow');
    await eventually(() => expect(seen).toEqual(['slow']));
    const vhost = new URL(broker.url).pathname.slice(1);
    await eventually(async () =>
      expect(await broker.rabbitmqctl('list_consumers', '--quiet', '-p', vhost)).not.toContain(queue),
    );
    await evaluate('application:unset_env(rabbit, consumer_timeout)');
    resolve();
    await eventually(() => expect(seen).toEqual(['slow', 'slow']));
    await bus.publish(queue, 'next');
    await eventually(() => expect(seen).toEqual(['slow', 'slow', 'next']));
  });

  it('that is stopped by its own handler gets nothing more: what waits was never delivered to it', async () => {
    const bus = await open();
    for (const number of numbers(5)) await bus.publish(queue, number);
    const seen: unknown[] = [];
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const stop = await bus.consume(queue, async (message) => {
      seen.push(message);
      resolve(stop());
      return 'done';
    });
    await stopped;
    expect(seen).toEqual([0]);
    const model = await connect(broker.url);
    const channel = await model.createChannel();
    for (const number of numbers(5).slice(1)) {
      const got = await channel.get(queue, { noAck: true });
      if (got === false) throw new Error('a message is missing');
      expect(got.content.toString()).toBe(String(number));
      expect(got.properties.headers?.['x-delivery-count'] ?? 0).toBe(0);
      expect(got.fields.redelivered).toBe(false);
    }
    await model.close();
  });

  it('puts aside at once what is no JSON', async () => {
    const bus = await open();
    const { seen } = await collect(bus);
    const model = await connect(broker.url);
    const channel = await model.createConfirmChannel();
    channel.sendToQueue(queue, Buffer.from('{"half":'));
    channel.sendToQueue(queue, Buffer.from('null'));
    await channel.waitForConfirms();
    await model.close();
    await eventually(() => expect(seen).toEqual([null]));
    await eventually(async () => expect(await readPutAside(broker.url, queue)).toEqual(['{"half":']));
  });

  it('of core.events is one at a time; the next takes over when it goes, and nothing is out of order', async () => {
    const [one, other] = [await open(), await open()];
    const here = await collect(one, 'core.events');
    const there = await collect(other, 'core.events');
    for (const number of numbers(10)) await one.publish('core.events', number);
    await eventually(() => expect(here.seen).toEqual(numbers(10)));
    expect(there.seen).toEqual([]);
    await one.close();
    await other.publish('core.events', 10);
    await eventually(() => expect(there.seen).toEqual([10]));
  });
});

it('never says the password, whatever goes wrong', async () => {
  const wrong = new URL(broker.url);
  const { password } = wrong;
  wrong.password = 'open-sesame';
  const errors: unknown[] = [];
  const url = wrong.href;
  const urls = [url, `${url}-no-such-vhost`, url.replace('amqp', 'ftp'), 'amqp://me:open-sesame@nowhere.invalid:1/x'];
  for (const each of [...urls, `${broker.url}-no-such-vhost`])
    await open({ url: each, startTimeoutMs: 0 }).catch((error: unknown) => errors.push(error));
  expect(errors).toHaveLength(5);
  const { inspect } = await import('node:util');
  const all = inspect([errors, said], { depth: 20 });
  expect(all).not.toContain('open-sesame');
  expect(all).not.toContain(password);
});

const queueSettings = z.object({ arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) });
const namesSchema = z.array(z.object({ name: z.string() }));

async function queueNames(): Promise<readonly string[]> {
  return namesSchema.parse(await broker.manage('GET', 'queues/{vhost}?columns=name')).map(({ name }) => name);
}

const evaluate = (erlang: string) => broker.rabbitmqctl('eval', `${erlang}.`);

async function takePutAside(): Promise<unknown[]> {
  const model = await connect(broker.url);
  const channel = await model.createChannel();
  const taken: unknown[] = [];
  for (;;) {
    const got = await channel.get('chiffon.dead', { noAck: true });
    if (got === false) break;
    taken.push(got.content.toString().startsWith('"') ? JSON.parse(got.content.toString()) : got.content.toString());
  }
  await model.close();
  return taken;
}
