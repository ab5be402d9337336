// An agent's environment, read once into settings that are known to be right. The only file of an agent that looks at process.env.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AgentIdentity } from '../core/contracts/identity.ts';
import { toIdentity } from '../core/contracts/identity.ts';
import { parseEnvironment } from '../core/environment.ts';
import { ChiffonError } from '../core/error.ts';

const text = z.string().trim().min(1);
const environmentSchema = z.object({
  CHIFFON_HOME: text.optional(),
  INIT_CWD: text.optional(),
  RABBITMQ_URL: text.regex(/^amqps?:\/\//, 'a URL that begins with amqp:// or amqps://').optional(),
  CHIFFON_AGENT_IDENTITY: text.optional(),
  CHIFFON_AGENT_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(1),
  CHIFFON_ANSIBLE_PLAYBOOK: text.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export const agentVariables = Object.keys(environmentSchema.shape);

export type AgentSettings = {
  readonly rabbitmqUrl: string;
  readonly identity: AgentIdentity;
  /** Absolute; everything that the agent writes lies below it. */
  readonly dataFolder: string;
  /** How many steps at once. */
  readonly concurrency: number;
  readonly ansiblePlaybook: string;
  readonly logLevel: string;
};

/** Throws BAD_SETTING, AGENT_IDENTITY. */
export function readAgentSettings(
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): AgentSettings {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const variables = parseEnvironment(environmentSchema, environment, { fileVariables: ['RABBITMQ_URL'], readFile });
  const startedIn = variables.INIT_CWD ?? cwd;
  const dataFolder = resolve(startedIn, variables.CHIFFON_HOME ?? '.chiffon');
  if (variables.RABBITMQ_URL === undefined)
    throw new ChiffonError(
      'BAD_SETTING',
      'RABBITMQ_URL is not set: an agent takes its commands from the broker, e.g. amqp://user:password@host:5672.',
    );
  const identityFile =
    variables.CHIFFON_AGENT_IDENTITY === undefined
      ? resolve(dataFolder, 'agent-identity.json')
      : resolve(startedIn, variables.CHIFFON_AGENT_IDENTITY);
  return {
    rabbitmqUrl: variables.RABBITMQ_URL,
    identity: readIdentity(identityFile),
    dataFolder,
    concurrency: variables.CHIFFON_AGENT_CONCURRENCY,
    ansiblePlaybook: variables.CHIFFON_ANSIBLE_PLAYBOOK ?? 'ansible-playbook',
    logLevel: variables.LOG_LEVEL,
  };
}

function readIdentity(path: string): AgentIdentity {
  try {
    return toIdentity(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new ChiffonError(
      'AGENT_IDENTITY',
      `The agent’s identity, ${path}, is missing or cannot be read. On the bot’s machine \`npm start -- agents enroll <name>\` makes one; bring it here and name it in CHIFFON_AGENT_IDENTITY.`,
      { cause: error },
    );
  }
}
