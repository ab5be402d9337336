// Secrets that people tell while the bot is down, or in the wrong place, on a real homeserver: none is used from where others read, and
// none becomes a request.
import { expect, it } from 'vitest';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { ChatMemory, QuestionView } from '../../core/ports/chat.ts';
import { sampleQuestion } from '../builders/views.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import type { ChatStage } from './chat-stage.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import type { Person } from './people.ts';

const secretOf = (task: number, asked?: Person): QuestionView => ({
  ...sampleQuestion,
  ...{ task: toTaskId(task), candidates: [], secret: true },
  ...(asked === undefined ? {} : { requester: toActorId(`matrix:${asked.userId}`) }),
});

async function openSecretStage() {
  const stage = await openChatStage();
  const { ada, bot, room } = stage;
  await ada.setPower(room, bot.userId, 50);
  return stage;
}

async function directRoom({ ada, bot }: ChatStage): Promise<string> {
  const direct = await ada.createRoom({ kind: 'direct', invite: [bot.userId] });
  await ada.until(async () => (await ada.members(direct)).includes(bot.userId));
  return direct;
}

async function untilGone({ ada }: ChatStage, room: string, event: string): Promise<void> {
  await ada.until(async () => (await ada.messages(room)).find(({ eventId }) => eventId === event)?.redacted);
}

it('one that was written into a thread while the bot was down is taken away and not used', async () => {
  await using stage = await openSecretStage();
  const { ada, room, conversation } = stage;
  const first = await stage.startChat();
  const asked = await first.post(conversation, 'event:1', secretOf(9));
  const card = await first.post(conversation, 'event:2', planOf(8));
  await first.post(conversation, 'event:3', secretOf(8), card);
  await first.stop();
  const told = [
    await ada.say(room, 'hunter2', { thread: eventOf(asked) }),
    await ada.say(room, 'hunter3', { thread: eventOf(card) }),
  ];
  await stage.startChat();
  for (const event of told) await untilGone(stage, room, event);
  await ada.sees(room, ({ body }) => body.includes('A secret was written where others could read it.'));
  expect(stage.taken).toEqual([]);
});

it('also when the bot died before it knew that its question was there', async () => {
  await using stage = await openSecretStage();
  const { ada, room, conversation, memory } = stage;
  let kept = 0;
  const dying: ChatMemory = {
    ...memory,
    keep: async (key, value) => {
      if (key === 'open-questions' && ++kept > 1) throw new Error('killed');
      await memory.keep(key, value);
    },
  };
  const first = await stage.startChat({}, dying);
  await expect(first.post(conversation, 'event:1', secretOf(9))).rejects.toThrow('killed');
  const { eventId } = await ada.sees(room, ({ body }) => body.includes('#9 asks'));
  await first.stop();
  const told = await ada.say(room, 'hunter2', { thread: eventId });
  await stage.startChat();
  await untilGone(stage, room, told);
  expect(stage.taken).toEqual([]);
});

it('a question that was closed asks for nothing in the next life either', async () => {
  await using stage = await openSecretStage();
  const { ada, room, conversation } = stage;
  const first = await stage.startChat();
  const root = await first.post(conversation, 'event:1', secretOf(9));
  await first.update(conversation, root, { ...secretOf(9), closed: 'Answered by ada' });
  const other = await first.post(conversation, 'event:2', secretOf(8));
  await first.post(conversation, 'event:3', planOf(8), other);
  await first.stop();
  await stage.startChat();
  await ada.say(room, 'on nas instead', { thread: eventOf(root) });
  await ada.say(room, 'on atlas instead', { thread: eventOf(other) });
  expect(await stage.untilTaken(2)).toMatchObject([
    { thread: root, content: { type: 'text', text: 'on nas instead' } },
    { thread: other, content: { type: 'text', text: 'on atlas instead' } },
  ]);
});

it('one that was told in a room of two while the bot was down goes to its question, and is taken away', async () => {
  await using stage = await openSecretStage();
  const { ada, conversation } = stage;
  const first = await stage.startChat();
  const direct = await directRoom(stage);
  await first.post(conversation, 'event:1', secretOf(9));
  await first.stop();
  const told = await ada.say(direct, 'answer #9 hunter3');
  await stage.startChat();
  await untilGone(stage, direct, told);
  expect(stage.taken).toMatchObject([
    { content: { type: 'answer', task: 9, question: sampleQuestion.number, text: 'hunter3' } },
  ]);
});

it.each(['answer #9 hunter3', 'Answer 9: hunter3', '!answer #9 hunter3'])(
  '`%s` is no request where nobody knows of that question: it is taken away, and its writer is told',
  async (text) => {
    await using stage = await openSecretStage();
    const { ada, bot, room } = stage;
    await stage.startChat({}, makeChatMemory());
    const direct = await directRoom(stage);
    const told = [
      [direct, await ada.say(direct, text)] as const,
      [room, await ada.say(room, `!chiffon ${text}`)] as const,
    ];
    for (const [where, event] of told) {
      await untilGone(stage, where, event);
      const answer = await ada.sees(where, ({ sender, replyTo }) => sender === bot.userId && replyTo === event);
      expect(answer.body).toContain('I know of no question of #9');
    }
    expect(stage.taken).toEqual([]);
  },
);

it('one that is told in a room where others read is taken away, though Chiffon was not called', async () => {
  await using stage = await openSecretStage();
  const { ada, room, conversation } = stage;
  const chat = await stage.startChat();
  await chat.post(conversation, 'event:1', secretOf(9));
  await untilGone(stage, room, await ada.say(room, 'answer #9 hunter3'));
  expect(stage.taken).toEqual([]);
});

it('in a room of two where one was asked for, words outside of the thread are no request', async () => {
  await using stage = await openSecretStage();
  const { ada } = stage;
  const chat = await stage.startChat();
  const direct = await directRoom(stage);
  await ada.say(direct, 'deploy grafana');
  const [request] = await stage.untilTaken(1);
  const asked = await chat.post(request?.conversation ?? stage.conversation, 'event:1', secretOf(9, ada));
  await untilGone(stage, direct, await ada.say(direct, 'hunter2'));
  await ada.sees(direct, ({ body }) => body.includes('#9 asks you for a secret'));
  const answer = await ada.say(direct, 'hunter3', { thread: eventOf(asked) });
  await untilGone(stage, direct, answer);
  await ada.say(direct, '!chiffon deploy jellyfin');
  expect((await stage.untilTaken(3)).slice(1)).toMatchObject([
    { messageId: answer, content: { type: 'answer', task: 9, question: sampleQuestion.number, text: 'hunter3' } },
    { content: { type: 'text', text: 'deploy jellyfin' } },
  ]);
});

it('while one is asked of somebody in a public room, what they say in a room of two is no request; what others say is', async () => {
  await using stage = await openSecretStage();
  const { ada, conversation } = stage;
  const chat = await stage.startChat();
  const direct = await directRoom(stage);
  const ben = await stage.homeserver.person('ben');
  const bens = await ben.createRoom({ kind: 'direct', invite: [stage.bot.userId] });
  await ben.until(async () => (await ben.members(bens)).includes(stage.bot.userId));
  await chat.post(conversation, 'event:1', secretOf(9, ada));
  await untilGone(stage, direct, await ada.say(direct, 'hunter2'));
  await ada.sees(direct, ({ body }) => body.includes('#9 asks you for a secret'));
  await ben.say(bens, 'deploy grafana');
  expect(await stage.untilTaken(1)).toMatchObject([{ content: { type: 'text', text: 'deploy grafana' } }]);
});
