import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ChiffonError } from '../core/error.ts';
import { fileVariables, readSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'chiffon-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const database = 'postgres://chiffon:s3cret@db/chiffon';
const broker = 'amqp://chiffon:s3cret@mq:5672/chiffon';
const services = { DATABASE_URL: database, RABBITMQ_URL: broker };

function aFile(text: string): string {
  const path = join(folder, `value-${text.length}`);
  writeFileSync(path, text);
  return path;
}

function whyNot(environment: Record<string, string>): string {
  try {
    readSettings(environment, '/srv');
  } catch (error) {
    if (error instanceof ChiffonError && error.kind === 'BAD_SETTING') return error.message;
    throw error;
  }
  return 'it is taken';
}

describe('settings', () => {
  it('need nothing: the data lies where the program was started', () => {
    expect(readSettings({}, '/srv')).toMatchObject({
      ...{ dataFolder: '/srv/.chiffon', policyFile: '/srv/.chiffon/policy.yaml', databaseUrl: undefined },
      ...{ rabbitmqUrl: undefined, terminalName: 'local', leaseMs: 60_000 },
      signingKeyFile: '/srv/.chiffon/core-signing.key',
    });
  });

  it('are relative to where the person stood, which npm tells', () => {
    expect(
      readSettings({ INIT_CWD: '/home/ada', CHIFFON_HOME: 'data', CHIFFON_SIGNING_KEY: 'keys/core' }, '/srv'),
    ).toMatchObject({
      ...{ startedIn: '/home/ada', dataFolder: '/home/ada/data', signingKeyFile: '/home/ada/keys/core' },
    });
  });

  it('that are empty, or blank, are not set', () => {
    const empty = { DATABASE_URL: '', RABBITMQ_URL: '  ', CHIFFON_HOME: '', CHIFFON_LEASE_SECONDS: '', LOG_LEVEL: ' ' };
    const files = Object.fromEntries(fileVariables.map((name) => [`${name}_FILE`, '']));
    expect(readSettings({ ...empty, ...files }, '/srv')).toEqual(readSettings({}, '/srv'));
  });

  it('name the terminal after its person and machine where several share a database', () => {
    expect(readSettings(services, '/srv').terminalName).toMatch(/^[\w.@-]{1,60}$/);
    expect(readSettings(services, '/srv').terminalName).not.toBe('local');
    expect(readSettings({ ...services, CHIFFON_TERMINAL: 'desk' }, '/srv').terminalName).toBe('desk');
  });

  it.each(fileVariables)('%s may be given as a file, without the line feed at its end', (name) => {
    const values: Record<string, string> = {
      ...services,
      DATABASE_MIGRATION_URL: database,
      CHIFFON_SECRET_KEY: 'c2VjcmV0',
      MATRIX_HOMESERVER_URL: 'https://matrix.example.org',
      ...(name === 'MATRIX_PASSWORD'
        ? { MATRIX_USER: 'chiffon', MATRIX_PASSWORD: 's3cret' }
        : { MATRIX_ACCESS_TOKEN: 'syt_abcdefgh' }),
    };
    const { [name]: value = '', ...others } = values;
    expect(readSettings({ ...others, [`${name}_FILE`]: aFile(`${value}\n`) }, '/srv')).toEqual(
      readSettings(values, '/srv'),
    );
  });

  it('say which variable is wrong, and never the value of one that may hold a password', () => {
    expect(whyNot({ ...services, DATABASE_URL_FILE: aFile(database) })).toBe(
      'DATABASE_URL and DATABASE_URL_FILE are both set; unset one of them.',
    );
    expect(whyNot({ RABBITMQ_URL_FILE: '/not/there' })).toBe(
      'RABBITMQ_URL_FILE names /not/there, which cannot be read.',
    );
    expect(whyNot({ RABBITMQ_URL: broker })).toMatch(/^RABBITMQ_URL is set and DATABASE_URL is not/);
    expect(whyNot({ ...services, DATABASE_URL: 'mysql://chiffon:s3cret@db' })).toBe(
      'DATABASE_URL is not right: a URL that begins with postgres://.',
    );
    expect(whyNot({ ...services, RABBITMQ_URL: 'http://chiffon:s3cret@mq' })).toBe(
      'RABBITMQ_URL is not right: a URL that begins with amqp:// or amqps://.',
    );
    for (const seconds of ['4', '3601', '7.5', 'soon'])
      expect(whyNot({ CHIFFON_LEASE_SECONDS: seconds })).toMatch(/^CHIFFON_LEASE_SECONDS is not right: /);
    expect(whyNot({ CHIFFON_TERMINAL: 'a b' })).toMatch(/^CHIFFON_TERMINAL is not right: letters/);
    expect(whyNot({ DATABASE_URL_FILE: aFile('mysql://chiffon:s3cret@db/x') })).not.toContain('s3cret');
  });

  it('for Matrix name the homeserver with one login, and lists are parted by commas', () => {
    const homeserver = { MATRIX_HOMESERVER_URL: 'https://matrix.example.org/' };
    const token = { ...homeserver, MATRIX_ACCESS_TOKEN: 'syt_abcdefgh' };
    const lists = { MATRIX_ROOMS: '#ops:example.org, !abc', MATRIX_INVITES_FROM: '@ada:example.org,*.example.net' };
    expect(readSettings({ ...token, ...lists }, '/srv').matrix).toEqual({
      ...{ homeserverUrl: 'https://matrix.example.org', accessToken: 'syt_abcdefgh', user: undefined },
      ...{ password: undefined, rooms: ['#ops:example.org', '!abc'] },
      invitesFrom: ['@ada:example.org', '*.example.net'],
    });
    expect(readSettings({}, '/srv').matrix).toBeUndefined();
    expect(whyNot(homeserver)).toMatch(/^MATRIX_HOMESERVER_URL needs a login: /);
    expect(whyNot({ ...homeserver, MATRIX_USER: 'chiffon' })).toMatch(/^MATRIX_HOMESERVER_URL needs a login: /);
    expect(whyNot({ ...token, MATRIX_PASSWORD: 's3cret' })).toMatch(/are both set; unset one of them\.$/);
    expect(whyNot({ MATRIX_ACCESS_TOKEN: 'syt_abcdefgh' })).toMatch(/^MATRIX_ACCESS_TOKEN is set and /);
    expect(whyNot({ ...token, MATRIX_ROOMS: 'ops' })).toMatch(/^MATRIX_ROOMS is not right: /);
    expect(whyNot({ ...token, MATRIX_INVITES_FROM: 'ada@example.org' })).toMatch(/^MATRIX_INVITES_FROM is not right: /);
  });

  it('given as an empty file are refused rather than taken as not set', () => {
    expect(whyNot({ CHIFFON_SECRET_KEY_FILE: aFile('\n') })).toMatch(/CHIFFON_SECRET_KEY/);
  });

  it('of a chat platform, given as an empty file, switch it off', () => {
    expect(readSettings({ DISCORD_TOKEN_FILE: aFile('\n') }, '/').discord).toBeUndefined();
    expect(readSettings({ DISCORD_TOKEN_FILE: aFile(`${'a'.repeat(30)}\n`) }, '/').discord?.token).toHaveLength(30);
  });
});
