// A throw-away PostgreSQL in a container, with what startPostgres() gives.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Container } from './containers.ts';
import { startContainer } from './containers.ts';
import type { PostgresServer } from './postgres-kind.ts';

const image = 'postgres:17';

export async function startPostgresContainer(durable: boolean): Promise<PostgresServer> {
  const password = randomBytes(16).toString('hex');
  const settings = durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const urlOf = (container: Container) => `postgres://chiffon:${password}@127.0.0.1:${container.port(5432)}/postgres`;
  const isReady = async (container: Container): Promise<void> => {
    const client = new pg.Client({ connectionString: urlOf(container) });
    client.on('error', () => {});
    await client.connect();
    await client.end();
  };
  const container = await startContainer({
    image,
    env: { POSTGRES_USER: 'chiffon', POSTGRES_PASSWORD: password },
    ports: [5432],
    args: ['max_connections=200', ...settings].flatMap((setting) => ['-c', setting]),
    isReady,
  });
  return {
    url: urlOf(container),
    stop: container.end,
    restart: async (meanwhile = async () => {}) => {
      await container.engine('stop', container.name);
      await meanwhile();
      await container.engine('start', container.name);
      await isReady(container);
    },
  };
}
