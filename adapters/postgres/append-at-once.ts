// The short way of an append: one statement, on what this process remembers of the log's end. It holds when nobody else has appended
// since, and then nothing has to be asked first; where anything is not as expected nothing is written, and the long way
// (append-group.ts) finds out what is.
import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { TaskId } from '../../core/ids.ts';
import type { Fence } from '../../core/ports/event-log.ts';
import type { ChainLink } from '../../core/task/chain.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { leadership } from '../../drizzle/schema.ts';
import type { AppendOutcome, PendingAppend } from './append-queue.ts';
import type { Backend, Database } from './backend.ts';
import { sqlState } from './database-fault.ts';
import { chainOn } from './event-row.ts';
import type { Tips } from './log-tips.ts';

type Appended = { readonly outcomes: readonly AppendOutcome[]; readonly after: Tips };

const resultSchema = z.looseObject({ rows: z.array(z.unknown()) });
const uniqueViolation = '23505';

/** Undefined where the long way has to be taken: nothing was written. */
export async function appendAtOnce(
  database: Database,
  backend: Backend,
  remembered: Tips | undefined,
  group: readonly PendingAppend[],
): Promise<Appended | undefined> {
  const fences = new Map(group.flatMap(({ request: { fence } }) => (fence === undefined ? [] : [[fence.name, fence]])));
  const chained = remembered === undefined ? undefined : chainAll(remembered, fences, group);
  if (chained === undefined) return undefined;
  try {
    const statement = insertion(backend, [...fences.values()], chained.links);
    const { rows } = resultSchema.parse(await database.execute(statement));
    return rows.length === 0 ? undefined : chained;
  } catch (error) {
    // Its place in the log was taken: somebody else has appended.
    if (sqlState(error) === uniqueViolation) return undefined;
    throw error;
  }
}

/** Each append on the one before it. Undefined where one is not what it would be on this log, or needs a look at another table. */
function chainAll(
  { head, versions }: Tips,
  fences: ReadonlyMap<string, Fence>,
  group: readonly PendingAppend[],
): (Appended & { readonly links: readonly ChainLink[] }) | undefined {
  const after = new Map<TaskId, number>();
  const links: ChainLink[] = [];
  const outcomes: AppendOutcome[] = [];
  let last = head;
  for (const { request, fit } of group) {
    const { task, expectedVersion, fence, once } = request;
    const version = after.get(task) ?? versions.get(task);
    if (once !== undefined || version !== expectedVersion || fit.length === 0) return undefined;
    if (fence !== undefined && fences.get(fence.name)?.token !== fence.token) return undefined;
    const chained = chainOn(last, request, fit);
    for (const { link } of chained) links.push(link);
    last = links.at(-1) ?? last;
    after.set(task, version + chained.length);
    outcomes.push({ result: { type: 'appended', events: chained.map(({ stored }) => stored) } });
  }
  return { outcomes, links, after: { head: { seq: last.seq, hash: last.hash }, versions: after } };
}

/** Under the same lock as the long way, in the same order: the append lock, the leaderships' rows, the log. */
function insertion(backend: Backend, fences: readonly Fence[], links: readonly ChainLink[]): SQL {
  const seq = links.at(-1)?.seq ?? 0;
  const which = fences.map(({ name, token }) => sql`(name = ${toColumn(name)} and token = ${token})`);
  const stand = sql`select count(*) as count from (
    select from ${leadership}, locked where ${sql.join(which, sql` or `)} for share of ${leadership}) as rows`;
  const allowed =
    fences.length === 0 ? sql`select from locked` : sql`select from (${stand}) as stand where count = ${fences.length}`;
  return sql`
    with locked as materialized (select ${backend.lockAppends}),
      allowed as materialized (${allowed}),
      appended as (
        insert into event (seq, task, version, type, payload, actor, at, prev_hash, hash)
        select link.* from allowed, ${rowsOf(links)} returning seq)
    select ${backend.notice(seq)} from (select max(seq) as seq from appended) as newest where seq = ${seq}`;
}

/** One parameter a column, its values with a character between them that none of them holds: half the cost of JSON. */
export function rowsOf(links: readonly ChainLink[]): SQL {
  const column = (of: (link: ChainLink) => string | number) =>
    sql`string_to_table(${links.map(of).join(between)}, ${between})`;
  return sql`(
    select seq::bigint, task::bigint, version::integer, type, payload, actor, at, prev_hash, hash from rows from (
      ${column(({ seq }) => seq)}, ${column(({ task }) => task)}, ${column(({ version }) => version)},
      ${column(({ type }) => type)}, ${column(({ payload }) => payload)}, ${column(({ actor }) => separable(actor))},
      ${column(({ at }) => separable(at))}, ${column(({ prevHash }) => prevHash)}, ${column(({ hash }) => hash)}
    ) as text (seq, task, version, type, payload, actor, at, prev_hash, hash)) as link`;
}

/** A control character: canonical JSON has none as it stands. */
const between = '\u001e';

function separable(text: string): string {
  return toColumn(text).replaceAll(between, '\\u001e');
}
