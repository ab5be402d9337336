// Notes what changes in an IndexedDB of fake-indexeddb: by the methods of the standard's interfaces, each of which calls what was
// there. What a transaction changed is told when it has committed. A kind of change that is not noted is refused, for let through it
// would be lost without a word.
import { serialize } from 'node:v8';
import { z } from 'zod';
import type { Cursor, Database, ObjectStore, OpenRequest, Request, Transaction } from './fake-indexeddb.ts';
import { fake, globals } from './fake-indexeddb.ts';

export type Change =
  | { readonly type: 'put'; readonly store: string; readonly key: string; readonly value: string }
  | { readonly type: 'delete'; readonly store: string; readonly key: string }
  | { readonly type: 'clear'; readonly store: string };

export type Listener = {
  /** `upgraded`: its stores were made or changed just now. */
  readonly opened: (database: Database, upgraded: boolean) => void;
  readonly committed: (database: string, changes: readonly Change[]) => void;
  /** A transaction changes something: resolves when it has ended. */
  readonly began: (ended: Promise<void>) => void;
};

/** Asked after the commit, when a request has its result. */
type Note = () => Change | null;
type Key = string | number | readonly Key[];

const keySchema: z.ZodType<Key> = z.lazy(() => z.union([z.string(), z.number(), z.array(keySchema)]));
const listeners = new Map<string, Listener>();
const journals = new WeakMap<Transaction, Note[]>();
const upgrades = new WeakMap<object, Transaction>();
let patched = false;

/** Of the databases whose names begin so. Puts `indexedDB` and its classes on the global object. @returns how to hear no more */
export function hearChanges(prefix: string, listener: Listener): () => void {
  if (!patched) patch();
  patched = true;
  listeners.set(prefix, listener);
  return () => void listeners.delete(prefix);
}

function listenerOf(database: string): Listener | undefined {
  return [...listeners].find(([prefix]) => database.startsWith(prefix))?.[1];
}

function note(transaction: Transaction, noted: Note): void {
  const { name } = transaction.db;
  const listener = listenerOf(name);
  if (listener === undefined) return;
  const journal = journals.get(transaction) ?? [];
  journal.push(noted);
  if (journals.has(transaction)) return;
  journals.set(transaction, journal);
  const ended = Promise.withResolvers<void>();
  transaction.addEventListener('complete', () => {
    listener.committed(
      name,
      journal.flatMap((each) => each() ?? []),
    );
    ended.resolve();
  });
  transaction.addEventListener('abort', ended.resolve);
  listener.began(ended.promise);
}

const textOf = (key: unknown): string => JSON.stringify(keySchema.parse(key));
/** As it is now: the caller may change it afterwards. */
const copyOf = (value: unknown): string => serialize(value).toString('base64');
/** Null by the standard, undefined in fake-indexeddb. */
const succeeded = ({ error }: Request): boolean => (error ?? null) === null;
const storeOf = ({ source }: Cursor): ObjectStore => ('objectStore' in source ? source.objectStore : source);

function patch(): void {
  Object.assign(globalThis, globals);
  const { IDBFactory, IDBDatabase, IDBObjectStore, IDBCursor, IDBKeyRange } = fake;

  for (const method of ['put', 'add'])
    replace<ObjectStore, Request>(IDBObjectStore.prototype, method, (original, store, value, ...rest) => {
      const copy = copyOf(value);
      const request = original(store, value, ...rest);
      note(store.transaction, () =>
        succeeded(request) ? { type: 'put', store: store.name, key: textOf(request.result), value: copy } : null,
      );
      return request;
    });
  replace<ObjectStore, Request>(IDBObjectStore.prototype, 'delete', (original, store, key) => {
    if (key instanceof IDBKeyRange) throw new TypeError('Deleting a range of keys is not noted.');
    const text = textOf(key);
    note(store.transaction, () => ({ type: 'delete', store: store.name, key: text }));
    return original(store, key);
  });
  replace<ObjectStore, Request>(IDBObjectStore.prototype, 'clear', (original, store) => {
    note(store.transaction, () => ({ type: 'clear', store: store.name }));
    return original(store);
  });
  replace<Cursor, Request>(IDBCursor.prototype, 'update', (original, cursor, value) => {
    const { name, transaction } = storeOf(cursor);
    const [key, copy] = [textOf(cursor.primaryKey), copyOf(value)];
    const request = original(cursor, value);
    note(transaction, () => (succeeded(request) ? { type: 'put', store: name, key, value: copy } : null));
    return request;
  });
  replace<Cursor, Request>(IDBCursor.prototype, 'delete', (original, cursor) => {
    const { name, transaction } = storeOf(cursor);
    const key = textOf(cursor.primaryKey);
    note(transaction, () => ({ type: 'delete', store: name, key }));
    return original(cursor);
  });
  replace<object, OpenRequest>(IDBFactory.prototype, 'open', (original, factory, ...how) => {
    const request = original(factory, ...how);
    let upgraded = false;
    request.addEventListener('upgradeneeded', () => {
      upgraded = true;
      upgrades.set(request.result, request.transaction);
    });
    request.addEventListener('success', () => {
      listenerOf(request.result.name)?.opened(request.result, upgraded);
    });
    return request;
  });
  replace<object, unknown>(IDBDatabase.prototype, 'deleteObjectStore', (original, database, store) => {
    const transaction = upgrades.get(database);
    if (transaction !== undefined) note(transaction, () => ({ type: 'clear', store: String(store) }));
    return original(database, store);
  });
}

function replace<Self, Result>(
  prototype: object,
  method: string,
  changed: (original: (self: Self, ...given: readonly unknown[]) => Result, self: Self, ...given: unknown[]) => Result,
): void {
  const before = z
    .custom<(this: Self, ...given: readonly unknown[]) => Result>((value) => typeof value === 'function')
    .parse(Reflect.get(prototype, method));
  Reflect.set(prototype, method, function (this: Self, ...given: unknown[]) {
    return changed(
      (self, ...args): Result => Reflect.apply<Self, readonly unknown[], Result>(before, self, args),
      this,
      ...given,
    );
  });
}
