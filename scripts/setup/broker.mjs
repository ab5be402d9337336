// RabbitMQ's definitions file: the virtual host, its three users and what each of them may do there.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const virtualHost = 'chiffon';

/**
 * The names are those of adapters/rabbitmq. An agent declares the queues of agents, consumes those, and publishes through the
 * default exchange; what agents report to core and what was put aside it neither makes nor reads. Whoever makes a queue whose
 * dead letters go to an exchange must be allowed to write there. docs/deployment.md says what that cannot prevent.
 */
const permissions = {
  'chiffon-core': { configure: '.*', write: '.*', read: '.*' },
  'chiffon-agent': {
    configure: '^(agent\\..*|agent-control\\..*|chiffon\\.broadcast|chiffon\\.name\\..*|amq\\.gen-.*)$',
    write: '^(amq\\.default|chiffon\\.broadcast|chiffon\\.dead|amq\\.gen-.*)$',
    read: '^(agent\\..*|agent-control\\..*|chiffon\\.broadcast|chiffon\\.name\\..*|amq\\.gen-.*)$',
  },
  // For a person at the management page.
  admin: { configure: '.*', write: '.*', read: '.*' },
};

/** @typedef {Record<keyof typeof permissions, string>} BrokerPasswords */

/** @param {BrokerPasswords} passwords */
export function brokerDefinitions(passwords) {
  const users = Object.entries(passwords).map(([name, password]) => ({
    name,
    password_hash: passwordHash(password),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: name === 'admin' ? ['administrator'] : [],
  }));
  const granted = Object.entries(permissions).map(([user, rights]) => ({ user, vhost: virtualHost, ...rights }));
  const definitions = { users, vhosts: [{ name: virtualHost }], permissions: granted };
  return `${JSON.stringify(definitions, null, 2)}\n`;
}

/** Whether the file lets these passwords in. @param {string} text @param {BrokerPasswords} passwords */
export function definitionsFit(text, passwords) {
  try {
    /** @type {{ users: { name: string, password_hash: string }[] }} */
    const { users } = JSON.parse(text);
    return Object.entries(passwords).every(([name, password]) => {
      const hash = Buffer.from(users.find((user) => user.name === name)?.password_hash ?? '', 'base64');
      const expected = Buffer.from(passwordHash(password, hash.subarray(0, 4)), 'base64');
      return hash.length === expected.length && timingSafeEqual(hash, expected);
    });
  } catch {
    return false;
  }
}

/** RabbitMQ's own format: salt and SHA-256, together in base64. @param {string} password */
function passwordHash(password, salt = randomBytes(4)) {
  const digest = createHash('sha256').update(salt).update(password).digest();
  return Buffer.concat([salt, digest]).toString('base64');
}
