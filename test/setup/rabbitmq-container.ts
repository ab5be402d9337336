// A throw-away RabbitMQ in a container, with what startRabbit() gives.
import { randomBytes } from 'node:crypto';
import { startContainer } from './containers.ts';
import type { RabbitServer } from './rabbitmq-kind.ts';
import { callManagement } from './rabbitmq-management.ts';

const image = 'rabbitmq:4-management';
const ports = { amqp: 5672, http: 15672 };

export async function startRabbitContainer(): Promise<RabbitServer> {
  const password = randomBytes(16).toString('hex');
  const container = await startContainer({
    image,
    env: { RABBITMQ_DEFAULT_USER: 'chiffon', RABBITMQ_DEFAULT_PASS: password },
    ports: Object.values(ports),
    isReady: async ({ engine, name }) => engine('exec', name, 'rabbitmq-diagnostics', 'check_running'),
  });
  const { engine, name } = container;
  const address = (scheme: 'amqp' | 'http') =>
    `${scheme}://chiffon:${password}@127.0.0.1:${container.port(ports[scheme])}`;
  const managementUrl = address('http');
  return {
    url: address('amqp'),
    managementUrl,
    stop: async () => void (await engine('stop', name)),
    kill: async () => void (await engine('kill', name)),
    start: async () => {
      await engine('start', name);
      await engine('exec', name, 'rabbitmqctl', 'await_startup');
      await callManagement(managementUrl, 'GET', 'overview');
    },
    signal: (signal) => void engine(signal === 'STOP' ? 'pause' : 'unpause', name).catch(() => {}),
    rabbitmqctl: (...args) => engine('exec', name, 'rabbitmqctl', ...args),
    end: container.end,
  };
}
