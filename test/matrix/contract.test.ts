// Matrix does what every chat must do, on a real homeserver.
import { beforeAll, expect } from 'vitest';
import { toActorId } from '../../core/ids.ts';
import { chatContract } from '../contracts/chat.ts';
import type { Decision, Seen } from '../contracts/chat-scene.ts';
import { eventually } from '../contracts/chat-scene.ts';
import { eventOf, openChatStage, openPeople } from './chat-stage.ts';
import type { Message } from './messages.ts';
import { sharedSynapse } from './synapse.ts';

const signs: Readonly<Record<Decision, string>> = { approve: '✅', reject: '❌' };
/** Limits of one's own that get in nobody's way. */
const limits = { lane: { requests: 1_000, withinMs: 1_000 }, all: { requests: 10_000, withinMs: 1_000 } };

let people: Awaited<ReturnType<typeof openPeople>>;
beforeAll(async () => {
  people = await openPeople(await sharedSynapse());
});

chatContract('on Matrix', {
  heardBy: 'leader',
  shows: 'text',
  openScene: async () => {
    const stage = await openChatStage({ people });
    const { ada, bot, room, memory, conversation } = stage;
    const person = toActorId(`matrix:${ada.userId}`);
    const token = (): string | undefined => memory.kept.get('sync-token');
    /** How far was heard before anything was said. */
    let atFirst: string | undefined;
    const speaking = async (): Promise<void> => {
      if (atFirst !== undefined) return;
      await eventually(() => expect(token()).toBeDefined());
      atFirst = token();
    };
    return {
      ...{ conversation, memory },
      makeChat: () => stage.makeChat({ limits }),
      person: {
        id: person,
        say: async (text) => {
          await speaking();
          await ada.say(room, `!chiffon ${text}`);
        },
        reply: async (reference, text) => void (await ada.say(room, text, { replyTo: eventOf(reference) })),
        decide: async (reference, decision) => void (await ada.react(room, eventOf(reference), signs[decision])),
        sees: async () => {
          const [messages, rang] = await Promise.all([ada.messages(room), ada.rang(room)]);
          const highlighted = new Set(rang.filter(({ highlight }) => highlight).map(({ eventId }) => eventId));
          const shown = messages.filter(({ sender, redacted }) => sender === bot.userId && !redacted);
          return Promise.all(
            shown.map(async (message) => {
              const file = message.file === undefined ? '' : Buffer.from(await ada.download(message.file)).toString();
              const rings = highlighted.has(message.eventId) ? [ada.userId] : [];
              return see(room, message, file, [...new Set([...message.mentions, ...rings])]);
            }),
          );
        },
      },
      session: null,
      platform: {
        remove: async (reference) => void (await ada.redact(room, eventOf(reference))),
        shut: (closed) => (closed ? ada.kick(room, bot.userId) : ada.invite(room, bot.userId)),
        redelivering: async (start) => {
          await memory.keep('sync-token', atFirst ?? '');
          return start();
        },
      },
      calls: [
        ...['@room', ada.userId, `matrix:${ada.userId}`, `https://matrix.to/#/${ada.userId}`],
        ...[`<a href="https://matrix.to/#/${ada.userId}">ada</a>`, ada.userId.slice(1).split(':')[0] ?? ''],
      ],
      open: () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
      dispose: () => stage[Symbol.asyncDispose](),
    };
  },
});

function see(room: string, message: Message, file: string, rings: readonly string[]): Seen {
  const decisions: readonly Decision[] = ['approve', 'reject'];
  return {
    ...{ reference: `${room}/${message.eventId}`, text: message.body, file },
    offers: decisions.filter((decision) => message.body.includes(signs[decision]) && message.body.includes('Tap ')),
    pings: rings.map((userId) => toActorId(`matrix:${userId}`)),
    pingsMany: message.mentionsRoom,
  };
}
