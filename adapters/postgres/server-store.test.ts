import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe } from 'vitest';
import type { StoreUnderTest } from '../../test/contracts/store.ts';
import { storeContract } from '../../test/contracts/store.ts';
import { freshDatabase } from '../../test/setup/postgres.ts';
import { openStore } from './open-store.ts';

describe('the store on a server', () => {
  storeContract(async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
    const database = await freshDatabase();
    const open = async (): Promise<StoreUnderTest> => {
      const one = () => openStore({ databaseUrl: database.url, dataFolder });
      const stores = [await one(), await one(), await one()] as const;
      const close = async () => void (await Promise.all(stores.map((store) => store.close())));
      return {
        stores,
        reopen: async () => {
          await close();
          return await open();
        },
        sql: (...statements) => runSql(database.url, statements),
        close: async () => {
          await close();
          await database.drop();
          await rm(dataFolder, { recursive: true });
        },
      };
    };
    return await open();
  });
});

async function runSql(url: string, statements: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const outcomes: string[] = [];
  for (const statement of statements)
    outcomes.push(
      await client.query(statement).then(
        () => 'done',
        (error: unknown) => (error instanceof pg.DatabaseError ? error.code : undefined) ?? String(error),
      ),
    );
  await client.end();
  return outcomes;
}
