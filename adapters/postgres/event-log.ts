// The log: appended in one transaction with a version check, chained, and read back.
import { asc, desc, eq, gt, sql } from 'drizzle-orm';
import { ChiffonError } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { AppendRequest, AppendResult, EventLog } from '../../core/ports/event-log.ts';
import type { ChainHead, ChainLink } from '../../core/task/chain.ts';
import { chainStart } from '../../core/task/chain.ts';
import { event } from '../../drizzle/schema.ts';
import type { Backend, Database } from './backend.ts';
import { sqlState } from './database-fault.ts';
import type { FitEvent } from './event-row.ts';
import { fitEvents, storedEvent, toLinks } from './event-row.ts';

const uniqueViolation = '23505';

export function makeEventLog(backend: Backend): Omit<EventLog, 'subscribe'> {
  const inTurn = makeTurns();
  return {
    append: async (request) => {
      const fit = fitEvents(request);
      const bytes = fit.reduce((sum, { payload }) => sum + payload.length, 0);
      const result = await inTurn(() => backend.write((database) => append(database, backend, request, fit), bytes));
      const last = result.type === 'appended' ? result.events.at(-1) : undefined;
      if (last !== undefined) backend.appended(last.seq);
      return result;
    },
    nextTask: () => backend.read(nextTask),
    readTask: (task) =>
      backend.read(async (database) =>
        (await database.select().from(event).where(eq(event.task, task)).orderBy(asc(event.version))).map(storedEvent),
      ),
    readAfter: (after, limit) =>
      backend.read(async (database) => (await linksAfter(database, after, limit)).map(storedEvent)),
    readChain: (after, limit) => backend.read((database) => linksAfter(database, after, limit)),
    head: () => backend.read(head),
  };
}

/** One append of this process at a time: waiting for the database's lock, they would hold all connections of the pool. */
function makeTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

async function append(
  database: Database,
  backend: Backend,
  request: AppendRequest,
  fit: readonly FitEvent[],
): Promise<AppendResult> {
  try {
    return await database.transaction(async (transaction): Promise<AppendResult> => {
      await backend.oneAtATime(transaction);
      const tip = await tipOf(transaction, request.task);
      if (tip.version !== request.expectedVersion) return { type: 'conflict', actualVersion: tip.version };
      const links = toLinks(request, fit, tip.head);
      const last = links.at(-1);
      if (last === undefined) return { type: 'appended', events: [] };
      await transaction.insert(event).values(links);
      await backend.tellOthers(transaction, last.seq);
      return { type: 'appended', events: links.map(storedEvent) };
    });
  } catch (error) {
    // Only a writer that does not go through here can have come between.
    if (sqlState(error) !== uniqueViolation) throw error;
    return { type: 'conflict', actualVersion: (await tipOf(database, request.task)).version };
  }
}

async function tipOf(
  database: Database,
  task: TaskId,
): Promise<{ readonly head: ChainHead; readonly version: number }> {
  const version = sql`(select coalesce(max(version), 0) from event where task = ${task})`.mapWith(Number);
  const [tip] = await database
    .select({ seq: event.seq, hash: event.hash, version })
    .from(event)
    .orderBy(desc(event.seq))
    .limit(1);
  return tip === undefined ? { head: chainStart, version: 0 } : { head: tip, version: tip.version };
}

async function head(database: Database): Promise<ChainHead> {
  const [last] = await database
    .select({ seq: event.seq, hash: event.hash })
    .from(event)
    .orderBy(desc(event.seq))
    .limit(1);
  return last ?? chainStart;
}

async function nextTask(database: Database): Promise<TaskId> {
  const [last] = await database.select({ task: event.task }).from(event).orderBy(desc(event.task)).limit(1);
  return toTaskId((last?.task ?? 0) + 1);
}

async function linksAfter(database: Database, after: number, limit: number): Promise<ChainLink[]> {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new ChiffonError('INTERNAL', `Events cannot be read ${limit} at a time.`);
  return await database.select().from(event).where(gt(event.seq, after)).orderBy(asc(event.seq)).limit(limit);
}
