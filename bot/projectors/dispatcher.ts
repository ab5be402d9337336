// Approved plans become runs, runs become commands on the bus, the last step's success becomes a merge, an end lets others begin.
import { systemTask } from '../../core/ids.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import type { AgentRegistry } from '../dispatch/agent-registry.ts';
import type { DispatchParts } from '../dispatch/move-on.ts';
import { moveOn } from '../dispatch/move-on.ts';
import { waitingForTheirTurn } from '../dispatch/start-run.ts';

const moves: ReadonlySet<TaskEventType> = new Set([
  'plan.approved',
  'run.started',
  'attempt.granted',
  'attempt.claimed',
  'attempt.refused',
  'attempt.finished',
  'run.resumed',
  'cancel.requested',
]);
const ends: ReadonlySet<TaskEventType> = new Set(finalEventTypes);

export function makeDispatchHandler(parts: DispatchParts & { readonly registry: AgentRegistry }) {
  return async (stored: StoredEvent): Promise<void> => {
    const { task, event } = stored;
    if (task === systemTask) return parts.registry.apply(stored);
    if (ends.has(event.type)) {
      await parts.store.forgetSecrets(task);
      return startThoseInWaiting(parts);
    }
    if (event.type === 'plan.withdrawn') return startThoseInWaiting(parts);
    if (moves.has(event.type)) await moveOn(parts, task);
  };
}

/** Its hosts are free again. Those that still have to wait learn their new place. */
async function startThoseInWaiting(parts: DispatchParts): Promise<void> {
  for (const { task } of await waitingForTheirTurn(parts)) await moveOn(parts, task);
}
