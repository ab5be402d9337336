// The log: appended in groups (append-queue.ts, append-group.ts), chained, and read back.
import { and, asc, desc, eq, gt, inArray } from 'drizzle-orm';
import { ChiffonError } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { ChainHead, ChainLink } from '../../core/task/chain.ts';
import { chainStart } from '../../core/task/chain.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { event, once } from '../../drizzle/schema.ts';
import { appendAtOnce } from './append-at-once.ts';
import { appendGroup } from './append-group.ts';
import type { AppendOutcome, PendingAppend } from './append-queue.ts';
import { makeAppendQueue } from './append-queue.ts';
import type { Backend, Database } from './backend.ts';
import { sqlState } from './database-fault.ts';
import { fitEvents, storedEvent } from './event-row.ts';
import type { LogTips } from './log-tips.ts';
import { makeLogTips } from './log-tips.ts';
import { shareReads } from './share-reads.ts';
import { thrownError } from './thrown.ts';

const uniqueViolation = '23505';
const attemptsAtMost = 3;
/** Data exceptions, integrity constraints, and limits such as an index row's. */
const refusedValue = /^(?:22|23|54)/;

export function makeEventLog(backend: Backend): Omit<EventLog, 'subscribe'> {
  const tips = makeLogTips();
  const write = (group: Group) =>
    backend.write(
      (database) => commit(database, backend, tips, group),
      group.reduce((sum, one) => sum + one.bytes, 0),
    );
  const outcomesOf = async (group: Group): Promise<readonly AppendOutcome[]> => {
    const outcomes = await write(group);
    if (outcomes !== undefined) return outcomes;
    const each: AppendOutcome[] = [];
    for (const one of group)
      each.push(...(await outcomesOf([one]).catch((thrown: unknown) => [{ fault: thrownError(thrown) }])));
    return each;
  };
  const enqueue = makeAppendQueue(async (group) => {
    const outcomes = await outcomesOf(group);
    const newest = outcomes.flatMap((outcome) => lastSeq(outcome) ?? []).at(-1);
    if (newest !== undefined) backend.appended(newest);
    return outcomes;
  });
  return {
    append: async (request) => {
      const fit = fitEvents(request);
      return await enqueue({ request, fit, bytes: fit.reduce((sum, { payload }) => sum + payload.length, 0) });
    },
    nextTask: () => backend.read(nextTask),
    versionOf: (task) => backend.read((database) => versionOf(database, task)),
    usedFor: (key) => backend.read((database) => usedFor(database, key)),
    readTask: shareReads((...which) => backend.read((database) => readTask(database, ...which))),
    readAfter: shareReads((after, limit) =>
      backend.read(async (database) => {
        const links = await linksAfter(database, after, limit);
        tips.follow(links);
        return links.map(storedEvent);
      }),
    ),
    readChain: (after, limit) => backend.read((database) => linksAfter(database, after, limit)),
    head: () => backend.read(head),
  };
}

type Group = readonly PendingAppend[];

/** Undefined where nothing was committed because of one of several: they have to go one by one. */
async function commit(
  database: Database,
  backend: Backend,
  tips: LogTips,
  group: Group,
): Promise<readonly AppendOutcome[] | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const atOnce = attempt === 1 ? await appendAtOnce(database, backend, tips.remembered(), group) : undefined;
      const done = atOnce ?? (await database.transaction((open) => appendGroup(open, backend, tips, group)));
      tips.committed(done.after);
      return done.outcomes;
    } catch (error) {
      const state = sqlState(error) ?? '';
      // Only a writer that does not go through here can have come between: the log is looked at again.
      if (state === uniqueViolation && attempt < attemptsAtMost) continue;
      // A value that PostgreSQL refuses is its own append's fault, and no other one's.
      if (group.length > 1 && refusedValue.test(state)) return undefined;
      throw error;
    }
  }
}

function lastSeq(outcome: AppendOutcome): number | undefined {
  return 'result' in outcome && outcome.result.type === 'appended' ? outcome.result.events.at(-1)?.seq : undefined;
}

async function readTask(
  database: Database,
  ...[task, types]: Parameters<EventLog['readTask']>
): Promise<readonly StoredEvent[]> {
  const ofTypes = types === undefined ? undefined : inArray(event.type, [...types]);
  const rows = database
    .select()
    .from(event)
    .where(and(eq(event.task, task), ofTypes));
  return (await rows.orderBy(asc(event.version))).map(storedEvent);
}

async function versionOf(database: Database, task: TaskId): Promise<number> {
  const [tip] = await database
    .select({ version: event.version })
    .from(event)
    .where(eq(event.task, task))
    .orderBy(desc(event.version))
    .limit(1);
  return tip?.version ?? 0;
}

async function usedFor(database: Database, key: string): Promise<TaskId | undefined> {
  const [used] = await database.select({ task: once.task }).from(once).where(eq(once.key, key));
  return used === undefined ? undefined : toTaskId(used.task);
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
