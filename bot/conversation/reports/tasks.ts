// `status` and `history`: the tasks that are open, and the newest ones.
import type { TasksView } from '../../../core/ports/chat.ts';
import type { TaskTable } from '../../../core/ports/event-log.ts';
import { withoutPlaceholders } from '../../planning/request-secrets.ts';

const rowsAtMost = 20;

export async function tasksReport(store: TaskTable, list: TasksView['list']): Promise<TasksView> {
  const rows = await store.listTasks({ open: list === 'status', limit: rowsAtMost + 1 });
  return {
    type: 'tasks',
    list,
    tasks: rows.slice(0, rowsAtMost).map((row) => ({
      task: row.task,
      state: row.state,
      request: withoutPlaceholders(row.request),
      requester: row.requester,
      at: row.receivedAt,
      summary: row.summary,
    })),
    more: rows.length > rowsAtMost,
  };
}
