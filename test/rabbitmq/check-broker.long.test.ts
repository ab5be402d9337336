// What `doctor` says about a broker, for every way in which one can be wrong; and that nothing of the bus says the password.
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBroker } from '../../adapters/rabbitmq/check-broker.ts';
import { openRabbitBus } from '../../adapters/rabbitmq/open-bus.ts';
import { openTcpProxy } from '../faults/tcp-proxy.ts';
import { type FreshBroker, freshBroker } from '../setup/rabbitmq.ts';
import { silent } from './silent-log.ts';

let broker: FreshBroker;
beforeAll(async () => {
  broker = await freshBroker();
});
afterAll(() => broker.drop());

const changed = (change: (url: URL) => void): string => {
  const url = new URL(broker.url);
  change(url);
  return url.href;
};

it('is ready, says what waits and what was put aside, and leaves nothing behind', async () => {
  expect(await checkBroker(broker.url, ['core.events'])).toMatchObject({ type: 'ready', deadLetters: 0, queues: [] });
  expect(await broker.manage('GET', 'queues/{vhost}')).toEqual([]);
  const bus = await openRabbitBus({ url: broker.url, name: 'checked', role: 'core', log: silent });
  await bus.publish('core.events', 'waits');
  await bus.publish('agent.checked', 'poison');
  const stop = await bus.consume('agent.checked', async () => 'poison');
  await expect
    .poll(() => checkBroker(broker.url, ['core.events', 'agent.checked']), { timeout: 20_000 })
    .toMatchObject({
      type: 'ready',
      sentence: expect.stringContaining('1 messages were put aside'),
      deadLetters: 1,
      queues: [
        { queue: 'core.events', waiting: 1, consumers: 0 },
        { queue: 'agent.checked', waiting: 0, consumers: 1 },
      ],
    });
  await stop();
  await bus.close();
});

it('is refused or away in ways that are told apart', async () => {
  const wall = await openTcpProxy(broker.url);
  wall.refuse();
  const cases: readonly (readonly [string, string])[] = [
    ['bad-url', broker.url.replace('amqp:', 'http:')],
    ['bad-url', changed((url) => (url.password = '%zz'))],
    ['bad-url', `${broker.url.replace('amqp:', 'amqps:')}?cacertfile=/no/such/file`],
    ['unreachable', wall.url],
    ['login-refused', changed((url) => (url.password = 'open-sesame'))],
    ['vhost-refused', changed((url) => (url.pathname = '/not-there'))],
  ];
  for (const [type, url] of cases) expect(await checkBroker(url), type).toMatchObject({ type });
  await wall.close();
});

it('does not answer: that is told before long', async () => {
  const wall = await openTcpProxy(broker.url);
  wall.stall();
  expect(await checkBroker(wall.url)).toMatchObject({ type: 'unreachable' });
  await wall.close();
});

it('lets a user in who may not make queues: the sentence has the line to type', async () => {
  const user = new URL(broker.url).pathname.slice(1);
  await broker.manage('PUT', `users/${user}`, { password: 'may-nothing', tags: '' });
  await broker.manage('PUT', `permissions/{vhost}/${user}`, { configure: '^$', write: '', read: '' });
  const url = changed((own) => {
    own.username = user;
    own.password = 'may-nothing';
  });
  try {
    expect(await checkBroker(url)).toMatchObject({
      type: 'not-permitted',
      sentence: expect.stringContaining('rabbitmqctl set_permissions'),
    });
    expect(inspect(await refusalOf(url), { depth: 20, showHidden: true })).not.toContain('may-nothing');
  } finally {
    await broker.manage('DELETE', `users/${user}`);
  }
});

it('never says the password, whatever is wrong', async () => {
  const { password } = new URL(broker.url);
  const wall = await openTcpProxy(broker.url);
  wall.refuse();
  const urls = [
    changed((url) => (url.password = 'open-sesame')),
    changed((url) => (url.pathname = '/not-there')),
    changed((url) => (url.protocol = 'amqps:')),
    broker.url.replace('amqp:', 'ftp:'),
    `${broker.url.replace('amqp:', 'amqps:')}?cacertfile=/no/such/file`,
    'amqp://me:open-sesame@nowhere.invalid:1/x',
    'amqp://me:open-sesame@:1:1/x',
    'amqp://me:open-sesame%zz@localhost/x',
    wall.url,
  ];
  for (const url of urls) {
    const all = inspect([await checkBroker(url), await refusalOf(url)], { depth: 20, showHidden: true });
    expect(all).not.toContain('open-sesame');
    expect(all).not.toContain(password);
  }
  await wall.close();
});

/** The error and all that was logged. */
async function refusalOf(url: string): Promise<unknown> {
  const said: unknown[] = [];
  const log = { info: (...line: unknown[]) => said.push(line), warn: (...line: unknown[]) => said.push(line) };
  const refused = await openRabbitBus({ url, name: 'refused', role: 'core', log, startTimeoutMs: 0 }).then(
    () => 'opened',
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(Error);
  const { stack, cause } = refused as Error;
  return [refused, stack, cause, said];
}
