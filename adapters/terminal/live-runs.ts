// The runs that go on right now, newest state only, and which of their steps have ended since they were last told of.
import type { TaskId } from '../../core/ids.ts';
import type { ProgressView } from '../../core/ports/chat.ts';
import type { Look } from './look.ts';
import { makeRecent } from './recent.ts';
import { endedLines, hasEnded, liveLines } from './views/progress-lines.ts';

export type LiveRuns = {
  /** Takes the newest state; gives the permanent lines of the steps that ended with it. */
  readonly update: (view: ProgressView, look: Look) => string[];
  /** The run is over: whatever still comes of it is outdated. */
  readonly finish: (task: TaskId) => void;
  /** The run is not going on, and may begin again. */
  readonly drop: (task: TaskId) => void;
  /** What happens now, a line or two for each step that has not ended. */
  readonly lines: (look: Look, tick: number) => string[];
  readonly newest: () => TaskId | null;
};

const finishedAtMost = 1_000;

export function makeLiveRuns(): LiveRuns {
  const runs = new Map<TaskId, { readonly view: ProgressView; readonly told: Set<number> }>();
  const finished = makeRecent<TaskId>(finishedAtMost);

  return {
    update: (view, look) => {
      if (finished.has(view.task)) return [];
      const told = runs.get(view.task)?.told ?? new Set<number>();
      runs.set(view.task, { view, told });
      const news = view.steps.filter((step) => hasEnded(step) && !told.has(step.number));
      for (const step of news) told.add(step.number);
      return news.flatMap((step) => endedLines(view, step, look));
    },
    finish: (task) => {
      finished.add(task);
      runs.delete(task);
    },
    drop: (task) => {
      runs.delete(task);
    },
    lines: (look, tick) =>
      [...runs.values()].flatMap(({ view }) =>
        view.steps.filter((step) => !hasEnded(step)).flatMap((step) => liveLines(view, step, look, tick)),
      ),
    newest: () => [...runs.keys()].at(-1) ?? null,
  };
}
