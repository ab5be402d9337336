import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { sqlState } from '../../adapters/postgres/database-fault.ts';
import { openEmbeddedDatabase } from '../../adapters/postgres/embedded-database.ts';
import { openStore } from '../../adapters/postgres/open-store.ts';
import type { StoreUnderTest } from '../contracts/store.ts';
import { storeContract } from '../contracts/store.ts';

describe('the store in the data folder', () => {
  storeContract(async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
    const open = async (): Promise<StoreUnderTest> => {
      let store = await openStore({ dataFolder });
      const under: StoreUnderTest = {
        get stores() {
          return [store, store, store] as const;
        },
        reopen: async () => {
          await store.close();
          return await open();
        },
        sql: async (...statements) => {
          // One process at a time: the store gives way to a PGlite of the test's own, and comes back.
          await store.close();
          const outcomes = await runSql(join(dataFolder, 'postgres'), statements);
          store = await openStore({ dataFolder });
          return outcomes;
        },
        close: async () => {
          await store.close();
          await rm(dataFolder, { recursive: true });
        },
      };
      return under;
    };
    return await open();
  });
});

async function runSql(folder: string, statements: readonly string[]): Promise<string[]> {
  const { pglite } = await openEmbeddedDatabase({
    folder,
    place: { name: folder, server: false },
    onPanic: (fault) => {
      throw fault;
    },
  });
  const outcomes: string[] = [];
  for (const statement of statements)
    outcomes.push(
      await pglite.exec(statement).then(
        () => 'done',
        (error: unknown) => sqlState(error) ?? String(error),
      ),
    );
  await pglite.close();
  return outcomes;
}
