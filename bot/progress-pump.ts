// Carries the live progress to the chats: the newest state at once when all is quiet, and never more often than the pace.
import type { Logger } from 'pino';
import type { TaskId } from '../core/ids.ts';
import type { LiveProgress } from './live-progress.ts';

/** `show` brings one task's live message up to date. Returns how to stop. */
export function pumpProgress(parts: {
  readonly progress: LiveProgress;
  readonly show: (task: TaskId) => Promise<void>;
  readonly paceMs: number;
  readonly log: Logger;
}): () => void {
  const busy = new Set<TaskId>();
  const dirty = new Set<TaskId>();
  let stopped = false;

  const pump = async (task: TaskId): Promise<void> => {
    busy.add(task);
    while (dirty.delete(task) && !stopped) {
      await parts
        .show(task)
        .catch((error: unknown) => parts.log.warn({ err: error, task }, 'the live progress could not be shown'));
      await new Promise((resolve) => setTimeout(resolve, parts.paceMs));
    }
    busy.delete(task);
  };

  parts.progress.onChange((task) => {
    dirty.add(task);
    if (!busy.has(task)) void pump(task);
  });
  return () => {
    stopped = true;
  };
}
