// The environment, read once into settings that are known to be right. The only file that looks at process.env.
import { resolve } from 'node:path';
import { z } from 'zod';
import { ChiffonError } from '../core/error.ts';

const text = z.string().trim().min(1);
const environmentSchema = z.object({
  CHIFFON_HOME: text.optional(),
  INIT_CWD: text.optional(),
  INFRA_REPO: text.optional(),
  INFRA_BRANCH: text.regex(/^[\w./-]+$/, 'a branch name').optional(),
  POLICY_FILE: text.optional(),
  DATABASE_URL: text.regex(/^postgres(ql)?:\/\//, 'a URL that begins with postgres://').optional(),
  DATABASE_MIGRATION_URL: text.regex(/^postgres(ql)?:\/\//, 'a URL that begins with postgres://').optional(),
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
  readonly ansiblePlaybook: string;
  readonly auditSigningKey: string | undefined;
  readonly secretKey: string | undefined;
  readonly logLevel: string;
};

/** Throws BAD_SETTING, naming the variable. An empty variable counts as not set. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, cwd: string): Settings {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ChiffonError('BAD_SETTING', `${String(issue?.path[0])} is not right: ${issue?.message}.`, {
      cause: parsed.error,
    });
  }
  const variables = parsed.data;
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
    ansiblePlaybook: variables.CHIFFON_ANSIBLE_PLAYBOOK ?? 'ansible-playbook',
    auditSigningKey:
      variables.CHIFFON_AUDIT_SIGNING_KEY === undefined
        ? undefined
        : resolve(startedIn, variables.CHIFFON_AUDIT_SIGNING_KEY),
    secretKey: variables.CHIFFON_SECRET_KEY,
    logLevel: variables.LOG_LEVEL,
  };
}
