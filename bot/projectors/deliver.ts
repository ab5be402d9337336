// What a conversation's projector has put outside, and under which key: a message is posted once, and found again to be updated.
import { ChiffonError } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';
import type { Chat, View } from '../../core/ports/chat.ts';
import type { Fence, ProjectorStore, Store } from '../../core/ports/event-log.ts';

export const projector = 'conversation';

/** Where something is shown. `fence`: only the bot that leads the conversation may write a delivery down. */
export type Place = {
  readonly store: Store;
  readonly chat: Chat;
  readonly conversation: ConversationId;
  readonly task: TaskId;
  readonly fence?: Fence | undefined;
};

export const eventKey = (seq: number): string => `event:${seq}`;

/**
 * Posts under a key that is stored after the post: a crash in between is the platform's to deduplicate, by the same key. A task's
 * first message is its root: what is said in its thread is about the task.
 */
export async function postOnce(place: Place, key: string, view: View): Promise<void> {
  if ((await place.store.delivered(projector, key)) === undefined) await postUnder(place, key, view, key);
}

/** Posts in the place of a message that is gone. Its name outside differs from the lost one's, or it would pass for it. */
export async function postInstead(place: Place, key: string, view: View, lost: string): Promise<void> {
  if (lost === (await place.store.delivered(projector, rootKey(place.task))))
    await place.store.saveDelivered(projector, rootKey(place.task), '', place.fence);
  await postUnder(place, key, view, `${key} instead of ${lost}`);
}

async function postUnder({ store, chat, conversation, task, fence }: Place, key: string, view: View, name: string) {
  const root = (await store.delivered(projector, rootKey(task))) || null;
  const reference = await chat.post(conversation, name, view, root);
  if (root === null && chat.threads) {
    await store.saveDelivered(projector, threadKey(reference), String(task), fence);
    await store.saveDelivered(projector, rootKey(task), reference, fence);
  }
  await store.saveDelivered(projector, key, reference, fence);
}

/** Shows a newer state of what was posted under a key; nothing where nothing was. An open card that is gone is posted again. */
export async function updatePosted(place: Place, key: string, view: View): Promise<void> {
  const reference = await place.store.delivered(projector, key);
  if (reference === undefined) return;
  const shown = await place.chat.update(place.conversation, reference, view);
  if (shown === 'gone' && waits(view)) await postInstead(place, key, view, reference);
}

/** Whether people have to see it, for it waits for them. */
export function waits(view: View): boolean {
  return (view.type === 'plan' && view.standing === 'open') || (view.type === 'question' && view.closed === null);
}

/** Which task a thread is about, if Chiffon began it. */
export async function taskOfThread(store: ProjectorStore, reference: string): Promise<TaskId | undefined> {
  const task = await store.delivered(projector, threadKey(reference));
  return task === undefined ? undefined : toTaskId(Number(task));
}

/** A conversation that may not be written to holds up no other one. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ChiffonError && error.kind === 'CHAT_UNREACHABLE';
}

const rootKey = (task: TaskId): string => `root:${task}`;
const threadKey = (reference: string): string => `thread:${reference}`;
