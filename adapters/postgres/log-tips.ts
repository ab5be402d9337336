// Where the log and its tasks end, as an append has to know it. What this process appended last is remembered together with
// the log's head then: as long as the head is still that one, nobody else has appended, and the versions hold.
import { sql } from 'drizzle-orm';
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { ChainHead } from '../../core/task/chain.ts';
import { chainStart } from '../../core/task/chain.ts';
import type { Database } from './backend.ts';

export type Tips = { readonly head: ChainHead; readonly versions: Map<TaskId, number> };

export type LogTips = {
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
      if (known.size > tasksAtMost) known.clear();
      head = tips.head;
      for (const [task, version] of tips.versions) known.set(task, version);
    },
  };
}

async function query(transaction: Database, tasks: readonly TaskId[]): Promise<Tips> {
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
