// At a start: attempts that an earlier process left live. One that was only granted is sent again (the agent knows a second
// copy by its journal); one that was started is held under its lease until the agent says what became of it.
import { replay } from '../../core/task/evolve.ts';
import { liveAttempt } from '../../core/task/state.ts';
import type { LiveProgress } from '../live-progress.ts';
import type { DispatchParts } from '../projectors/dispatcher.ts';
import { moveOn } from '../projectors/dispatcher.ts';
import type { Leases } from './leases.ts';

const openAtMost = 1_000;

export async function resumeAttempts(parts: {
  readonly dispatch: DispatchParts;
  readonly leases: Leases;
  readonly progress: LiveProgress;
}): Promise<void> {
  for (const row of await parts.dispatch.store.listTasks({ open: true, limit: openAtMost })) {
    const state = replay(row.task, await parts.dispatch.store.readTask(row.task));
    if (state.proposal === null || state.run === null) continue;
    parts.progress.begin(row.task, state.proposal.plan);
    const live = liveAttempt(state);
    if (live === undefined) continue;
    if (live.phase === 'granted') await moveOn(parts.dispatch, row.task, false);
    else parts.leases.heard({ task: row.task, run: state.run, token: live.token, type: 'attempt.heartbeat' });
    if (state.cancel !== null) await moveOn(parts.dispatch, row.task, true);
  }
}
