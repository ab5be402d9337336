// drizzle over a pool, with transactions that give their connection back whatever happens: drizzle's own keeps it for ever when
// BEGIN fails, as it does on a connection that the server has just closed, and then the pool can neither serve nor end.
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { Database } from './backend.ts';

export function makePooledDatabase(pool: pg.Pool): Database {
  const database: Database = drizzle(pool);
  const transaction: Database['transaction'] = async (work, config) => {
    const client = await pool.connect();
    let failed = true;
    try {
      const one: Database = drizzle(client);
      const result = await one.transaction(work, config);
      failed = false;
      return result;
    } finally {
      // After a fault nobody knows in which state the connection is.
      client.release(failed);
    }
  };
  return Object.assign(database, { transaction });
}
