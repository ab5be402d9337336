// When this bot takes the dispatch over: attempts that are live are under watch again. One that no agent has claimed is sent again
// (an agent knows a second copy by its journal); one that was claimed is held until its agent says what became of it.
import { replay } from '../../core/task/evolve.ts';
import type { Attempt, TaskState } from '../../core/task/state.ts';
import { liveAttempt } from '../../core/task/state.ts';
import { commandLifetimeMs } from './core-voice.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { stopMs } from './leases.ts';
import { aboutOf, moveOn } from './move-on.ts';

const openAtMost = 1_000;

export async function resumeAttempts(parts: DispatchParts): Promise<void> {
  await parts.tasksAreCurrent();
  for (const row of await parts.store.listTasks({ states: ['approved', 'running'], limit: openAtMost })) {
    const state = replay(row.task, await parts.store.readTask(row.task));
    const live = liveAttempt(state);
    if (state.run !== null && live !== undefined && live.phase !== 'granted')
      parts.leases.heard(aboutOf(state, state.run, live), { inMs: longestMs(state, live) });
    await moveOn(parts, row.task);
  }
}

/** Counted anew from the take-over: generous by as much as has gone by already. */
function longestMs(state: TaskState, live: Attempt): number {
  if (state.cancel !== null) return stopMs;
  if (live.phase !== 'started') return commandLifetimeMs;
  return (state.proposal?.plan.steps[live.step - 1]?.timeoutMs ?? commandLifetimeMs) + stopMs;
}
