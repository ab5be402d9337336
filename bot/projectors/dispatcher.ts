// Approved plans become runs, runs become commands on the bus, the last step's success becomes a merge, an end lets others begin.
import type { TaskId } from '../../core/ids.ts';
import { systemTask } from '../../core/ids.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { AgentRegistry } from '../dispatch/agent-registry.ts';
import type { DispatchParts } from '../dispatch/dispatch-parts.ts';
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
    parts.contenders.note(stored);
    if (task === systemTask) return parts.registry.apply(stored);
    if (ends.has(event.type)) {
      await parts.store.forgetSecrets(task);
      await discardUnused(parts, task);
      return startThoseInWaiting(parts);
    }
    if (event.type === 'plan.withdrawn' || event.type === 'approval.taken-back') return startThoseInWaiting(parts);
    if (moves.has(event.type)) await moveOn(parts, task);
  };
}

/** A branch whose plan never ran is of no use to anybody; one that ran is what people have to look at after a failure. */
async function discardUnused(parts: DispatchParts, task: TaskId): Promise<void> {
  const { proposal, run } = replay(task, await parts.store.readTask(task));
  if (run !== null || proposal === null || proposal.plan.branch === null) return;
  // A retry's branch is the failed task's: that one ran.
  if (proposal.plan.retryOf !== undefined) return;
  await parts.repository.discardBranch({ branch: proposal.plan.branch, commit: proposal.plan.commit });
}

/** Its hosts are free again. Those that still have to wait learn their new place. */
async function startThoseInWaiting(parts: DispatchParts): Promise<void> {
  for (const { task } of await waitingForTheirTurn(parts)) await moveOn(parts, task);
}
