// Which news of a run deserves a line of its own where nothing can be drawn over: a new Ansible task, and a step's start and end.
import type { TaskId } from '../../core/ids.ts';
import type { ProgressView, StepProgress } from '../../core/ports/chat.ts';
import { hasEnded } from './views/progress-lines.ts';

export type WorthTelling = {
  /** The steps of which something new can be said; each piece of news is given once. */
  readonly newsOf: (view: ProgressView) => readonly StepProgress[];
  readonly forget: (task: TaskId) => void;
};

export function makeWorthTelling(): WorthTelling {
  const told = new Map<TaskId, Map<number, string>>();
  return {
    newsOf: (view) => {
      const before = told.get(view.task) ?? new Map<number, string>();
      told.set(view.task, before);
      return view.steps.filter((step) => {
        const news = newsIn(step);
        if (news === null || before.get(step.number) === news) return false;
        before.set(step.number, news);
        return true;
      });
    },
    forget: (task) => {
      told.delete(task);
    },
  };
}

function newsIn(step: StepProgress): string | null {
  if (hasEnded(step)) return step.state;
  if (step.state === 'waiting') return null;
  // The host changes far more often than the task.
  return step.now === '' ? 'starting' : `at ${step.now.replace(/ · [^·]*$/, '')}`;
}
