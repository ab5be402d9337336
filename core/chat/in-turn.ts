// What people send in one conversation is handled in its order; conversations do not wait for each other.
import type { ConversationId } from '../ids.ts';
import type { ChatHandlers, Incoming } from '../ports/chat.ts';
import { makeQueue } from '../queue.ts';

export function oneAtATime(handle: ChatHandlers['handle']): ChatHandlers['handle'] {
  const lanes = new Map<ConversationId, { readonly turns: ReturnType<typeof makeQueue>; waiting: number }>();
  return async (incoming: Incoming) => {
    const lane = lanes.get(incoming.conversation) ?? { turns: makeQueue(), waiting: 0 };
    lanes.set(incoming.conversation, lane);
    lane.waiting += 1;
    try {
      return await lane.turns(() => handle(incoming));
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes.delete(incoming.conversation);
    }
  };
}
