// Answers to what somebody sent, where they sent it: as a reply, or in the thread of the card that was tapped. A homeserver shows
// everybody in the room what it shows one.
import { makeRecent } from '../../core/chat/recent.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Incoming, View } from '../../core/ports/chat.ts';
import { toChiffonError } from './api-error.ts';
import type { Content } from './content.ts';
import type { Message } from './message.ts';
import type { Places } from './places.ts';
import type { makePostOnce } from './post-once.ts';
import { parseReference, referenceOf } from './reference.ts';
import type { Threads } from './threads.ts';

/** How something that was sent can be answered. */
export type Asked = {
  readonly room: string;
  /** What the answer is a reply to; null for a tap, which is none. */
  readonly replyTo: string | null;
  /** The first message of the thread that the answer goes into. */
  readonly thread: string | null;
  /** The thread is a task's. */
  readonly ofTask: boolean;
  /** Whoever tapped looks elsewhere by now: they are called. */
  readonly calls: string | null;
};

export type Answers = ReturnType<typeof makeAnswers>;

const rememberedAtMost = 2_000;

export function makeAnswers(parts: {
  readonly places: Places;
  readonly threads: Threads;
  readonly postOnce: ReturnType<typeof makePostOnce>;
  readonly render: (view: View) => readonly Message[];
}) {
  const { places, threads } = parts;
  const asked = makeRecent<Asked>(rememberedAtMost);
  const counts = makeRecent<number>(rememberedAtMost);

  async function say(messageId: string, given: Asked, messages: readonly Message[]): Promise<void> {
    const count = (counts.get(messageId) ?? 0) + 1;
    counts.set(messageId, count);
    const { room, thread, calls } = given;
    await parts.postOnce({
      room,
      // By what was sent: the same again is answered once.
      key: `answer ${messageId} ${count}`,
      parts: messages.map((message, index) => {
        const mentions = index === 0 && calls !== null ? [calls] : [];
        return { ...message, mentions, quiet: mentions.length === 0, plan: null };
      }),
      urgency: 'decisive',
      root: given.ofTask && thread !== null ? referenceOf({ room, event: thread }) : null,
      relation: () => relationOf(given),
      answer: true,
    });
  }

  function relationOf({ thread, replyTo }: Asked): Content | null {
    if (thread !== null) return threads.inThread(thread, replyTo ?? undefined);
    return replyTo === null ? null : { 'm.in_reply_to': { event_id: replyTo } };
  }

  return {
    asked: (messageId: string, how: Asked): void => asked.set(messageId, how),

    async answer(incoming: Incoming, view: View): Promise<void> {
      const { messageId, conversation, thread } = incoming;
      try {
        const given: Asked = asked.get(messageId) ?? {
          ...{ room: await places.currentRoomOf(conversation), replyTo: null, calls: null },
          ...{ thread: thread === undefined ? null : parseReference(thread).event, ofTask: thread !== undefined },
        };
        await say(messageId, given, parts.render(view));
      } catch (error) {
        throw toChiffonError(error);
      }
    },

    /** Something of the adapter's own. */
    async say(messageId: string, message: Message): Promise<void> {
      const given = asked.get(messageId);
      if (given === undefined) throw new ChiffonError('CHAT_FAILED', 'There is nothing to answer to.');
      await say(messageId, given, [message]);
    },
  };
}
