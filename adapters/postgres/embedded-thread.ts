// PGlite's own thread. PGlite runs queries in the thread that asks and lets nothing else run there; here only other queries
// have to wait. Loaded by embedded-worker.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { sql } from 'drizzle-orm';
import type { ChiffonError } from '../../core/error.ts';
import type { Backend, Database, ThreadCalls } from './backend.ts';
import type { Place } from './database-fault.ts';
import { databaseFault } from './database-fault.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';
import { openEmbeddedDatabase, refuseIfFull } from './embedded-database.ts';
import { takeToken } from './fence.ts';
import { makeSecretBox } from './secret-box.ts';
import { secretKey } from './secret-key.ts';
import { makeStoreCalls } from './store-calls.ts';
import { makeWalKeeper } from './wal-keeper.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';
import { plainFault, workerDataSchema } from './worker-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread');
const { dataFolder, databaseFolder, secretKey: given } = workerDataSchema.parse(workerData);
const place: Place = { name: `the data folder ${dataFolder}`, server: false };

const send = (message: FromWorker) => port.postMessage(message);
const die = (fault: ChiffonError): never => {
  send({ type: 'dying', fault: plainFault(fault) });
  process.exit(1);
};

const opened = await openEmbeddedDatabase({ folder: databaseFolder, place, onPanic: die }).catch((error: unknown) =>
  die(databaseFault(error, place)),
);

serve(opened);
send({ type: 'ready' });

function serve({ pglite, database }: EmbeddedDatabase): void {
  const wal = makeWalKeeper(pglite);
  const guarded = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    try {
      return await work(database);
    } catch (error) {
      throw databaseFault(error, place);
    }
  };
  const backend: Backend = {
    read: guarded,
    write: async (change, bytes) => {
      refuseIfFull(databaseFolder, place);
      const result = await guarded(change);
      wal.written(bytes ?? 0);
      return result;
    },
    // PGlite has one session, and runs one transaction after the other.
    lockAppends: sql`true`,
    notice: () => sql`true`,
    appended: (seq) => send({ type: 'appended', seq }),
  };
  const calls: ThreadCalls = {
    ...makeStoreCalls(backend, makeSecretBox(secretKey(given, dataFolder))),
    takeToken: (name) => backend.write((open) => takeToken(open, name)),
  };

  const underWay = new Set<Promise<void>>();
  const answer = async ({ id, method, args }: Extract<ToWorker, { type: 'call' }>) => {
    try {
      const value: unknown = await Reflect.apply(calls[method], calls, args);
      send({ type: 'result', id, value });
    } catch (error) {
      send({ type: 'fault', id, fault: plainFault(databaseFault(error, place)) });
    }
  };
  const close = async () => {
    await Promise.all(underWay);
    await pglite.close();
    send({ type: 'closed' });
    port?.close();
  };

  port?.on('message', (message: ToWorker) => {
    if (message.type === 'close') {
      void close();
      return;
    }
    const answered = answer(message).finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
}
