// Fencing: each leadership has a token higher than the one before, and a write that shows an older one is refused. So an old
// leader that slept through the takeover changes nothing, whatever it believes.
import type { SQL } from 'drizzle-orm';
import { inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import { ChiffonError } from '../../core/error.ts';
import type { Fence } from '../../core/ports/event-log.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { leadership } from '../../drizzle/schema.ts';
import type { Database } from './backend.ts';

/** What both drivers give. */
const resultSchema = z.looseObject({ rows: z.array(z.unknown()) });

/** To be called by who holds the lock for `name`. Waits for the writes of the leader before, which it ends. */
export async function takeToken(database: Database, name: string): Promise<number> {
  const [row] = await database
    .insert(leadership)
    .values({ name, token: 1 })
    .onConflictDoUpdate({ target: leadership.name, set: { token: sql`${leadership.token} + 1` } })
    .returning({ token: leadership.token });
  if (row === undefined) throw new ChiffonError('INTERNAL', `No fencing token was given for ${name}.`);
  return row.token;
}

/**
 * Which of these fences stand. The rows stay locked until the transaction ends: the next leader gets its token after what is
 * written here has been committed, so it never reads a log to which the old leader is still adding.
 */
export async function standing(transaction: Database, fences: readonly Fence[]): Promise<(fence: Fence) => boolean> {
  const names = [...new Set(fences.map(({ name }) => name))].toSorted();
  if (names.length === 0) return () => false;
  const rows = await transaction.select().from(leadership).where(inArray(leadership.name, names)).for('share');
  const tokens = new Map(rows.map(({ name, token }) => [name, token]));
  return ({ name, token }) => tokens.get(name) === token;
}

/**
 * One statement that changes rows for as long as the fence stands, which holds the leadership's row as `standing` does. `change`
 * is told what to select from: one row, or none. Throws FENCED.
 */
export async function fencedChange(
  database: Database,
  fence: Fence | undefined,
  change: (allowed: SQL) => SQL,
  { derived = false }: { readonly derived?: boolean } = {},
): Promise<void> {
  const quick = derived ? sql`select set_config('synchronous_commit', 'off', true)` : sql`select ''`;
  const stands =
    fence === undefined
      ? sql`select from quick`
      : sql`select from ${leadership}, quick where name = ${toColumn(fence.name)} and token = ${fence.token} for share of ${leadership}`;
  const changed = await database.execute(
    sql`with quick as materialized (${quick}), allowed as materialized (${stands}) ${change(sql`allowed`)} returning 1`,
  );
  if (fence !== undefined && resultSchema.parse(changed).rows.length === 0) throw fencedFault(fence);
}

export function fencedFault({ name, token }: Fence): ChiffonError {
  return new ChiffonError('FENCED', `Another bot has taken over ${name} (this one led it as number ${token}).`);
}
