// The read table for status and history: one row a task.
import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import { toActorId, toConversationId, toTaskId } from '../../core/ids.ts';
import type { TaskTable } from '../../core/ports/event-log.ts';
import { isEnded } from '../../core/task/state.ts';
import { isOpen, task } from '../../drizzle/schema.ts';
import type { Backend } from './backend.ts';
import { fenced } from './fence.ts';

export function makeTaskTable(backend: Backend): TaskTable {
  return {
    saveTask: (row, fence) =>
      backend.write((database) =>
        fenced(database, fence, async (open) => {
          await open.insert(task).values(row).onConflictDoUpdate({ target: task.task, set: row });
        }),
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
        return rows.map((row) => ({
          ...row,
          task: toTaskId(row.task),
          conversation: toConversationId(row.conversation),
          requester: toActorId(row.requester),
        }));
      }),
  };
}
