// A chat platform in memory, as core's port has it: channels with messages that can be deleted or closed to Chiffon, threads of tasks,
// and files. It dedupes by key, as the real ones do, and keeps to their contract (contract.test.ts).
import { oneAtATime } from '../../core/chat/in-turn.ts';
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

/** What is there whoever looks at it: each life of the chat finds it again. */
export type Platform = ReturnType<typeof makePlatform>;

export function makePlatform() {
  const messages = new Map<string, PostedMessage>();
  const byKey = new Map<string, string>();
  const listeners = new Set<Pick<ChatHandlers, 'handle' | 'lookAgain'>>();
  let isClosed = false;
  const look = (): void => {
    for (const { lookAgain } of listeners) lookAgain(null);
  };

  return {
    listeners,
    messages: (): readonly PostedMessage[] => [...messages.values()],
    isClosed: (): boolean => isClosed,
    post(key: string, view: View, root: string | null): string {
      const known = byKey.get(key);
      if (known !== undefined) return known;
      const reference = `message-${byKey.size + 1}`;
      byKey.set(key, reference);
      messages.set(reference, { reference, key, root, views: [view] });
      return reference;
    },
    show(reference: string, view: View): boolean {
      const message = messages.get(reference);
      if (message === undefined) return false;
      messages.set(reference, { ...message, views: [...message.views, view] });
      return true;
    },
    remove(reference: string): void {
      messages.delete(reference);
      look();
    },
    /** Whether nothing can be posted there for now. */
    shut(closed: boolean): void {
      isClosed = closed;
      if (!closed) look();
    },
    /** Somebody sends it; whoever is connected hears it, and what they cannot handle is over. */
    async hear(incoming: Incoming): Promise<void> {
      for (const { handle } of listeners) await handle(incoming).catch(() => {});
    },
  };
}

export type PlatformChat = Chat & Pick<Platform, 'messages' | 'remove' | 'shut'>;

export function makePlatformChat(platform = 'forum', place = makePlatform()): PlatformChat {
  let heard: Pick<ChatHandlers, 'handle' | 'lookAgain'> | undefined;
  const connected = (): Platform => {
    if (heard === undefined) throw new ChiffonError('CHAT_FAILED', 'Chiffon is not connected to the platform.');
    return place;
  };
  const stop = async (): Promise<void> => {
    if (heard !== undefined) place.listeners.delete(heard);
    heard = undefined;
  };

  return {
    platform,
    name: platform,
    heardBy: 'leader',
    threads: true,
    logFiles: true,
    serves: (conversation: ConversationId) => conversation.startsWith(`${platform}:`),
    start: async ({ handle, lookAgain }) => {
      await stop();
      heard = { handle: oneAtATime(handle), lookAgain };
      place.listeners.add(heard);
    },
    stop,
    answer: async ({ messageId, thread }, view) => {
      connected().post(`answer ${messageId}`, view, thread ?? null);
    },
    post: async (conversation, key, view, root = null) => {
      if (connected().isClosed())
        throw new ChiffonError('CHAT_UNREACHABLE', `Chiffon may not write in ${conversation}.`);
      return place.post(key, view, root);
    },
    update: async (_conversation, reference, view) => (connected().show(reference, view) ? 'shown' : 'gone'),
    bringUpToDate: async (all) =>
      all.filter(({ reference, view }) => !connected().show(reference, view)).map(({ reference }) => reference),
    close: stop,
    messages: place.messages,
    remove: place.remove,
    shut: place.shut,
  };
}
