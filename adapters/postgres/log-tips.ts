// Where the log and its tasks end, as an append has to know it. What this process appended last is remembered together with
// the log's head then: as long as the head is still that one, nobody else has appended, and the versions hold.
import { sql } from 'drizzle-orm';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { ChainHead, ChainLink } from '../../core/task/chain.ts';
import { chainStart } from '../../core/task/chain.ts';
import type { Database } from './backend.ts';

type Found = { readonly head: ChainHead; readonly versions: Map<TaskId, number> };
export type Tips = { readonly head: ChainHead; readonly versions: ReadonlyMap<TaskId, number> };

export type LogTips = {
  /** What is remembered, which others may have overtaken; undefined while nothing is. */
  readonly remembered: () => Tips | undefined;
  /** Takes in what was read of the log: events as they follow each other. */
  readonly follow: (links: readonly Pick<ChainLink, 'seq' | 'task' | 'version' | 'prevHash' | 'hash'>[]) => void;
  /** To be called under the append lock. A task that is not there is at version 0. */
  readonly read: (transaction: Database, tasks: ReadonlySet<TaskId>) => Promise<Tips>;
  /** What they are since the transaction has been committed. */
  readonly committed: (tips: Tips) => void;
};

const tasksAtMost = 10_000;

export function makeLogTips(): LogTips {
  let head = chainStart;
  const known = new Map<TaskId, number>();
  return {
    remembered: () => (head.seq === 0 ? undefined : { head, versions: known }),
    follow: (links) => {
      for (const link of links) {
        if (link.seq <= head.seq) continue;
        // Behind a gap nothing is known but this event: others have appended what was not read here.
        if (link.prevHash !== head.hash || known.size > tasksAtMost) known.clear();
        head = { seq: link.seq, hash: link.hash };
        known.set(toTaskId(link.task), link.version);
      }
    },
    read: async (transaction, tasks) => {
      const tips = await query(
        transaction,
        [...tasks].filter((task) => !known.has(task)),
      );
      const remembered = [...tasks].filter((task) => known.has(task));
      if (tips.head.seq === head.seq && tips.head.hash === head.hash) {
        for (const task of remembered) tips.versions.set(task, known.get(task) ?? 0);
      } else {
        known.clear();
        if (remembered.length > 0)
          for (const [task, version] of (await query(transaction, remembered)).versions)
            tips.versions.set(task, version);
      }
      return tips;
    },
    committed: (tips) => {
      // Somebody else's event that follows has been read already.
      if (tips.head.seq < head.seq) return;
      if (known.size > tasksAtMost) known.clear();
      head = tips.head;
      for (const [task, version] of tips.versions) known.set(task, version);
    },
  };
}

async function query(transaction: Database, tasks: readonly TaskId[]): Promise<Found> {
  // Each task's highest version by itself, from the index's end: the system's own stream may be very long.
  const rows = await transaction
    .select({
      task: sql<number | null>`asked.task`.mapWith(Number),
      version: sql`coalesce((select max(version) from event where event.task = asked.task), 0)`.mapWith(Number),
      seq: sql<number | null>`head.seq`.mapWith(Number),
      hash: sql<string | null>`head.hash`,
    })
    .from(
      sql`(select seq, hash from event order by seq desc limit 1) as head
        full join (select value::bigint as task from json_array_elements_text(${JSON.stringify(tasks)}::json)) as asked on true`,
    );
  const seq = rows[0]?.seq ?? null;
  const hash = rows[0]?.hash ?? null;
  return {
    head: seq === null || hash === null ? chainStart : { seq, hash },
    versions: new Map(rows.flatMap(({ task, version }) => (task === null ? [] : [[toTaskId(task), version] as const]))),
  };
}
