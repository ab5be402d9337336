// The store on a PostgreSQL server, for several bots at once.
import { sql } from 'drizzle-orm';
import { ChiffonError } from '../../core/error.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { makeAnnouncer } from './announcer.ts';
import type { Backend, Database } from './backend.ts';
import { databaseFault } from './database-fault.ts';
import { makePooledDatabase } from './pooled-database.ts';
import { makeSecretBox } from './secret-box.ts';
import { secretKey } from './secret-key.ts';
import { makeServerElection } from './server-election.ts';
import { appendChannel, listenForAppends } from './server-listener.ts';
import { bringUpToDate } from './server-migrations.ts';
import { notesOn } from './server-notes.ts';
import { openPool, parseServer } from './server-pool.ts';
import { makeStoreCalls } from './store-calls.ts';

/** Any number; it has to be the same in every Chiffon on one database. */
export const appendLock = 4_243_000_001;

export async function openServerStore(options: {
  readonly databaseUrl: string;
  readonly databaseMigrationUrl: string | undefined;
  readonly secretKey: string | undefined;
  readonly dataFolder: string;
}): Promise<Store & { readonly notes: readonly string[] }> {
  const key = secretKey(options.secretKey, options.dataFolder);
  const server = parseServer('DATABASE_URL', options.databaseUrl);
  const pool = openPool(server);
  const database = makePooledDatabase(pool);
  const announcer = makeAnnouncer();
  let closing: Promise<void> | undefined;
  const guarded = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    if (closing !== undefined) throw new ChiffonError('INTERNAL', 'The store is closed.');
    try {
      return await work(database);
    } catch (error) {
      throw databaseFault(error, server.place);
    }
  };
  const backend: Backend = {
    read: guarded,
    write: guarded,
    lockAppends: sql`pg_advisory_xact_lock(${appendLock})`,
    notice: (seq) => sql`pg_notify(${appendChannel}, ${String(seq)})`,
    appended: announcer.announce,
  };
  const calls = makeStoreCalls(backend, makeSecretBox(key));
  const listening = listenForAppends({ server, head: calls.head, announce: announcer.announce });
  const election = makeServerElection(server);
  const close = async () => {
    announcer.close();
    await election.close();
    await listening.stop();
    await pool.end();
  };
  try {
    const migrationServer =
      options.databaseMigrationUrl === undefined
        ? server
        : parseServer('DATABASE_MIGRATION_URL', options.databaseMigrationUrl);
    await guarded((open) => bringUpToDate(open, migrationServer));
    const notes = await guarded(notesOn);
    return {
      ...calls,
      lead: (name, signal) => election.lead(name, signal),
      notes,
      subscribe: (listener) => {
        listening.start();
        return announcer.subscribe(listener);
      },
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
