// What came of a message: the task that it was about, or why not.
import type { Refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Submitted } from '../submit.ts';

export type Outcome =
  | { readonly type: 'done'; readonly task: TaskId | null }
  | { readonly type: 'refused'; readonly task: TaskId | null; readonly why: Refusal };

export function outcomeOf(task: TaskId, submitted: Submitted): Outcome {
  return submitted.type === 'refusal' ? { type: 'refused', task, why: submitted } : { type: 'done', task };
}
