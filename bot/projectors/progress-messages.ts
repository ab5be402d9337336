// The live messages of a run, one for each step: posted when the step begins, brought up to date as it goes on.
import type { TaskId } from '../../core/ids.ts';
import type { ProgressView } from '../../core/ports/chat.ts';
import type { StoredEvent } from '../../core/task/event.ts';
import type { LiveProgress } from '../live-progress.ts';
import type { Place } from './deliver.ts';
import { eventKey, postOnce, projector, updatePosted } from './deliver.ts';

const stepKey = (task: number, step: number): string => `progress:${task}.${step}`;

/** A step that is begun again goes on in the message that it has. */
export async function postProgress(
  place: Place,
  progress: LiveProgress,
  stored: StoredEvent,
  step: number,
): Promise<void> {
  const view = progress.view(place.task, step);
  if (view === undefined) return;
  const key = stepKey(place.task, step);
  if ((await place.store.delivered(projector, key)) !== undefined) return updatePosted(place, key, view);
  await postOnce(place, eventKey(stored.seq), view);
  const reference = await place.store.delivered(projector, eventKey(stored.seq));
  if (reference !== undefined) await place.store.saveDelivered(projector, key, reference, place.fence);
}

/** The live messages as they are now; called for each change, by the flow's own pace. */
export async function updateProgress(place: Place, progress: LiveProgress): Promise<void> {
  for (const { key, view } of progressMessages(progress, place.task)) await updatePosted(place, key, view);
}

/** What each live message of a run has to say now, by its key. */
export function progressMessages(progress: LiveProgress, task: TaskId): readonly { key: string; view: ProgressView }[] {
  return progress.begun(task).flatMap((step) => {
    const view = progress.view(task, step);
    return view === undefined ? [] : [{ key: stepKey(task, step), view }];
  });
}
