// What `doctor` says about DATABASE_URL. It changes nothing: a start brings the tables up to date.
import { drizzle } from 'drizzle-orm/node-postgres';
import { ChiffonError } from '../../core/error.ts';
import { databaseFault } from './database-fault.ts';
import { isCurrent } from './migrations.ts';
import { notesOn } from './server-notes.ts';
import { openPool, parseServer } from './server-pool.ts';

export type DatabaseCheck =
  /** `notes`: what weakens the record. */
  | { readonly type: 'ready'; readonly sentence: string; readonly notes: readonly string[] }
  | { readonly type: 'not-made'; readonly sentence: string }
  | { readonly type: 'failed'; readonly sentence: string };

/** Never throws. */
export async function checkDatabase(setting: string, url: string): Promise<DatabaseCheck> {
  try {
    const server = parseServer(setting, url);
    const pool = openPool(server);
    try {
      const database = drizzle(pool);
      const current = await isCurrent(database, server.place.name).catch((error: unknown) => {
        throw databaseFault(error, server.place);
      });
      if (!current)
        return {
          type: 'not-made',
          sentence: `${capital(server.place.name)} answers; its tables are not there or not up to date, and the next start of the bot makes them so.`,
        };
      return { type: 'ready', sentence: `${capital(server.place.name)} answers.`, notes: await notesOn(database) };
    } finally {
      await pool.end();
    }
  } catch (error) {
    const sentence = error instanceof ChiffonError ? error.message : 'The database could not be asked.';
    return { type: 'failed', sentence };
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
