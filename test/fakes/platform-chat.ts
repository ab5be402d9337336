// A chat platform in memory, as core's port has it: channels with messages that can be deleted or closed to Chiffon, threads of tasks,
// and files. It dedupes by key, as the real ones do.
import { ChiffonError } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import type { Chat, ChatHandlers, Incoming, View } from '../../core/ports/chat.ts';

export type PostedMessage = {
  readonly reference: string;
  readonly key: string;
  readonly root: string | null;
  /** Oldest first; the last is what it shows. */
  readonly views: readonly View[];
};

export type PlatformChat = Chat & {
  readonly messages: () => readonly PostedMessage[];
  readonly answers: () => readonly View[];
  readonly remove: (reference: string) => void;
  /** Whether nothing can be posted there for now. */
  readonly shut: (closed: boolean) => void;
  readonly handlers: () => ChatHandlers | undefined;
};

export function makePlatformChat(platform = 'forum'): PlatformChat {
  const messages = new Map<string, PostedMessage>();
  const byKey = new Map<string, string>();
  const answered: View[] = [];
  let isClosed = false;
  let heard: ChatHandlers | undefined;
  let posts = 0;

  const show = (reference: string, view: View): boolean => {
    const message = messages.get(reference);
    if (message === undefined) return false;
    messages.set(reference, { ...message, views: [...message.views, view] });
    return true;
  };

  return {
    platform,
    name: platform,
    heardBy: 'leader',
    threads: true,
    logFiles: true,
    serves: (conversation: ConversationId) => conversation.startsWith(`${platform}:`),
    start: async (handlers) => {
      heard = handlers;
    },
    stop: async () => {
      heard = undefined;
    },
    answer: async (_incoming: Incoming, view) => {
      answered.push(view);
    },
    post: async (conversation, key, view, root = null) => {
      if (isClosed) throw new ChiffonError('CHAT_UNREACHABLE', `Chiffon may not write in ${conversation}.`);
      const known = byKey.get(key);
      if (known !== undefined) return known;
      posts += 1;
      const reference = `message-${posts}`;
      byKey.set(key, reference);
      messages.set(reference, { reference, key, root, views: [view] });
      return reference;
    },
    update: async (_conversation, reference, view) => (show(reference, view) ? 'shown' : 'gone'),
    bringUpToDate: async (all) =>
      all.filter(({ reference, view }) => !show(reference, view)).map(({ reference }) => reference),
    close: async () => {},
    messages: () => [...messages.values()],
    answers: () => answered,
    remove: (reference) => void messages.delete(reference),
    shut: (closed) => {
      isClosed = closed;
    },
    handlers: () => heard,
  };
}
