// What the deployment puts on its servers, tried on real ones: PostgreSQL's two roles and RabbitMQ's users.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ChannelModel, connect } from 'amqplib';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { openRabbitBus } from '../../adapters/rabbitmq/open-bus.ts';
import { brokerDefinitions, definitionsFit } from '../../scripts/setup/broker.mjs';
import { startPostgres } from '../setup/postgres-server.ts';
import { type OwnBroker, ownBroker } from '../setup/rabbitmq.ts';

const run = promisify(execFile);
const deployment = path.join(import.meta.dirname, '../../deployment');

describe('the roles that postgres-roles.sql makes', () => {
  it('let the program append to the record, and neither change it nor switch off what guards it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-roles-'));
    const server = await startPostgres();
    try {
      // The superuser of the tests has the name that the program's role is to have.
      const database = new URL(server.url);
      await query(database.href, `CREATE ROLE superuser SUPERUSER LOGIN PASSWORD '${database.password}'`);
      database.username = 'superuser';
      await query(database.href, 'ALTER ROLE chiffon RENAME TO of_the_tests');
      await query(database.href, 'CREATE DATABASE chiffon');
      database.pathname = '/chiffon';
      await runRoles(database.href, folder);

      const as = (role: string, password: string) => {
        const url = new URL(database);
        url.username = role;
        url.password = password;
        return url.href;
      };
      const program = as('chiffon', 'program-password');
      const owner = as('chiffon_owner', 'owner-password');
      const settings = {
        databaseUrl: program,
        databaseMigrationUrl: owner,
        secretKey: Buffer.alloc(32, 1).toString('base64'),
        dataFolder: folder,
      };
      const store = await openStore(settings);
      await store.close();
      // The server of the tests has fsync off, of which the store tells; of the roles there is nothing to tell.
      expect(store.notes.filter((note) => /role|owner|superuser/.test(note))).toEqual([]);
      await expect(query(program, 'DELETE FROM event')).rejects.toThrow(/permission denied|append-only/);
      await expect(query(program, 'ALTER TABLE event DISABLE TRIGGER ALL')).rejects.toThrow(/must be owner/);
      await expect(query(program, "SET session_replication_role = 'replica'")).rejects.toThrow(/permission denied/);
      await expect(query(program, 'CREATE TABLE other ()')).rejects.toThrow(/permission denied/);

      // A backup comes back with the same owner and the same guards (docs/deployment.md).
      const dump = path.join(folder, 'chiffon.dump');
      await run('pg_dump', ['--format=custom', '--file', dump, database.href]);
      await query(database.href.replace(/chiffon$/, 'postgres'), 'DROP DATABASE chiffon');
      await query(database.href.replace(/chiffon$/, 'postgres'), 'CREATE DATABASE chiffon');
      await run('pg_restore', ['--exit-on-error', '--dbname', database.href, dump]);
      const restored = await openStore({ ...settings, databaseMigrationUrl: undefined });
      await restored.close();
      expect(restored.notes).toEqual(store.notes);
      await expect(query(program, 'DELETE FROM event')).rejects.toThrow(/permission denied|append-only/);
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  /** As the image runs it, with its secrets in another folder. */
  async function runRoles(url: string, folder: string): Promise<void> {
    await writeFile(path.join(folder, 'postgres_owner_password'), 'owner-password');
    await writeFile(path.join(folder, 'postgres_program_password'), 'program-password');
    const sql = await readFile(path.join(deployment, 'postgres-roles.sql'), 'utf8');
    const file = path.join(folder, 'roles.sql');
    await writeFile(file, sql.replaceAll('/run/secrets', folder));
    await run('psql', ['-v', 'ON_ERROR_STOP=1', '--no-psqlrc', '--dbname', url, '-f', file]);
  }

  async function query(url: string, sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
});

describe('the users of RabbitMQ', () => {
  const passwords = { 'chiffon-core': 'of-core', 'chiffon-agent': 'of-agents', admin: 'of-a-person' };
  let broker: OwnBroker;
  let agent: ChannelModel;

  beforeAll(async () => {
    broker = await ownBroker();
    const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-definitions-'));
    const file = path.join(folder, 'definitions.json');
    await writeFile(file, brokerDefinitions(passwords));
    await broker.rabbitmqctl('import_definitions', file);
    await rm(folder, { recursive: true });
    agent = await connectAs('chiffon-agent');
  });
  afterAll(async () => {
    await agent?.close();
    await broker?.[Symbol.asyncDispose]();
  });

  const urlOf = (user: keyof typeof passwords, vhost = 'chiffon') => {
    const url = new URL(broker.url);
    url.username = user;
    url.password = passwords[user];
    url.pathname = `/${vhost}`;
    return url.href;
  };
  const connectAs = async (user: keyof typeof passwords, vhost?: string) => {
    const connection = await connect(urlOf(user, vhost));
    connection.on('error', () => {});
    return connection;
  };

  /** What the broker says to the one thing that is tried. */
  const refusalOf = async (
    connection: ChannelModel,
    attempt: (channel: Awaited<ReturnType<ChannelModel['createChannel']>>) => Promise<unknown>,
  ) => {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    return attempt(channel).then(
      async () => {
        await channel.close();
        return 'allowed';
      },
      (error: unknown) => (String(error).includes('ACCESS_REFUSED') ? 'refused' : String(error)),
    );
  };
  const openBus = (user: keyof typeof passwords) =>
    openRabbitBus({
      url: urlOf(user),
      name: user,
      role: user === 'chiffon-agent' ? 'agent' : 'core',
      log: pino({ level: 'silent' }),
    });

  it('let agents and core begin in any order, and do all that they do', async () => {
    const ofAgent = await openBus('chiffon-agent');
    const early = ofAgent.publish('core.events', 0);
    early.catch(() => {});
    const ofCore = await openBus('chiffon-core');
    await early;
    try {
      const heard: string[] = [];
      const hear = (who: string) => (message: unknown) => heard.push(`${who}: ${JSON.stringify(message)}`);
      const take = (who: string) => async (message: unknown) => {
        hear(who)(message);
        return 'done' as const;
      };
      await ofCore.consume('core.events', take('core'));
      for (const queue of ['agent.ansible.normal', 'agent-control.garage'] as const)
        await ofAgent.consume(queue, take(queue));
      await ofAgent.hold('agent.garage', () => hear('agent')('lost its name'));
      await ofCore.listen(hear('broadcast at core'));
      await ofAgent.listen(hear('broadcast at agent'));
      await ofAgent.publish('core.events', 1);
      await ofCore.publish('agent.ansible.normal', 2);
      await ofCore.publish('agent-control.garage', 3);
      ofAgent.broadcast(4);
      await vi.waitFor(
        () =>
          expect(heard.toSorted()).toEqual([
            'agent-control.garage: 3',
            'agent.ansible.normal: 2',
            'broadcast at agent: 4',
            'broadcast at core: 4',
            'core: 0',
            'core: 1',
          ]),
        { timeout: 20_000 },
      );
    } finally {
      await ofAgent.close();
      await ofCore.close();
    }
  });

  it('keep from an agent what others report to core, what was put aside, and whatever is not of Chiffon', async () => {
    expect(await refusalOf(agent, (channel) => channel.consume('core.events', () => {}))).toBe('refused');
    expect(await refusalOf(agent, (channel) => channel.get('chiffon.dead'))).toBe('refused');
    expect(await refusalOf(agent, (channel) => channel.purgeQueue('chiffon.dead'))).toBe('refused');
    for (const queue of ['core.events', 'chiffon.dead'])
      expect(await refusalOf(agent, (channel) => channel.deleteQueue(queue))).toBe('refused');
    expect(await refusalOf(agent, (channel) => channel.assertQueue('other'))).toBe('refused');
    expect(await refusalOf(agent, (channel) => channel.assertExchange('other', 'fanout'))).toBe('refused');
    await expect(connectAs('chiffon-agent', '/')).rejects.toThrow(/ConnectionClose/);
    await expect(connectAs('chiffon-core', '/')).rejects.toThrow(/ConnectionClose/);
  });

  it('are those of the passwords that setup wrote, and of no others', () => {
    const definitions = brokerDefinitions(passwords);
    expect(definitions).not.toContain('of-core');
    expect(definitionsFit(definitions, passwords)).toBe(true);
    expect(definitionsFit(definitions, { ...passwords, admin: 'another' })).toBe(false);
    expect(definitionsFit('{', passwords)).toBe(false);
  });
});
