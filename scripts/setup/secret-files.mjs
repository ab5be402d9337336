// Every secret of docker-compose.yml: what makes it when it is missing, and whether one that is there fits the others.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { brokerDefinitions, definitionsFit, virtualHost } from './broker.mjs';
import { newSshKey, publicKeyOf } from './ssh-key.mjs';

/** The text of the secrets that stand before it in the list. @typedef {(name: string) => string} Read */

/**
 * @typedef {{ name: string, what: string, make: (read: Read) => string, fits?: (text: string, read: Read) => boolean }} SecretFile
 */

// Letters, digits, - and _: the same in a URL, in SQL and in a shell.
const password = () => randomBytes(24).toString('base64url');

/** @param {string} name @param {string} what @returns {SecretFile} */
const passwordFile = (name, what) => ({ name, what, make: password });

/** A URL around a password, from another file. @param {string} name @param {string} of @param {(password: string) => string} url @returns {SecretFile} */
const urlFile = (name, of, url) => ({
  name,
  what: `the URL with ${of}`,
  make: (read) => url(read(of)),
  // A server elsewhere, put there by hand, stays; only the one of compose has to know the password.
  fits: (text, read) => (!text.includes('@postgres:') && !text.includes('@rabbitmq:') ? true : text === url(read(of))),
});

/** @param {Read} read */
const brokerPasswords = (read) => ({
  'chiffon-core': read('rabbitmq_core_password'),
  'chiffon-agent': read('rabbitmq_agent_password'),
  admin: read('rabbitmq_admin_password'),
});

/** In the order in which they are made. @type {readonly SecretFile[]} */
export const secretFiles = [
  passwordFile('postgres_superuser_password', 'PostgreSQL’s superuser, for you alone'),
  passwordFile('postgres_owner_password', 'the role that owns the tables'),
  passwordFile('postgres_program_password', 'the bot’s own role'),
  urlFile(
    'database_migration_url',
    'postgres_owner_password',
    (word) => `postgres://chiffon_owner:${word}@postgres:5432/chiffon`,
  ),
  urlFile('database_url', 'postgres_program_password', (word) => `postgres://chiffon:${word}@postgres:5432/chiffon`),
  passwordFile('rabbitmq_core_password', 'the bots at RabbitMQ'),
  passwordFile('rabbitmq_agent_password', 'the agents at RabbitMQ'),
  passwordFile('rabbitmq_admin_password', 'RabbitMQ’s management page, user admin'),
  urlFile(
    'rabbitmq_core_url',
    'rabbitmq_core_password',
    (word) => `amqp://chiffon-core:${word}@rabbitmq:5672/${virtualHost}`,
  ),
  urlFile(
    'rabbitmq_agent_url',
    'rabbitmq_agent_password',
    (word) => `amqp://chiffon-agent:${word}@rabbitmq:5672/${virtualHost}`,
  ),
  {
    name: 'rabbitmq_definitions',
    what: 'RabbitMQ’s users and permissions',
    make: (read) => brokerDefinitions(brokerPasswords(read)),
    fits: (text, read) => definitionsFit(text, brokerPasswords(read)),
  },
  {
    name: 'chiffon_secret_key',
    what: 'encrypts secret inputs of live tasks',
    make: () => randomBytes(32).toString('base64'),
  },
  {
    name: 'core_signing_key',
    what: 'signs every command to an agent',
    make: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  },
  ...sshKey('git_ssh_key', 'the bot at your infrastructure repository', 'chiffon-bot'),
  ...sshKey('hosts_ssh_key', 'the agent at your hosts', 'chiffon-agent'),
  {
    name: 'known_hosts',
    what: 'the hosts that SSH may speak to',
    make: () => '# Lines of known_hosts for your Git server and your hosts: SSH speaks to no other.\n',
  },
  {
    name: 'discord_token',
    what: 'the bot’s token at Discord, empty until you put it there',
    make: () => '\n',
  },
  {
    name: 'matrix_access_token',
    what: 'the bot’s access token at its Matrix homeserver, empty until you put it there',
    make: () => '\n',
  },
  passwordFile('litellm_master_key', 'the optional LiteLLM proxy'),
];

/** And its public part beside it. @param {string} name @param {string} what @param {string} comment @returns {SecretFile[]} */
function sshKey(name, what, comment) {
  const publicPart = (/** @type {Read} */ read) => publicKeyOf(read(name), comment) ?? '';
  return [
    { name, what, make: () => newSshKey(comment) },
    // Of a key in another format, and with another comment, the public part is yours to keep.
    {
      name: `${name}.pub`,
      what: `the public part of ${name}`,
      make: publicPart,
      fits: (text, read) => publicPart(read) === '' || text.split(' ')[1] === publicPart(read).split(' ')[1],
    },
  ];
}
