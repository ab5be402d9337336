// One row a task for status and history, from the log.

import { systemTask } from '../../core/ids.ts';
import type { Fence, Store } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';

export function makeTaskTableHandler(store: Store, fence?: Fence) {
  return async (stored: StoredEvent): Promise<void> => {
    if (stored.task === systemTask) return;
    const history = await store.readTask(stored.task);
    const [first] = history;
    const state = replay(stored.task, history);
    if (first === undefined || state.conversation === null || state.requester === null) return;
    await store.saveTask(
      {
        task: stored.task,
        state: state.status,
        request: state.request,
        conversation: state.conversation,
        requester: state.requester,
        receivedAt: first.at,
        updatedAt: history.at(-1)?.at ?? first.at,
        costMicroUsd: history.reduce((sum, { event }) => sum + costOf(event), 0),
        summary: summary(state, history),
      },
      fence,
    );
  };
}

function costOf(event: StoredEvent['event']): number {
  if (event.type === 'plan.proposed') return event.plan.costMicroUsd;
  return event.type === 'question.asked' || event.type === 'task.refused' ? event.costMicroUsd : 0;
}

function summary(state: TaskState, history: readonly StoredEvent[]): string {
  const titles = state.proposal?.plan.steps.map((step) => step.title).join('; ') ?? '';
  const last = history.at(-1)?.event;
  switch (state.status) {
    case 'received':
    case 'planning':
      return 'is being planned';
    case 'asking':
      return `waits for an answer: ${state.question?.text ?? ''}`;
    case 'proposed':
      return `waits for approval: ${titles}`;
    case 'approved':
      return state.behind.length > 0
        ? `waits for ${state.behind.map((task) => `#${task}`).join(', ')}: ${titles}`
        : `is about to run: ${titles}`;
    case 'running': {
      const live = state.attempts.at(-1);
      return `step ${live?.step ?? 1} of ${state.proposal?.plan.steps.length ?? 1}: ${titles}`;
    }
    case 'paused':
      return 'paused; `resume` goes on';
    default:
      return last !== undefined && 'reason' in last && last.reason !== '' ? last.reason : titles;
  }
}
