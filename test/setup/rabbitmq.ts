// `freshBroker()`: a RabbitMQ virtual host of its own for a test file, on the broker that the test run shares; the first
// asking starts it. `ownBroker()`: a broker of a test's own, to stop, kill and starve.
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { z } from 'zod';
import type { RabbitServer } from './rabbitmq-kind.ts';
import { callManagement } from './rabbitmq-management.ts';
import { startRabbit } from './rabbitmq-server.ts';

export type FreshBroker = {
  /** For a user who may do everything in the virtual host. */
  readonly url: string;
  /** The management HTTP API, e.g. `await manage('GET', 'queues/{vhost}')`; `{vhost}` is this virtual host. */
  manage(method: 'GET' | 'PUT' | 'POST' | 'DELETE', resource: string, body?: unknown): Promise<unknown>;
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function freshBroker(): Promise<FreshBroker> {
  const response = await fetch(new URL('/rabbitmq', inject('servers')));
  const answer = answerSchema.parse(await response.json());
  if ('failure' in answer) throw new Error(answer.failure);
  return await openVhost(answer);
}

export type OwnBroker = FreshBroker & Pick<RabbitServer, 'stop' | 'kill' | 'start' | 'signal' | 'rabbitmqctl'>;

/** Takes three seconds. */
export async function ownBroker(): Promise<OwnBroker> {
  const server = await startRabbit();
  const vhost = await openVhost({ ...server, prefix: 'own' });
  const { stop, kill, start, signal, rabbitmqctl, end } = server;
  return { ...vhost, stop, kill, start, signal, rabbitmqctl, drop: end, [Symbol.asyncDispose]: end };
}

type Server = { readonly url: string; readonly managementUrl: string; readonly prefix: string };

/** What global.ts says. The prefix keeps the virtual hosts of test runs on one broker apart. */
const answerSchema = z.union([
  z.object({ url: z.string(), managementUrl: z.string(), prefix: z.string() }),
  z.object({ failure: z.string() }),
]);

export type RabbitAnswer = z.infer<typeof answerSchema>;

export async function openVhost({ url, managementUrl, prefix }: Server): Promise<FreshBroker> {
  const vhost = `${prefix}_${randomBytes(6).toString('hex')}`;
  const manage: FreshBroker['manage'] = (method, resource, body) =>
    callManagement(managementUrl, method, resource.replace('{vhost}', vhost), body);
  await manage('PUT', 'vhosts/{vhost}', {});
  const user = new URL(url).username;
  await manage('PUT', `permissions/{vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  const drop = async () => void (await manage('DELETE', 'vhosts/{vhost}'));
  const own = new URL(url);
  own.pathname = `/${vhost}`;
  return { url: own.href, manage, drop, [Symbol.asyncDispose]: drop };
}
