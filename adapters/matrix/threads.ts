// Where a view goes in its room: cards, questions and refusals where everybody sees them, as replies to their task's first message;
// all else of a task into the thread of that message, which clients without threads show as replies.
import { makeRecent } from '../../core/chat/recent.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Content } from './content.ts';
import { parseReference } from './reference.ts';

export type Threads = ReturnType<typeof makeThreads>;

const rememberedAtMost = 10_000;
const inRoom: ReadonlySet<View['type']> = new Set(['plan', 'question', 'refusal']);

export function makeThreads() {
  /** By thread: the newest message that is known there, to which the next is a reply where threads are not shown. */
  const newest = makeRecent<string>(rememberedAtMost);

  const inThread = (root: string, replyTo?: string): Content => ({
    ...{ rel_type: 'm.thread', event_id: root, is_falling_back: replyTo === undefined },
    'm.in_reply_to': { event_id: replyTo ?? newest.get(root) ?? root },
  });

  return {
    inThread,

    /** @param root the task's first message; in a room that was closed meanwhile, nothing can hang on it */
    relationOf(room: string, view: View, root: string | null): Content | null {
      if (root === null) return null;
      const { room: at, event } = parseReference(root);
      if (at !== room || event === '') return null;
      return inRoom.has(view.type) ? { 'm.in_reply_to': { event_id: event } } : inThread(event);
    },

    /** A message is in a thread. */
    heard: (root: string, event: string): void => newest.set(root, event),
  };
}
