import { expect, it } from 'vitest';
import type { Request } from './fake-indexeddb.ts';
import { fake, opened } from './fake-indexeddb.ts';
import type { IndexedDb } from './indexed-db.ts';
import { openIndexedDb } from './indexed-db.ts';

/** What was saved, and a switch that makes saving fail. */
function makeDisk() {
  const rows = new Map<string, string>();
  const disk = {
    ...{ rows, broken: false, saves: 0 },
    open: (): Promise<IndexedDb> =>
      openIndexedDb(rows, async (changes) => {
        if (disk.broken) throw new Error('the disk is full');
        disk.saves += 1;
        for (const [row, value] of changes)
          if (value === null) rows.delete(row);
          else rows.set(row, value);
      }),
  };
  return disk;
}

function done<Result>(request: Request<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(new Error('refused', { cause: request.error })));
  });
}

async function openKeys(db: IndexedDb) {
  const request = fake.indexedDB.open(`${db.name}keys`, 1);
  request.addEventListener('upgradeneeded', () => {
    request.result.createObjectStore('plain');
    request.result.createObjectStore('found', { keyPath: 'id' }).createIndex('by-room', 'room', { unique: false });
    request.transaction.objectStore('found').put({ id: 'made with it', room: 0 });
  });
  return opened(request);
}

it('what is put, added, changed by a cursor, deleted and cleared is there in the next life, with its indexes', async () => {
  const disk = makeDisk();
  const first = await disk.open();
  const database = await openKeys(first);
  const write = database.transaction(['plain', 'found'], 'readwrite');
  const plain = write.objectStore('plain');
  const value = { bytes: new Uint8Array([1, 2]), nothing: undefined, list: [1, 'two'] };
  plain.put(value, ['a', 1]);
  value.list.push('said later');
  for (const key of ['gone', 'gone by cursor', 'changed']) plain.add('before', key);
  plain.delete('gone');
  const found = write.objectStore('found');
  found.add({ id: 'x', room: 7 });
  found.add({ id: 'y', room: 7 });
  const cursor = plain.openCursor();
  cursor.addEventListener('success', () => {
    if (cursor.result?.key === 'gone by cursor') cursor.result.delete();
    if (cursor.result?.key === 'changed') cursor.result.update('after');
    cursor.result?.continue();
  });
  await first.saved();
  database.close();
  first.close();

  const second = await disk.open();
  const again = await openKeys(second);
  const read = again.transaction(['plain', 'found'], 'readwrite');
  expect(await done(read.objectStore('plain').getAllKeys())).toEqual(['changed', ['a', 1]]);
  expect(await done(read.objectStore('plain').get('changed'))).toBe('after');
  expect(await done(read.objectStore('plain').get(['a', 1]))).toEqual({ ...value, list: [1, 'two'] });
  expect(await done(read.objectStore('found').index('by-room').getAllKeys(7))).toEqual(['x', 'y']);
  expect(await done(read.objectStore('found').count())).toBe(3);
  read.objectStore('found').clear();
  await second.saved();
  expect([...disk.rows.keys()].filter((row) => row.includes(' found '))).toEqual([]);
});

it('a change of a transaction that was given up is not saved', async () => {
  const disk = makeDisk();
  const db = await disk.open();
  const database = await openKeys(db);
  await db.saved();
  const before = new Map(disk.rows);
  const write = database.transaction(['plain'], 'readwrite');
  write.objectStore('plain').put('never', 'key');
  write.abort();
  await db.saved();
  expect(disk.rows).toEqual(before);
});

it('a store that an upgrade removes takes its rows along', async () => {
  const disk = makeDisk();
  const db = await disk.open();
  (await openKeys(db)).close();
  const request = fake.indexedDB.open(`${db.name}keys`, 2);
  request.addEventListener('upgradeneeded', () => request.result.deleteObjectStore('found'));
  await opened(request);
  await db.saved();
  expect([...disk.rows.keys()]).toEqual(['schema keys']);
  expect(disk.rows.get('schema keys')).toContain('"version":2');
});

it('what could not be saved is saved with what comes later, together', async () => {
  const disk = makeDisk();
  const db = await disk.open();
  const database = await openKeys(db);
  await db.saved();
  const saves = disk.saves;
  disk.broken = true;
  await done(database.transaction(['plain'], 'readwrite').objectStore('plain').put('one', 1));
  await expect(db.saved()).rejects.toThrow('the disk is full');
  disk.broken = false;
  await done(database.transaction(['plain'], 'readwrite').objectStore('plain').put('two', 2));
  await db.saved();
  expect([...disk.rows.keys()].filter((row) => row.includes(' plain '))).toEqual(['keys plain 1', 'keys plain 2']);
  expect(disk.saves).toBe(saves + 1);
});

it('what is not noted is refused: deleting a range of keys, and keys of other kinds', async () => {
  const db = await makeDisk().open();
  const plain = (await openKeys(db)).transaction(['plain'], 'readwrite').objectStore('plain');
  expect(() => plain.delete(fake.IDBKeyRange.bound(1, 2))).toThrow('range');
  expect(() => plain.delete(new Date())).toThrow();
});
