// fake-indexeddb as far as it is used here, for its own types are a browser's.
import * as library from 'fake-indexeddb';
import { z } from 'zod';

export type Request<Result = unknown> = {
  readonly result: Result;
  readonly error: unknown;
  addEventListener: (type: 'success' | 'error', call: () => void) => void;
};
export type Transaction = {
  readonly db: { readonly name: string };
  objectStore: (name: string) => ObjectStore;
  addEventListener: (type: 'complete' | 'abort', call: () => void) => void;
  abort: () => void;
};
export type ObjectStore = {
  readonly name: string;
  readonly transaction: Transaction;
  readonly keyPath: unknown;
  readonly autoIncrement: boolean;
  readonly indexNames: Iterable<string>;
  index: (name: string) => Index;
  createIndex: (name: string, keyPath: string | readonly string[], how: object) => Index;
  put: (value: unknown, key?: unknown) => Request;
  add: (value: unknown, key?: unknown) => Request;
  get: (key: unknown) => Request;
  getAllKeys: () => Request;
  count: () => Request;
  delete: (key: unknown) => Request;
  clear: () => Request;
  openCursor: () => Request<Cursor | null>;
};
type Index = Readonly<Record<'keyPath' | 'unique' | 'multiEntry', unknown>> & {
  getAllKeys: (key: unknown) => Request;
};
export type Cursor = {
  readonly key: unknown;
  readonly primaryKey: unknown;
  readonly source: ObjectStore | { readonly objectStore: ObjectStore };
  update: (value: unknown) => Request;
  delete: () => Request;
  continue: () => void;
};
export type Database = {
  readonly name: string;
  readonly version: number;
  readonly objectStoreNames: Iterable<string>;
  createObjectStore: (name: string, how?: object) => ObjectStore;
  deleteObjectStore: (name: string) => void;
  transaction: (stores: readonly string[], mode?: 'readwrite') => Transaction;
  close: () => void;
};
export type OpenRequest = {
  readonly result: Database;
  readonly error: unknown;
  readonly transaction: Transaction;
  addEventListener: (type: 'upgradeneeded' | 'success' | 'error', call: () => void) => void;
};
type Class = { readonly prototype: object };

type Library = {
  readonly indexedDB: {
    open: (name: string, version: number) => OpenRequest;
    deleteDatabase: (name: string) => unknown;
  };
  readonly IDBFactory: Class;
  readonly IDBDatabase: Class;
  readonly IDBObjectStore: Class;
  readonly IDBCursor: Class;
  readonly IDBKeyRange: { bound: (from: unknown, to: unknown) => object; new (): object };
};

export const fake: Library = z.custom<Library>((value) => typeof value === 'object').parse(library);
/** `indexedDB` and all its classes, by the names that they have in a browser. */
export const globals: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries<unknown>(library).filter(([name]) => name === 'indexedDB' || name.startsWith('IDB')),
);

/** Of opening a database. */
export function opened(request: OpenRequest): Promise<Database> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(new Error('a database did not open', { cause: request.error })));
  });
}
