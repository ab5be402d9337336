// The environment, parsed once into values that are known to be right. The caller hands it in, and how files are read.
import type { z } from 'zod';
import { ChiffonError } from './error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `fileVariables` may each be given as `<NAME>_FILE` instead: a file that holds the value, such as a container's secret. Throws
 * BAD_SETTING, naming the variable. An empty variable counts as not set.
 */
export function parseEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
  options: {
    readonly fileVariables: readonly string[];
    /** Their files may be empty, which counts as not set: what they switch on is off. */
    readonly mayBeEmpty?: readonly string[];
    readonly readFile: (path: string) => string;
  },
): z.output<Schema> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && value.trim() !== '') set[name] = value;
  for (const name of options.fileVariables) {
    const path = set[`${name}_FILE`];
    if (path === undefined) continue;
    if (set[name] !== undefined)
      throw new ChiffonError('BAD_SETTING', `${name} and ${name}_FILE are both set; unset one of them.`);
    const value = readValue(name, path, options.readFile);
    if (value !== '' || options.mayBeEmpty?.includes(name) !== true) set[name] = value;
  }
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ChiffonError('BAD_SETTING', `${String(issue?.path[0])} is not right: ${issue?.message}.`, {
    cause: parsed.error,
  });
}

function readValue(name: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path).trim();
  } catch (error) {
    throw new ChiffonError('BAD_SETTING', `${name}_FILE names ${path}, which cannot be read.`, { cause: error });
  }
}
