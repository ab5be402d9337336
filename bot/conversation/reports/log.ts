// `log`: what a task's newest attempt printed, or a step's.
import type { Refusal } from '../../../core/error.ts';
import { refusal } from '../../../core/error.ts';
import type { LogView } from '../../../core/ports/chat.ts';
import type { Store } from '../../../core/ports/event-log.ts';
import { replay } from '../../../core/task/evolve.ts';
import { readLog } from '../../read-log.ts';
import type { History } from './history-of.ts';

export async function logReport(
  store: Store,
  { task, events }: History,
  wanted: number | null,
): Promise<LogView | Refusal> {
  const state = replay(task, events);
  const attempt = state.attempts.findLast((candidate) => wanted === null || candidate.step === wanted);
  if (attempt === undefined || state.run === null) return refusal('NO_SUCH_TASK', whyNoLog(task, wanted));
  return readLog(store, task, state.run, attempt);
}

export function whyNoLog(task: number, step: number | null): string {
  return step === null
    ? `Task #${task} has not run, so it has no log.`
    : `Step ${step} of task #${task} has not run, so it has no log.`;
}
