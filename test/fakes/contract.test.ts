// The chat in memory does what every chat must do: what tests assume of a platform holds of the real ones.
import { toActorId, toConversationId } from '../../core/ids.ts';
import type { Incoming, PlanView, View } from '../../core/ports/chat.ts';
import { chatContract } from '../contracts/chat.ts';
import type { Seen } from '../contracts/chat-scene.ts';
import { makeChatMemory } from './chat-memory.ts';
import type { PostedMessage } from './platform-chat.ts';
import { makePlatform, makePlatformChat } from './platform-chat.ts';

const conversation = toConversationId('forum:ops');
const id = toActorId('forum:ada');

chatContract('in memory', {
  heardBy: 'leader',
  shows: 'data',
  openScene: async () => {
    const place = makePlatform();
    const sent: Incoming[] = [];
    const rootOf = (reference: string): string =>
      place.messages().find((message) => message.reference === reference)?.root ?? reference;
    const viewAt = (reference: string): View | undefined =>
      place
        .messages()
        .find((message) => message.reference === reference)
        ?.views.at(-1);
    const send = (content: Incoming['content'], about: Pick<Incoming, 'thread' | 'plan'> = {}): void => {
      const incoming: Incoming = {
        ...{ conversation, person: { id, name: 'ada', roles: [] }, messageId: `sent-${sent.length + 1}`, content },
        ...about,
        sentAt: new Date().toISOString(),
      };
      sent.push(incoming);
      void place.hear(incoming);
    };
    return {
      conversation,
      memory: makeChatMemory(),
      makeChat: () => makePlatformChat('forum', place),
      person: {
        id,
        say: async (text) => send({ type: 'text', text }),
        reply: async (reference, text) => {
          const view = viewAt(reference);
          send(
            { type: 'text', text },
            { thread: rootOf(reference), ...(view?.type === 'plan' && { plan: namesOf(view) }) },
          );
        },
        decide: async (reference, button) => {
          const view = viewAt(reference);
          if (view?.type !== 'plan' || view.standing !== 'open') throw new Error('there is nothing to tap');
          send({ type: 'button', button, ...namesOf(view) }, { thread: rootOf(reference) });
        },
        sees: async () => place.messages().map(see),
      },
      session: null,
      platform: {
        remove: async (reference) => place.remove(reference),
        shut: async (closed) => place.shut(closed),
        redelivering: async (start) => {
          const chat = await start();
          for (const incoming of sent) await place.hear(incoming);
          return chat;
        },
      },
      calls: [],
      open: () => place.listeners.size,
      dispose: async () => {},
    };
  },
});

function namesOf({ task, revision, planHash }: PlanView) {
  return { task, revision, hashPrefix: planHash.slice(0, 12) };
}

function see({ reference, views }: PostedMessage): Seen {
  const [first] = views;
  const now = views.at(-1);
  return {
    ...{ reference, text: JSON.stringify(now), pingsMany: false },
    file: now?.type === 'log' ? now.text : '',
    offers: now?.type === 'plan' && now.standing === 'open' ? ['approve', 'reject'] : [],
    pings: calledBy(first),
  };
}

/** Whom a message calls when it comes. */
function calledBy(view: View | undefined): Seen['pings'] {
  if (view?.type === 'notice' && view.calls !== undefined) return [view.calls];
  return view?.type === 'result' || view?.type === 'question' ? [view.requester] : [];
}
