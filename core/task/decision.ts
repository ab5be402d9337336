// What the decider gives back: events to append, or a refusal to show.
import type { Refusal } from '../error.ts';
import { refusal } from '../error.ts';
import type { TaskEvent } from './event.ts';
import type { TaskState } from './state.ts';

export type Decision = { readonly type: 'events'; readonly events: readonly TaskEvent[] } | Refusal;

export function events(...list: readonly TaskEvent[]): Decision {
  return { type: 'events', events: list };
}

/** The refusal of a command that does not belong to the state in which the task is. */
export function outOfPlace(state: TaskState, what: string): Refusal {
  const standing = state.status === 'none' ? 'not there' : state.status;
  return refusal('WRONG_STATE', `Task #${state.task} is ${standing}, so it cannot ${what}.`);
}
