// Connections to a PostgreSQL server, with the limits that keep a dead network or a hung bot from holding everything up.
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { ChiffonError } from '../../core/error.ts';
import type { Place } from './database-fault.ts';

export type Server = { readonly config: ClientConfig; readonly place: Place };

const statementMs = 30_000;
/** A bot that hangs in the middle of an append holds up all the others until the server ends its transaction. */
const idleInTransactionMs = 3_000;

/** Throws BAD_SETTING. No part of the URL but host, port and database gets into a message. */
export function parseServer(setting: string, url: string): Server {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new ChiffonError(
      'BAD_SETTING',
      `${setting} must be a URL such as postgres://user:password@host:5432/database.`,
    );
  const name = decodeURIComponent(parsed.pathname.slice(1)) || decodeURIComponent(parsed.username) || 'postgres';
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
  return {
    place: { name: `the database ${name} at ${host}:${parsed.port || '5432'}`, server: true },
    config: {
      connectionString: url,
      application_name: 'chiffon',
      connectionTimeoutMillis: 5_000,
      statement_timeout: statementMs,
      // The client's own, for when the network swallows the answer.
      query_timeout: statementMs + 5_000,
      idle_in_transaction_session_timeout: statementMs,
      keepAlive: true,
    },
  };
}

export function openPool({ config }: Server): pg.Pool {
  const pool = new pg.Pool({ ...config, idle_in_transaction_session_timeout: idleInTransactionMs, max: 10 });
  // A connection that is lost makes its query fail, and the next one gets another connection. Without these listeners it
  // would also end the process: the pool listens to idle connections only.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
}
