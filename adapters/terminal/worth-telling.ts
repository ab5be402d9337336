// Which news of a run deserves a line of its own where nothing can be drawn over: a new Ansible task, and a step's start and end.
import type { TaskId } from '../../core/ids.ts';
import type { ProgressView, StepProgress } from '../../core/ports/chat.ts';
import { makeRecent } from './recent.ts';
import { hasEnded } from './views/progress-lines.ts';

export type WorthTelling = {
  /** The steps of which something new can be said; each piece of news is given once. */
  readonly newsOf: (view: ProgressView) => readonly StepProgress[];
  /** The run is over: whatever still comes of it is outdated. */
  readonly finish: (task: TaskId) => void;
};

const finishedAtMost = 1_000;

export function makeWorthTelling(): WorthTelling {
  const finished = makeRecent<TaskId>(finishedAtMost);
  const told = new Map<TaskId, Map<number, string>>();
  return {
    newsOf: (view) => {
      if (finished.has(view.task)) return [];
      const before = told.get(view.task) ?? new Map<number, string>();
      told.set(view.task, before);
      return view.steps.filter((step) => {
        const news = newsIn(step);
        if (news === null || before.get(step.number) === news) return false;
        before.set(step.number, news);
        return true;
      });
    },
    finish: (task) => {
      finished.add(task);
      told.delete(task);
    },
  };
}

function newsIn(step: StepProgress): string | null {
  if (hasEnded(step)) return step.state;
  if (step.state === 'waiting') return null;
  if (step.state === 'starting') return `with ${step.agent ?? 'nobody'}`;
  // The host changes far more often than the task.
  return step.now === '' ? null : `at ${step.now.replace(/ · [^·]*$/, '')}`;
}
