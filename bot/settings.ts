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
  'MATRIX_ACCESS_TOKEN',
  'MATRIX_PASSWORD',
] as const;

const listOf = (item: RegExp, what: string) =>
  z
    .string()
    .default('')
    .transform((value) => value.split(/[\s,]+/).filter((part) => part !== ''))
    .refine((parts) => parts.every((part) => item.test(part)), what);

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
  MATRIX_HOMESERVER_URL: text.regex(/^https?:\/\/[^\s/]+\S*$/, 'a URL such as https://matrix.example.org').optional(),
  MATRIX_ACCESS_TOKEN: text.regex(/^[!-~]{8,1000}$/, 'an access token: letters and digits without spaces').optional(),
  MATRIX_USER: text
    .regex(/^(@[!-9;-~]+:[\w.:[\]-]+|[\w.=/+-]+)$/, 'a user id, such as @chiffon:example.org')
    .optional(),
  MATRIX_PASSWORD: text.optional(),
  MATRIX_ROOMS: listOf(
    /^(![^\s,]+|#[^\s,]+:[\w.:[\]-]+)$/,
    'room ids (!…) or aliases (#…:server), with commas between',
  ),
  MATRIX_INVITES_FROM: listOf(
    /^(@[^\s,:]+:[\w.:*[\]-]+|[\w.:*[\]-]+)$/,
    'user ids (@ada:example.org) and servers (example.org, *.example.org), with commas between',
  ),
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
  /** The Matrix account that Chiffon speaks as; undefined where it is not on Matrix. */
  readonly matrix: MatrixSettings | undefined;
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

export type MatrixSettings = {
  readonly homeserverUrl: string;
  /** Either this, or `user` and `password`. */
  readonly accessToken: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Empty: every room that it was invited to. */
  readonly rooms: readonly string[];
  readonly invitesFrom: readonly string[];
};

/** Throws BAD_SETTING, naming the variable. An empty variable counts as not set. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const variables = parseEnvironment(environmentSchema, environment, {
    fileVariables,
    mayBeEmpty: ['DISCORD_TOKEN', 'MATRIX_ACCESS_TOKEN', 'MATRIX_PASSWORD'],
    readFile: (path) => readFileSync(path, 'utf8'),
  });
  if (variables.RABBITMQ_URL !== undefined && variables.DATABASE_URL === undefined)
    throw new ChiffonError(
      'BAD_SETTING',
      'RABBITMQ_URL is set and DATABASE_URL is not: agents on other machines need a PostgreSQL server that all bots share.',
    );
  if (variables.DISCORD_TOKEN === undefined && variables.DISCORD_GUILD_ID !== undefined)
    throw new ChiffonError('BAD_SETTING', 'DISCORD_GUILD_ID is set and DISCORD_TOKEN is not: nothing would use it.');
  const matrix = matrixSettings(variables);
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
    matrix,
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
export function hasPlatform({ discord, matrix }: Pick<Settings, 'discord' | 'matrix'>): boolean {
  return discord !== undefined || matrix !== undefined;
}

function matrixSettings(variables: z.output<typeof environmentSchema>): MatrixSettings | undefined {
  const no = (sentence: string) => new ChiffonError('BAD_SETTING', sentence);
  const {
    MATRIX_HOMESERVER_URL: url,
    MATRIX_ACCESS_TOKEN: accessToken,
    MATRIX_USER: user,
    MATRIX_PASSWORD: password,
    MATRIX_ROOMS: rooms,
    MATRIX_INVITES_FROM: invitesFrom,
  } = variables;
  if (url === undefined) {
    const set = Object.entries({ MATRIX_ACCESS_TOKEN: accessToken, MATRIX_USER: user, MATRIX_PASSWORD: password });
    const [name] = set.find(([, value]) => value !== undefined) ?? [];
    if (name !== undefined) throw no(`${name} is set and MATRIX_HOMESERVER_URL is not: nothing would use it.`);
    return undefined;
  }
  if (accessToken !== undefined && password !== undefined)
    throw no('MATRIX_ACCESS_TOKEN and MATRIX_PASSWORD are both set; unset one of them.');
  if (accessToken === undefined && (user === undefined || password === undefined))
    throw no('MATRIX_HOMESERVER_URL needs a login: MATRIX_ACCESS_TOKEN, or MATRIX_USER and MATRIX_PASSWORD.');
  return { homeserverUrl: url.replace(/\/+$/, ''), accessToken, user, password, rooms, invitesFrom };
}

/** Several terminals on one database have to be told apart. */
function ownName(): string {
  return `${userInfo().username}@${hostname()}`.replace(/[^\w.@-]/g, '-').slice(0, 60);
}
