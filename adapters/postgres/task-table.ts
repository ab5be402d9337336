// The read table for status and history: one row a task.
import { and, desc, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import type { TaskRow, TaskTable } from '../../core/ports/event-log.ts';
import { isEnded } from '../../core/task/state.ts';
import { toColumn } from '../../drizzle/exact-text.ts';
import { isOpen, task } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import { fencedChange } from './fence.ts';

export function makeTaskTable(backend: Backend): TaskTable {
  return {
    saveTask: (row, fence) =>
      backend.write((database) =>
        fencedChange(
          database,
          fence,
          (allowed) => sql`
            insert into task (task, state, request, conversation, requester, received_at, updated_at, cost_micro_usd, summary)
            select ${row.task}::bigint, ${row.state}, ${toColumn(row.request)}, ${toColumn(row.conversation)},
              ${toColumn(row.requester)}, ${row.receivedAt}, ${row.updatedAt}, ${row.costMicroUsd}::bigint,
              ${toColumn(row.summary)} from ${allowed}
            on conflict (task) do update set (state, request, conversation, requester, received_at, updated_at,
              cost_micro_usd, summary) = (excluded.state, excluded.request, excluded.conversation, excluded.requester,
              excluded.received_at, excluded.updated_at, excluded.cost_micro_usd, excluded.summary)`,
          // A crash of the database takes back the row together with the checkpoint after it, and both are made again.
          { derived: true },
        ),
      ),
    listTasks: ({ open, states, conversation, before, limit }) =>
      backend.read(async (database) => {
        const rows = await database
          .select()
          .from(task)
          .where(
            and(
              // Said where it follows from the states, too: it is what the index of the open tasks goes by.
              open === true || states?.every((state) => !isEnded(state)) === true ? isOpen : undefined,
              states === undefined ? undefined : inArray(task.state, [...states]),
              conversation === undefined ? undefined : eq(task.conversation, conversation),
              before === undefined ? undefined : lt(task.task, before),
            ),
          )
          .orderBy(desc(task.task))
          .limit(limit);
        return rows.map(rowOf);
      }),
    taskCosts: (since) =>
      backend.read(async (database) => {
        // Sums of bigint come as text with one driver and as numbers with the other.
        const [sums] = await database
          .select({
            tasks: sql`count(*)`.mapWith(Number),
            free: sql`count(*) filter (where ${task.costMicroUsd} = 0)`.mapWith(Number),
            costMicroUsd: sql`coalesce(sum(${task.costMicroUsd}), 0)`.mapWith(Number),
          })
          .from(task)
          .where(since === null ? undefined : gte(task.receivedAt, since));
        return sums ?? { tasks: 0, free: 0, costMicroUsd: 0 };
      }),
    dearestTasks: (limit) =>
      backend.read(async (database) => {
        const rows = await database
          .select()
          .from(task)
          .where(gt(task.costMicroUsd, 0))
          .orderBy(desc(task.costMicroUsd), desc(task.task))
          .limit(limit);
        return rows.map(rowOf);
      }),
  };
}

function rowOf(row: typeof task.$inferSelect): TaskRow {
  return {
    ...row,
    task: toTaskId(row.task),
    conversation: toConversationId(row.conversation),
    requester: toActorId(row.requester),
  };
}
