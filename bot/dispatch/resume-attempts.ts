// When this bot takes the dispatch over: attempts that are live are under watch again. One that no agent has claimed is sent again
// (an agent knows a second copy by its journal); one that was claimed is held until its agent says what became of it.
import type { Attempt, TaskState } from '../../core/task/state.ts';
import { liveAttempt } from '../../core/task/state.ts';
import { readStanding } from './contenders.ts';
import { commandLifetimeMs } from './core-voice.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { stopMs } from './leases.ts';
import { aboutOf, moveOn } from './move-on.ts';

/** Runs under way or waiting for their turn: a homelab has a handful. */
const openAtMost = 1_000;

export async function resumeAttempts(parts: DispatchParts): Promise<void> {
  const { seq } = await parts.store.head();
  await parts.tasksAreCurrent();
  const rows = await parts.store.listTasks({ states: ['approved', 'running', 'paused'], limit: openAtMost });
  // All of them are known before the first one moves: whose turn it is depends on the others.
  for (const { task } of rows) parts.contenders.found(await readStanding(parts.store, task));
  parts.contenders.isWhole(seq);
  for (const { task } of rows) {
    const { state } = await readStanding(parts.store, task);
    const live = liveAttempt(state);
    if (state.run !== null && live !== undefined && live.phase !== 'granted')
      parts.leases.heard(aboutOf(state, state.run, live), { inMs: longestMs(state, live) });
    await moveOn(parts, task);
  }
}

/** Counted anew from the take-over: generous by as much as has gone by already. */
function longestMs(state: TaskState, live: Attempt): number {
  if (state.cancel !== null) return stopMs;
  if (live.phase !== 'started') return commandLifetimeMs;
  return (state.proposal?.plan.steps[live.step - 1]?.timeoutMs ?? commandLifetimeMs) + stopMs;
}
