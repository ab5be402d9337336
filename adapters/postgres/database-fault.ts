// What the database and the disk throw, as a ChiffonError with one sentence for people. No values and no password get into
// it or into its cause: drizzle's and PGlite's own errors repeat the query with its values.
import type { ErrorName } from '../../core/error.ts';
import { ChiffonError } from '../../core/error.ts';

/** How a sentence names the database: `the data folder /srv/chiffon`, `the database chiffon at db.lan:5432`. */
export type Place = { readonly name: string; readonly server: boolean };

export function databaseFault(error: unknown, place: Place): ChiffonError {
  if (error instanceof ChiffonError) return error;
  const state = sqlState(error) ?? systemCode(error) ?? '';
  const [kind, message] = sentence(state, place);
  return new ChiffonError(kind, message, { cause: withoutValues(error) });
}

/** For when PostgreSQL in the process ends itself; `words` are the last lines it said. */
export function panicFault(words: string, { name }: Place): ChiffonError {
  const cause = new Error(words);
  if (isDiskFull(words))
    return new ChiffonError(
      'DISK_FULL',
      `The disk under ${name} is full. What was acknowledged is kept; free some space there.`,
      { cause },
    );
  return new ChiffonError(
    'DATABASE_FAILED',
    `The database in ${name} stopped itself. What was acknowledged is kept, and it starts again when it is asked next; the log has the details.`,
    { cause },
  );
}

export function isDiskFull(words: string): boolean {
  return words.includes('No space left on device') || words.includes('Disk quota exceeded');
}

/** PostgreSQL's five-character code, at whatever depth the drivers hide it. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(driverError(error));
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The operating system's code, such as ENOSPC. */
export function systemCode(error: unknown): string | undefined {
  return codeOf(driverError(error));
}

/** The error as it may be logged. */
export function withoutValues(error: unknown): Error {
  const inner = driverError(error);
  if (!(inner instanceof Error)) return new Error(String(inner));
  const code = codeOf(inner);
  const safe = new Error(code === undefined ? inner.message : `${inner.message} (${code})`);
  if (inner.stack !== undefined) safe.stack = inner.stack;
  return safe;
}

function sentence(state: string, { name, server }: Place): readonly [ErrorName, string] {
  if (['53100', 'ENOSPC', 'EDQUOT'].includes(state))
    return ['DISK_FULL', `The disk under ${name} is full; nothing was written. Free some space there.`];
  if (state.startsWith('XX'))
    return server
      ? ['DATABASE_FAILED', `${capital(name)} reports that its files are damaged. Look at the server’s log.`]
      : ['DATA_FOLDER_DAMAGED', `${capital(name)} is damaged and cannot be read. Restore it from a backup.`];
  if (state === '58030' || state === 'EIO')
    return [
      'DATABASE_FAILED',
      `The disk under ${name} fails. Nothing was written; look at the disk before trying again.`,
    ];
  if (state === '28P01' || state === '28000')
    return ['DATABASE_FAILED', `${capital(name)} refuses the user or password of DATABASE_URL.`];
  if (state === '3D000')
    return ['DATABASE_FAILED', `${capital(name)} does not exist. Create it, or mend DATABASE_URL.`];
  if (state === '42501')
    return [
      'DATABASE_FAILED',
      `${capital(name)} does not let this role do that. docs/database.md says what the role needs.`,
    ];
  if (state === '53300') return ['DATABASE_FAILED', `${capital(name)} takes no more connections.`];
  if (state === '57014' || state === '55P03')
    return ['DATABASE_FAILED', `${capital(name)} took too long to answer. Try again.`];
  if (isAway(state))
    return [
      'DATABASE_FAILED',
      `${capital(name)} cannot be reached (${state}). Check DATABASE_URL and that the server runs.`,
    ];
  return ['DATABASE_FAILED', `${capital(name)} failed${state === '' ? '' : ` (${state})`}. The log has the details.`];
}

function isAway(state: string): boolean {
  return state.startsWith('08') || /^57P0[1-4]$/.test(state) || /^E[A-Z]{4,}/.test(state);
}

function driverError(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined && codeOf(inner) === undefined) inner = inner.cause;
  return inner;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
