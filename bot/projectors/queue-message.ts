// The message of a task that waits its turn: one for each wait, brought up to date as the queue moves.
import type { NoticeView } from '../../core/ports/chat.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { queueView } from '../views/queue-view.ts';
import type { Place } from './deliver.ts';
import { eventKey, postOnce, updatePosted } from './deliver.ts';

/** Posts the message at the first word of a wait, and updates it at each later one. */
export async function showQueue(
  place: Place,
  state: TaskState,
  history: readonly StoredEvent[],
  stored: StoredEvent,
): Promise<void> {
  const before = await Promise.all(
    state.behind.map(async (task) => {
      const events = await place.store.readTask(task);
      return replay(
        task,
        events.filter((other) => other.seq <= stored.seq),
      );
    }),
  );
  const view = queueView(state, before);
  const first = firstTurn(history);
  if (first?.seq === stored.seq) return postOnce(place, eventKey(stored.seq), view);
  return updateQueue(place, history, stored, view);
}

/** Brings the message up to date, if there is one and the wait was not over before this event. */
export async function updateQueue(
  place: Place,
  history: readonly StoredEvent[],
  stored: StoredEvent,
  view: NoticeView,
): Promise<void> {
  const first = firstTurn(history);
  const isOver = history.some(
    ({ seq, event }) => event.type === 'run.started' && seq > (first?.seq ?? 0) && seq < stored.seq,
  );
  if (first !== undefined && !isOver) await updatePosted(place, eventKey(first.seq), view);
}

function firstTurn(history: readonly StoredEvent[]): StoredEvent | undefined {
  const approved = history.findLastIndex(({ event }) => event.type === 'plan.approved');
  return history.slice(approved + 1).find(({ event }) => event.type === 'run.queued');
}
