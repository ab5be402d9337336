// Brings the tables to what this version needs: the same files on PGlite and on a server. Asks first whether there is
// anything to do, for that is quick.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { MigrationConfig } from 'drizzle-orm/migrator';
import { bigint, pgSchema } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { ChiffonError } from '../../core/error.ts';
import type { Database } from './backend.ts';
import { sqlState } from './database-fault.ts';

const migrationsFolder = join(import.meta.dirname, '../../drizzle');
/** What drizzle's migrators are to be given. */
export const migrationConfig: MigrationConfig = { migrationsFolder };

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })) });
const applied = pgSchema('drizzle').table('__drizzle_migrations', {
  createdAt: bigint('created_at', { mode: 'number' }),
});

/** Throws SCHEMA_MISMATCH when a newer version made the tables. */
export async function isCurrent(database: Database, databaseName: string): Promise<boolean> {
  const newest = newestMigration();
  const there = await newestApplied(database);
  if (there > newest)
    throw new ChiffonError(
      'SCHEMA_MISMATCH',
      `The tables in ${databaseName} were made by a newer version of Chiffon. Use a version at least as new.`,
    );
  return there === newest;
}

function newestMigration(): number {
  const journal = journalSchema.parse(JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')));
  return Math.max(0, ...journal.entries.map((entry) => entry.when));
}

async function newestApplied(database: Database): Promise<number> {
  try {
    const [row] = await database.select({ newest: sql`max(${applied.createdAt})`.mapWith(Number) }).from(applied);
    return row?.newest ?? 0;
  } catch (error) {
    const missing = ['42P01', '3F000'];
    if (missing.includes(sqlState(error) ?? '')) return 0;
    throw error;
  }
}
