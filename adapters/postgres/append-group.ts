// One transaction for a group of appends: each is checked against what the ones before it in the group have made of the log,
// and gets an outcome of its own; what holds goes into the log in one statement.
import { inArray, sql } from 'drizzle-orm';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { ChainLink } from '../../core/task/chain.ts';
import { once } from '../../drizzle/schema.ts';
import { rowsOf } from './append-at-once.ts';
import type { AppendOutcome, PendingAppend } from './append-queue.ts';
import type { Backend, Database } from './backend.ts';
import { chainOn } from './event-row.ts';
import { fencedFault, standing } from './fence.ts';
import type { LogTips, Tips } from './log-tips.ts';

export async function appendGroup(
  transaction: Database,
  backend: Backend,
  tips: LogTips,
  group: readonly PendingAppend[],
): Promise<{ readonly outcomes: readonly AppendOutcome[]; readonly after: Tips }> {
  await transaction.execute(sql`select ${backend.lockAppends}`);
  const requests = group.map(({ request }) => request);
  const stands = await standing(
    transaction,
    requests.flatMap(({ fence }) => fence ?? []),
  );
  const used = await usedKeys(
    transaction,
    requests.flatMap(({ once: key }) => keysOf(key)),
  );
  const { head, versions: found } = await tips.read(transaction, new Set(requests.map(({ task }) => task)));
  const versions = new Map(found);

  let last: Tips['head'] = head;
  const links: ChainLink[] = [];
  const keys: { readonly key: string; readonly task: TaskId }[] = [];
  const outcomes = group.map(({ request, fit }): AppendOutcome => {
    const { task, expectedVersion, fence } = request;
    const own = keysOf(request.once);
    if (fence !== undefined && !stands(fence)) return { fault: fencedFault(fence) };
    const before = own.map((key) => used.get(key)).find((known) => known !== undefined);
    if (before !== undefined) return { result: { type: 'repeated', task: before } };
    const version = versions.get(task) ?? 0;
    if (version !== expectedVersion) return { result: { type: 'conflict', actualVersion: version } };
    for (const key of own) {
      used.set(key, task);
      keys.push({ key, task });
    }
    const chained = chainOn(last, request, fit);
    versions.set(task, version + chained.length);
    links.push(...chained.map(({ link }) => link));
    last = links.at(-1) ?? last;
    return { result: { type: 'appended', events: chained.map(({ stored }) => stored) } };
  });

  if (keys.length > 0) await transaction.insert(once).values(keys);
  if (links.length > 0) {
    await transaction.execute(sql`
      insert into event (seq, task, version, type, payload, actor, at, prev_hash, hash) select link.* from ${rowsOf(links)}`);
    await transaction.execute(sql`select ${backend.notice(last.seq)}`);
  }
  return { outcomes, after: { head: { seq: last.seq, hash: last.hash }, versions } };
}

function keysOf(given: PendingAppend['request']['once']): readonly string[] {
  if (given === undefined) return [];
  return typeof given === 'string' ? [given] : given;
}

async function usedKeys(transaction: Database, keys: readonly string[]): Promise<Map<string, TaskId>> {
  if (keys.length === 0) return new Map();
  const rows = await transaction
    .select()
    .from(once)
    .where(inArray(once.key, [...new Set(keys)]));
  return new Map(rows.map(({ key, task }) => [key, toTaskId(task)]));
}
