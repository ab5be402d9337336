// Runs once before a project's tests, in vitest's own process. It stands ready to start the servers that tests ask for, at
// the first asking, and ends what was started.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import type { FirstStart, FirstStartAnswer } from '../e2e/first-start.ts';
import { startOnce } from '../e2e/first-start.ts';
import type { SynapseAnswer } from '../matrix/synapse.ts';
import { startSynapse } from '../matrix/synapse-server.ts';
import type { PostgresAnswer } from './postgres.ts';
import { startPostgres } from './postgres-server.ts';
import type { RabbitAnswer } from './rabbitmq.ts';
import { dropVhosts } from './rabbitmq-management.ts';
import { startRabbit } from './rabbitmq-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for servers; see postgres.ts, rabbitmq.ts, matrix/synapse.ts and e2e/fresh-home.ts. */
    readonly servers: string;
  }
}

export default async function openServers(project: TestProject): Promise<() => Promise<void>> {
  const prefix = `chiffon_test_${randomBytes(4).toString('hex')}`;
  let postgres: ReturnType<typeof openPostgres> | undefined;
  let rabbit: ReturnType<typeof openRabbit> | undefined;
  let synapse: ReturnType<typeof startSynapse> | undefined;
  let firstStart: Promise<FirstStart> | undefined;

  const desk = createServer((request, response) => {
    if (request.url === '/rabbitmq') {
      rabbit ??= openRabbit(prefix);
      const answer = rabbit.then(
        ({ url, managementUrl }): RabbitAnswer => ({ url, managementUrl, prefix }),
        (error: unknown): RabbitAnswer => ({ failure: String(error) }),
      );
      void answer.then((body) => response.end(JSON.stringify(body)));
      return;
    }
    if (request.url === '/synapse') {
      synapse ??= startSynapse({ rateLimits: 'none' });
      const answer = synapse.then(
        ({ url, serverName, registrationSecret, rateLimits }): SynapseAnswer => ({
          url,
          serverName,
          registrationSecret,
          rateLimits,
        }),
        (error: unknown): SynapseAnswer => ({ failure: String(error) }),
      );
      void answer.then((body) => response.end(JSON.stringify(body)));
      return;
    }
    if (request.url === '/first-start') {
      firstStart ??= startOnce();
      const answer = firstStart.then(
        ({ dataFolder }): FirstStartAnswer => ({ dataFolder }),
        (error: unknown): FirstStartAnswer => ({ failure: String(error) }),
      );
      void answer.then((body) => response.end(JSON.stringify(body)));
      return;
    }
    postgres ??= openPostgres(prefix);
    const answer = postgres.then(
      ({ url }): PostgresAnswer => ({ url, prefix }),
      (error: unknown): PostgresAnswer => ({ failure: String(error) }),
    );
    void answer.then((body) => response.end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(desk, 'listening');
  const address = desk.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  project.provide('servers', `http://127.0.0.1:${address.port}`);

  return async () => {
    desk.close();
    await postgres?.then(({ stop }) => stop()).catch(() => {});
    await rabbit?.then(({ end }) => end()).catch(() => {});
    await synapse?.then(({ end }) => end()).catch(() => {});
    await firstStart?.then(({ end }) => end()).catch(() => {});
  };
}

/** The broker that `RABBITMQ_URL` names, left as it was found, or a throw-away one. */
async function openRabbit(
  prefix: string,
): Promise<{ readonly url: string; readonly managementUrl: string; end(): Promise<void> }> {
  const url = process.env.RABBITMQ_URL;
  if (!url) return await startRabbit();
  const { username, password, hostname } = new URL(url);
  const managementUrl = process.env.RABBITMQ_MANAGEMENT_URL ?? `http://${username}:${password}@${hostname}:15672`;
  return { url, managementUrl, end: () => dropVhosts(managementUrl, prefix) };
}

/** The server that `DATABASE_URL` names, left as it was found, or a throw-away one. */
async function openPostgres(prefix: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const given = process.env.DATABASE_URL;
  if (!given) return await startPostgres();
  return { url: given, stop: () => dropAll(given, prefix) };
}

async function dropAll(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
