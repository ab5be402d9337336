// What a conversation's projector has put outside, and under which key: a message is posted once, and found again to be updated.
import type { ConversationId } from '../../core/ids.ts';
import type { Chat, View } from '../../core/ports/chat.ts';
import type { Fence, Store } from '../../core/ports/event-log.ts';

export const projector = 'conversation';

/** Where something is shown. `fence`: only the bot that leads the conversation may write a delivery down. */
export type Place = {
  readonly store: Store;
  readonly chat: Chat;
  readonly conversation: ConversationId;
  readonly fence?: Fence | undefined;
};

/** Posts under a key that is stored after the post: a crash in between is the platform's to deduplicate, by the same key. */
export async function postOnce(place: Place, key: string, view: View): Promise<void> {
  if ((await place.store.delivered(projector, key)) !== undefined) return;
  const reference = await place.chat.post(place.conversation, key, view);
  await place.store.saveDelivered(projector, key, reference, place.fence);
}

/** Shows a newer state of what was posted for an event; nothing where nothing was. */
export async function updatePosted(place: Place, seq: number, view: View): Promise<void> {
  const reference = await place.store.delivered(projector, `event:${seq}`);
  if (reference !== undefined) await place.chat.update(place.conversation, reference, view);
}
