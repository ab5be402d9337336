// The task that a report is about: the one that was named, or the conversation's newest.
import type { Refusal } from '../../../core/error.ts';
import { refusal } from '../../../core/error.ts';
import type { ConversationId, TaskId } from '../../../core/ids.ts';
import type { Store } from '../../../core/ports/event-log.ts';
import type { StoredEvent } from '../../../core/task/event.ts';

export type History = { readonly type: 'history'; readonly task: TaskId; readonly events: readonly StoredEvent[] };

export async function historyOf(
  store: Store,
  conversation: ConversationId,
  named: TaskId | null,
): Promise<History | Refusal> {
  const task = named ?? (await store.listTasks({ conversation, limit: 1 }))[0]?.task;
  if (task === undefined) return refusal('NO_SUCH_TASK', 'There is no task yet.');
  const events = task === 0 ? [] : await store.readTask(task);
  return events.length === 0
    ? refusal('NO_SUCH_TASK', `There is no task #${task}; \`history\` lists the tasks.`)
    : { type: 'history', task, events };
}
