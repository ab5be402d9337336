// Which task a person means who names none: the only one of this conversation that the command can be about.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState, TaskStatus } from '../../core/task/state.ts';

const openAtMost = 100;

export async function taskNamed(store: Store, task: TaskId): Promise<TaskState | Refusal> {
  const state = replay(task, await store.readTask(task));
  return state.status === 'none'
    ? refusal('NO_SUCH_TASK', `There is no task #${task}; \`history\` lists the tasks.`)
    : state;
}

/** The open tasks of a conversation that are in one of these states, newest first. The table says where to look, the log is believed. */
export async function openTasks(
  store: Store,
  conversation: ConversationId,
  statuses: readonly TaskStatus[],
): Promise<readonly TaskState[]> {
  const rows = await store.listTasks({ open: true, conversation, limit: openAtMost });
  const candidates = rows.filter(({ state }) => statuses.some((status) => status === state));
  const states = await Promise.all(candidates.map(async ({ task }) => replay(task, await store.readTask(task))));
  return states.filter((state) => statuses.includes(state.status));
}

export async function findTask(
  store: Store,
  conversation: ConversationId,
  named: TaskId | null,
  statuses: readonly TaskStatus[],
  what: string,
): Promise<TaskState | Refusal> {
  if (named !== null) return taskNamed(store, named);
  const candidates = await openTasks(store, conversation, statuses);
  const [only, ...others] = candidates;
  if (only === undefined)
    return refusal(
      'NOTHING_TO_DECIDE',
      `Nothing here can be ${what} now. Make a request first, or name a task, as in #3.`,
    );
  if (others.length === 0) return only;
  const list = candidates.map((state) => `#${state.task}`).join(', ');
  return refusal('AMBIGUOUS_TASK', `Several tasks can be ${what}: ${list}. Name the one you mean.`);
}
