// The IndexedDB that the encryption library keeps its keys in, for Node has none: in memory, and made durable by whoever opens it.
// The memory may run ahead of what is durable; nothing may leave the program before `saved`.
import { deserialize } from 'node:v8';
import { z } from 'zod';
import { makeQueue } from '../../../core/queue.ts';
import type { Database } from './fake-indexeddb.ts';
import { fake, opened as openedDatabase } from './fake-indexeddb.ts';
import type { Change } from './noted-changes.ts';
import { hearChanges } from './noted-changes.ts';

export type IndexedDb = {
  /** The names of its databases have to begin so. */
  readonly name: string;
  /** Resolves when all that was committed so far is durable. What could not be saved is saved the next time. */
  readonly saved: () => Promise<void>;
  /** Its databases are closed, and their memory is freed. */
  readonly close: () => void;
};

const namesSchema = z.union([z.string(), z.array(z.string())]);
const schemaSchema = z.object({
  version: z.number(),
  stores: z.array(
    z.object({
      ...{ name: z.string(), keyPath: namesSchema.nullable(), autoIncrement: z.boolean() },
      indexes: z.array(
        z.object({ name: z.string(), keyPath: namesSchema, unique: z.boolean(), multiEntry: z.boolean() }),
      ),
    }),
  ),
});
type Schema = z.infer<typeof schemaSchema>;

let opened = 0;

/**
 * @param rows what `save` was given in all lives before; null takes a row away
 * @param save all of it or nothing
 */
export async function openIndexedDb(
  rows: ReadonlyMap<string, string>,
  save: (changes: ReadonlyMap<string, string | null>) => Promise<void>,
): Promise<IndexedDb> {
  opened += 1;
  // Another life in the same process must not find what is in this one's memory.
  const name = `chiffon-${opened}:`;
  const keys = new Set(rows.keys());
  const connections = new Set<Database>();
  const open = new Set<Promise<void>>();
  const inTurn = makeQueue();
  let unsaved = new Map<string, string | null>();

  function set(row: string, value: string | null): void {
    unsaved.set(row, value);
    if (value === null) keys.delete(row);
    else keys.add(row);
  }

  function apply(database: string, change: Change): void {
    const store = storeRows(database, change.store);
    if (change.type === 'put') set(`${store}${change.key}`, change.value);
    else if (change.type === 'delete') set(`${store}${change.key}`, null);
    else for (const row of [...keys]) if (row.startsWith(store)) set(row, null);
  }

  for (const [row, text] of rows) {
    if (!row.startsWith(schemaRow(''))) continue;
    const database = row.slice(schemaRow('').length);
    await restore(`${name}${database}`, database, schemaSchema.parse(JSON.parse(text)), rows);
  }
  const hearNoMore = hearChanges(name, {
    committed: (database, changes) => {
      for (const change of changes) apply(database.slice(name.length), change);
    },
    opened: (database, upgraded) => {
      connections.add(database);
      if (upgraded) set(schemaRow(database.name.slice(name.length)), JSON.stringify(schemaOf(database)));
    },
    began: (ended) => {
      open.add(ended);
      void ended.then(() => open.delete(ended));
    },
  });

  return {
    name,
    saved: () =>
      inTurn(async () => {
        while (open.size > 0) await Promise.all(open);
        if (unsaved.size === 0) return;
        const changes = unsaved;
        unsaved = new Map();
        try {
          await save(changes);
        } catch (error) {
          unsaved = new Map([...changes, ...unsaved]);
          throw error;
        }
      }),
    close: () => {
      hearNoMore();
      // The library leaves them open where it still holds on to something, and one that is open would be waited for for ever.
      for (const connection of connections) connection.close();
      for (const connection of connections) fake.indexedDB.deleteDatabase(connection.name);
    },
  };
}

/** The library puts no spaces into the names of databases and stores. */
const storeRows = (database: string, store: string): string => `${database} ${store} `;
const schemaRow = (database: string): string => `schema ${database}`;

function schemaOf(database: Database): Schema {
  const names = [...database.objectStoreNames];
  const open = names.length === 0 ? null : database.transaction(names);
  return schemaSchema.parse({
    version: database.version,
    stores: names.map((name) => {
      const store = open?.objectStore(name);
      const indexes = [...(store?.indexNames ?? [])].map((index) => {
        const made = store?.index(index);
        return { name: index, keyPath: made?.keyPath, unique: made?.unique, multiEntry: made?.multiEntry };
      });
      return { name, keyPath: store?.keyPath, autoIncrement: store?.autoIncrement, indexes };
    }),
  });
}

async function restore(
  name: string,
  database: string,
  schema: Schema,
  rows: ReadonlyMap<string, string>,
): Promise<void> {
  const request = fake.indexedDB.open(name, schema.version);
  request.addEventListener('upgradeneeded', () => {
    for (const { name: storeName, keyPath, autoIncrement, indexes } of schema.stores) {
      const store = request.result.createObjectStore(storeName, { keyPath, autoIncrement });
      for (const index of indexes) store.createIndex(index.name, index.keyPath, index);
      const from = storeRows(database, storeName);
      for (const [row, value] of rows) {
        if (!row.startsWith(from)) continue;
        const record: unknown = deserialize(Buffer.from(value, 'base64'));
        if (keyPath === null) store.put(record, JSON.parse(row.slice(from.length)));
        else store.put(record);
      }
    }
  });
  (await openedDatabase(request)).close();
}
