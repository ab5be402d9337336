// `freshDatabase()`: a PostgreSQL database of its own for a test file, on the server that the test run shares. The first
// asking starts the server.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { z } from 'zod';

export type FreshDatabase = {
  /** For a superuser, unless the developer's own `DATABASE_URL` says otherwise. */
  readonly url: string;
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** What every copy starts from. It is made once in a test run, whichever test file asks first. */
export type Template = {
  /** Lower-case letters, digits and `_`. */
  readonly name: string;
  /** Fills the empty database, and closes its connections. */
  readonly make: (url: string) => Promise<void>;
};

/** An empty database, or a copy of the template, which takes milliseconds where migrations take longer. */
export async function freshDatabase(template?: Template): Promise<FreshDatabase> {
  const server = await askForServer();
  const name = `${server.prefix}_${randomBytes(6).toString('hex')}`;
  await withClient(server.url, async (client) => {
    const source = template ? await ensureTemplate(client, server, template) : 'template0';
    await client.query(`CREATE DATABASE "${name}" TEMPLATE "${source}"`);
  });
  const drop = () =>
    withClient(server.url, async (client) => {
      await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    });
  return { url: urlOf(server.url, name), drop, [Symbol.asyncDispose]: drop };
}

type Server = { readonly url: string; readonly prefix: string };

/** What global.ts says. The prefix keeps the databases of test runs on one server apart. */
const answerSchema = z.union([z.object({ url: z.string(), prefix: z.string() }), z.object({ failure: z.string() })]);

export type PostgresAnswer = z.infer<typeof answerSchema>;

async function askForServer(): Promise<Server> {
  const response = await fetch(inject('servers'));
  const answer = answerSchema.parse(await response.json());
  if ('failure' in answer) throw new Error(answer.failure);
  return answer;
}

async function ensureTemplate(client: pg.Client, server: Server, { name, make }: Template): Promise<string> {
  const template = `${server.prefix}_template_${name}`;
  const unfinished = `${template}_unfinished`;
  // Held by this session until it ends, so a test file that fails half way does not keep the others waiting.
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [template]);
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
  if (rowCount === 0) {
    await client.query(`DROP DATABASE IF EXISTS "${unfinished}" WITH (FORCE)`);
    await client.query(`CREATE DATABASE "${unfinished}" TEMPLATE template0`);
    await make(urlOf(server.url, unfinished));
    await client.query(`ALTER DATABASE "${unfinished}" RENAME TO "${template}"`);
  }
  await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [template]);
  return template;
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
