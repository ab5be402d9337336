// Answers what asks for no decision: status, history, log, why, help.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import type { LogView, TasksView, View, WhyView } from '../../core/ports/chat.ts';
import type { Store, TaskRow } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';
import { readLog } from '../read-log.ts';
import { helpView } from '../views/help-view.ts';
import type { Intention } from './parse-command.ts';

/** What is asked for: by a command, or all of a plan by its card's button. */
export type Report = Intention | { readonly type: 'details'; readonly task: TaskId; readonly revision: number };

export type ShowReport = (
  conversation: ConversationId,
  intention: Report,
) => Promise<Exclude<View, { type: 'refusal' }> | Refusal>;

const rowsAtMost = 20;

export function makeShowReport({ store }: { readonly store: Store }): ShowReport {
  return async (conversation, intention) => {
    switch (intention.type) {
      case 'status':
        return tasksView('status', await store.listTasks({ open: true, limit: rowsAtMost + 1 }));
      case 'history':
        return tasksView('history', await store.listTasks({ limit: rowsAtMost + 1 }));
      case 'log':
        return logView(store, conversation, intention.task, intention.step);
      case 'why':
        return whyView(store, conversation, intention.task);
      default:
        return helpView;
    }
  };
}

function tasksView(list: TasksView['list'], rows: readonly TaskRow[]): TasksView {
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

async function newestTask(store: Store, conversation: ConversationId, named: TaskId | null): Promise<TaskId | Refusal> {
  if (named !== null) return named;
  const [row] = await store.listTasks({ conversation, limit: 1 });
  return row?.task ?? refusal('NO_SUCH_TASK', 'There is no task yet.');
}

async function logView(
  store: Store,
  conversation: ConversationId,
  named: TaskId | null,
  wanted: number | null,
): Promise<LogView | Refusal> {
  const task = await newestTask(store, conversation, named);
  if (typeof task !== 'number') return task;
  const state = replay(task, await store.readTask(task));
  if (state.status === 'none')
    return refusal('NO_SUCH_TASK', `There is no task #${task}; \`history\` lists the tasks.`);
  const attempt = state.attempts.findLast((candidate) => wanted === null || candidate.step === wanted);
  if (attempt === undefined || state.run === null)
    return refusal(
      'NO_SUCH_TASK',
      wanted === null
        ? `Task #${task} has not run, so it has no log.`
        : `Step ${wanted} of task #${task} has not run, so it has no log.`,
    );
  return readLog(store, task, state.run, attempt);
}

type Judged = Pick<WhyView, 'tier' | 'confidence'> & { readonly why: readonly string[] };

async function whyView(
  store: Store,
  conversation: ConversationId,
  named: TaskId | null,
): Promise<Exclude<View, { type: 'refusal' }> | Refusal> {
  const task = await newestTask(store, conversation, named);
  if (typeof task !== 'number') return task;
  const events = await store.readTask(task);
  if (events.length === 0) return refusal('NO_SUCH_TASK', `There is no task #${task}; \`history\` lists the tasks.`);
  const judged = events.reduce<Judged | undefined>((last, { event }) => {
    if (event.type === 'plan.proposed') return event.plan;
    return event.type === 'question.asked' || event.type === 'task.refused' ? event : last;
  }, undefined);
  if (judged === undefined) return refusal('WRONG_STATE', `Task #${task} has not been planned yet.`);
  return {
    type: 'why',
    task,
    tier: judged.tier,
    confidence: judged.confidence,
    lines: judged.why.map(withoutPlaceholders),
  };
}
