// What waits for a person is shown again at a start, where the cards of an earlier process are out of sight: in a terminal.
import type { Chat, View } from '../../core/ports/chat.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { pausedNotice } from '../views/notice-view.ts';
import { planView } from '../views/plan-view.ts';
import { questionView } from '../views/question-view.ts';

type Parts = { readonly store: Store; readonly repository: () => string };

/** Resolves to how many were shown. */
export async function offerAgain(parts: Parts, chat: Chat, startId: string): Promise<number> {
  const rows = (await parts.store.listTasks({ open: true, limit: 100 })).toReversed();
  let offered = 0;
  for (const row of rows) {
    if (!chat.serves(row.conversation)) continue;
    const history = await parts.store.readTask(row.task);
    const state = replay(row.task, history);
    const view = waitingView(parts, state, history);
    if (view === null) continue;
    await chat.post(row.conversation, `offer:${startId}:${row.task}`, view, null);
    offered += 1;
  }
  return offered;
}

function waitingView(parts: Parts, state: TaskState, history: readonly StoredEvent[]): View | null {
  if (state.status === 'proposed' && state.proposal !== null && state.requester !== null)
    return planView(state.proposal, state.requester, 'open', parts.repository());
  if (state.status === 'asking') return questionView(state);
  const last = history.at(-1)?.event;
  return state.status === 'paused' && last?.type === 'run.paused' ? pausedNotice(state, last.reason) : null;
}
