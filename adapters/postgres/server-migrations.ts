// Migrations on a server: by one process at a time, under the role that owns the tables, which then grants the program's own
// role what it needs and no more.
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { ChiffonError } from '../../core/error.ts';
import type { Database } from './backend.ts';
import { databaseFault, sqlState, withoutValues } from './database-fault.ts';
import { isCurrent, migrationConfig } from './migrations.ts';
import type { Server } from './server-pool.ts';

const migrationLock = 4_243_000_002;
const insufficientPrivilege = '42501';

/** Throws SCHEMA_MISMATCH when the role may not. */
export async function bringUpToDate(database: Database, owner: Server): Promise<void> {
  if (await isCurrent(database, owner.place.name).catch(unlessNotAllowed)) return;
  const client = new pg.Client({ ...owner.config, statement_timeout: 0, query_timeout: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const asOwner = drizzle(client);
    if (!(await isCurrent(asOwner, owner.place.name))) await migrate(asOwner, migrationConfig);
    await grantTo(await roleOf(database), asOwner);
  } catch (error) {
    if (sqlState(error) !== insufficientPrivilege) throw databaseFault(error, owner.place);
    throw new ChiffonError(
      'SCHEMA_MISMATCH',
      `The tables in ${owner.place.name} are not up to date, and this role may not change them. Set DATABASE_MIGRATION_URL to the role that owns them.`,
      { cause: withoutValues(error) },
    );
  } finally {
    await client.end();
  }
}

const grants = [
  sql`USAGE ON SCHEMA drizzle`,
  sql`SELECT ON drizzle.__drizzle_migrations`,
  sql`SELECT, INSERT ON event, output, once`,
  sql`SELECT, INSERT, UPDATE ON checkpoint, delivery, leadership, task`,
  sql`SELECT, INSERT, UPDATE, DELETE ON secret`,
];

async function grantTo(role: string, asOwner: Database): Promise<void> {
  if (role === (await roleOf(asOwner))) return;
  await asOwner.transaction(async (transaction) => {
    for (const grant of grants) await transaction.execute(sql`GRANT ${grant} TO ${sql.identifier(role)}`);
  });
}

async function roleOf(database: Database): Promise<string> {
  const [row] = await database.select({ role: sql<string>`current_user` }).from(sql`(select) as nothing`);
  return row?.role ?? '';
}

/** A role that may not read drizzle's own table cannot tell whether the tables are current; the owner can. */
function unlessNotAllowed(error: unknown): false {
  if (sqlState(error) === insufficientPrivilege) return false;
  throw error;
}
