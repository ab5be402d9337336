// A run's whole output as files at its end, in chats that keep files: one message for each attempt that printed something.

import type { StoredEvent } from '../../core/task/event.ts';
import type { TaskState } from '../../core/task/state.ts';
import { readLog } from '../read-log.ts';
import type { Place } from './deliver.ts';
import { eventKey, postOnce } from './deliver.ts';

export async function postRunLogs(place: Place, state: TaskState, stored: StoredEvent): Promise<void> {
  if (!place.chat.logFiles || state.run === null) return;
  for (const attempt of state.attempts) {
    const log = await readLog(place.store, state.task, state.run, attempt);
    const key = `${eventKey(stored.seq)}:log:${attempt.step}.${attempt.attempt}`;
    if (log.lines > 0) await postOnce(place, key, log);
  }
}
