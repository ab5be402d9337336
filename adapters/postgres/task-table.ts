// The read table for status and history: one row a task.
import { and, desc, eq, lt, notInArray } from 'drizzle-orm';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import type { TaskTable } from '../../core/ports/event-log.ts';
import { endedStatuses } from '../../core/task/state.ts';
import { task } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';

export function makeTaskTable(backend: Backend): TaskTable {
  return {
    saveTask: (row) =>
      backend.write(async (database) => {
        await database.insert(task).values(row).onConflictDoUpdate({ target: task.task, set: row });
      }),
    listTasks: ({ open, conversation, before, limit }) =>
      backend.read(async (database) => {
        const rows = await database
          .select()
          .from(task)
          .where(
            and(
              open === true ? notInArray(task.state, [...endedStatuses]) : undefined,
              conversation === undefined ? undefined : eq(task.conversation, conversation),
              before === undefined ? undefined : lt(task.task, before),
            ),
          )
          .orderBy(desc(task.task))
          .limit(limit);
        return rows.map((row) => ({
          ...row,
          task: toTaskId(row.task),
          conversation: toConversationId(row.conversation),
          requester: toActorId(row.requester),
        }));
      }),
  };
}
