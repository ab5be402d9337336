// When this bot takes the dispatch over: attempts that are live are under watch again. One that no agent has claimed is sent again
// (an agent knows a second copy by its journal); one that was claimed is held until its agent says what became of it.
import { replay } from '../../core/task/evolve.ts';
import { liveAttempt } from '../../core/task/state.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { aboutOf, moveOn } from './move-on.ts';

const openAtMost = 1_000;

export async function resumeAttempts(parts: DispatchParts): Promise<void> {
  await parts.tasksAreCurrent();
  for (const row of await parts.store.listTasks({ states: ['approved', 'running'], limit: openAtMost })) {
    const state = replay(row.task, await parts.store.readTask(row.task));
    const live = liveAttempt(state);
    if (state.run !== null && live !== undefined && live.phase !== 'granted')
      parts.leases.heard(aboutOf(state, state.run, live));
    await moveOn(parts, row.task);
  }
}
