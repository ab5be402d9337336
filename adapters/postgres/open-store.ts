// Opens the store: PGlite in the data folder, or the server that DATABASE_URL names. The rest of the program sees no difference.
import type { Store } from '../../core/ports/event-log.ts';
import { withQuickDrizzle } from './quick-drizzle.ts';

export type StoreOptions = {
  /** A postgres:// URL; without it PGlite is used. */
  readonly databaseUrl?: string | undefined;
  /** The same database for the role that owns the tables, where the program's own role may not change them. */
  readonly databaseMigrationUrl?: string | undefined;
  /** 32 bytes in base64; without it a key is kept in the data folder. */
  readonly secretKey?: string | undefined;
  readonly dataFolder: string;
};

/** `notes` are sentences for people about what weakens the record, such as a role that could get around its triggers. */
export type OpenStore = Store & { readonly notes: readonly string[] };

/**
 * Throws BAD_SETTING, SCHEMA_MISMATCH; on PGlite DATA_FOLDER_IN_USE, DATA_FOLDER_UNUSABLE, DATA_FOLDER_DAMAGED, DISK_FULL;
 * on a server DATABASE_FAILED.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const { databaseUrl, databaseMigrationUrl, dataFolder, secretKey } = options;
  // Loaded when it is used: the one has pg in it, and the other no database library at all on this thread.
  if (databaseUrl !== undefined) {
    const { openServerStore } = await withQuickDrizzle(() => import('./server-store.ts'));
    return await openServerStore({ databaseUrl, databaseMigrationUrl, dataFolder, secretKey });
  }
  const { openEmbeddedStore } = await import('./embedded-store.ts');
  return { ...(await openEmbeddedStore({ dataFolder, secretKey })), notes: [] };
}
