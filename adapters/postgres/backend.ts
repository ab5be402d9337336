// What the store's queries stand on: drizzle over PGlite in a worker thread, or over a server. The queries are the same.
import type { SQL } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type { Store } from '../../core/ports/event-log.ts';

export type Database = PgDatabase<PgQueryResultHKT>;

export type Backend = {
  /** Both turn what the database throws into a ChiffonError. */
  readonly read: <T>(query: (database: Database) => Promise<T>) => Promise<T>;
  /** What it resolves with is durable, but for what is derived from the log (fence.ts). `bytes` is about how much it writes; small changes need not say. */
  readonly write: <T>(change: (database: Database) => Promise<T>, bytes?: number) => Promise<T>;
  /** Selected first in each transaction that appends: from here to its end no other append goes on. */
  readonly lockAppends: SQL;
  /** Selected last in it: other processes hear of `seq` when it commits. */
  readonly notice: (seq: number) => SQL;
  /** Called when it has committed. */
  readonly appended: (seq: number) => void;
};

/** The store's methods that ask the database. On PGlite they are called across the thread's boundary. */
export type StoreCalls = Omit<Store, 'lead' | 'subscribe' | 'close'>;

/** What PGlite's thread answers. Nobody else can lead while it has the files, so the locks lie with the main thread. */
export type ThreadCalls = StoreCalls & { readonly takeToken: (name: string) => Promise<number> };
