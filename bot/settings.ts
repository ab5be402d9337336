// The environment, read once into settings that are known to be right. The only file that looks at process.env.
import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseEnvironment } from '../core/environment.ts';
import { ChiffonError } from '../core/error.ts';

const text = z.string().trim().min(1);
/** Each of these may also be given as a file, by the variable of its name and `_FILE`. */
export const fileVariables = [
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'RABBITMQ_URL',
  'CHIFFON_SECRET_KEY',
  'DISCORD_TOKEN',
] as const;

export const environmentSchema = z.object({
  CHIFFON_HOME: text.optional(),
  INIT_CWD: text.optional(),
  INFRA_REPO: text.optional(),
  INFRA_BRANCH: text.regex(/^[\w./-]+$/, 'a branch name').optional(),
  POLICY_FILE: text.optional(),
  DATABASE_URL: text.regex(/^postgres(ql)?:\/\//, 'a URL that begins with postgres://').optional(),
  DATABASE_MIGRATION_URL: text.regex(/^postgres(ql)?:\/\//, 'a URL that begins with postgres://').optional(),
  RABBITMQ_URL: text.regex(/^amqps?:\/\//, 'a URL that begins with amqp:// or amqps://').optional(),
  DISCORD_TOKEN: text.regex(/^[\w.-]{20,200}$/, 'a bot’s token, as the developer portal shows it').optional(),
  DISCORD_GUILD_ID: text.regex(/^\d{15,22}$/, 'a server’s id: a number of about 18 digits').optional(),
  DISCORD_API_URL: text.regex(/^https?:\/\/\S+$/, 'a URL that begins with https://').optional(),
  CHIFFON_SIGNING_KEY: text.optional(),
  CHIFFON_TERMINAL: text.regex(/^[\w.@-]{1,60}$/, 'letters, digits, dots, dashes and @, 60 at most').optional(),
  CHIFFON_LEASE_SECONDS: z.coerce.number().int().min(5).max(3_600).default(60),
  CHIFFON_ANSIBLE_PLAYBOOK: text.optional(),
  CHIFFON_AUDIT_SIGNING_KEY: text.optional(),
  CHIFFON_SECRET_KEY: text.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Settings = {
  /** Where the program was started: relative paths in settings are meant from there. */
  readonly startedIn: string;
  /** Absolute; everything that Chiffon writes lies below it. */
  readonly dataFolder: string;
  /** A path or a Git URL; undefined means the sample homelab. */
  readonly infraRepo: string | undefined;
  readonly infraBranch: string | undefined;
  readonly policyFile: string;
  readonly databaseUrl: string | undefined;
  readonly databaseMigrationUrl: string | undefined;
  /** Given together with databaseUrl: the program is a bot among services, and agents are processes of their own. */
  readonly rabbitmqUrl: string | undefined;
  /** The Discord account that Chiffon speaks as; undefined where it is not in Discord. */
  readonly discord: DiscordSettings | undefined;
  /** Absolute; core's private key. */
  readonly signingKeyFile: string;
  /** What this terminal and its person go by. */
  readonly terminalName: string;
  readonly leaseMs: number;
  readonly ansiblePlaybook: string;
  readonly auditSigningKey: string | undefined;
  readonly secretKey: string | undefined;
  readonly logLevel: string;
};

export type DiscordSettings = {
  readonly token: string;
  /** Its commands are registered there alone; undefined: everywhere. */
  readonly guildId: string | undefined;
  /** Undefined: Discord's own. */
  readonly apiUrl: string | undefined;
};

/** Throws BAD_SETTING, naming the variable. An empty variable counts as not set. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const variables = parseEnvironment(environmentSchema, environment, {
    fileVariables,
    mayBeEmpty: ['DISCORD_TOKEN'],
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (variables.RABBITMQ_URL !== undefined && variables.DATABASE_URL === undefined)
    throw new ChiffonError(
      'BAD_SETTING',
      'RABBITMQ_URL is set and DATABASE_URL is not: agents on other machines need a PostgreSQL server that all bots share.',
    );
  if (variables.DISCORD_TOKEN === undefined && variables.DISCORD_GUILD_ID !== undefined)
    throw new ChiffonError('BAD_SETTING', 'DISCORD_GUILD_ID is set and DISCORD_TOKEN is not: nothing would use it.');
  const startedIn = variables.INIT_CWD ?? cwd;
  const dataFolder = resolve(startedIn, variables.CHIFFON_HOME ?? '.chiffon');
  return {
    startedIn,
    dataFolder,
    infraRepo: variables.INFRA_REPO,
    infraBranch: variables.INFRA_BRANCH,
    policyFile:
      variables.POLICY_FILE === undefined
        ? resolve(dataFolder, 'policy.yaml')
        : resolve(startedIn, variables.POLICY_FILE),
    databaseUrl: variables.DATABASE_URL,
    databaseMigrationUrl: variables.DATABASE_MIGRATION_URL,
    rabbitmqUrl: variables.RABBITMQ_URL,
    discord:
      variables.DISCORD_TOKEN === undefined
        ? undefined
        : {
            token: variables.DISCORD_TOKEN,
            guildId: variables.DISCORD_GUILD_ID,
            apiUrl: variables.DISCORD_API_URL,
          },
    signingKeyFile:
      variables.CHIFFON_SIGNING_KEY === undefined
        ? resolve(dataFolder, 'core-signing.key')
        : resolve(startedIn, variables.CHIFFON_SIGNING_KEY),
    terminalName: variables.CHIFFON_TERMINAL ?? (variables.RABBITMQ_URL === undefined ? 'local' : ownName()),
    leaseMs: variables.CHIFFON_LEASE_SECONDS * 1_000,
    ansiblePlaybook: variables.CHIFFON_ANSIBLE_PLAYBOOK ?? 'ansible-playbook',
    auditSigningKey:
      variables.CHIFFON_AUDIT_SIGNING_KEY === undefined
        ? undefined
        : resolve(startedIn, variables.CHIFFON_AUDIT_SIGNING_KEY),
    secretKey: variables.CHIFFON_SECRET_KEY,
    logLevel: variables.LOG_LEVEL,
  };
}

/** Whether people reach it by a chat platform: then it is a service, with no terminal unless one is asked for. */
export function hasPlatform({ discord }: Pick<Settings, 'discord'>): boolean {
  return discord !== undefined;
}

/** Several terminals on one database have to be told apart. */
function ownName(): string {
  return `${userInfo().username}@${hostname()}`.replace(/[^\w.@-]/g, '-').slice(0, 60);
}
