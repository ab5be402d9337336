// What is said to Chiffon in a room, and what is not, on a real homeserver.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import type { Chat } from '../../core/ports/chat.ts';
import { sampleQuestion } from '../builders/views.ts';
import type { ChatStage } from './chat-stage.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';

describe('words', () => {
  let stage: ChatStage;
  let chat: Chat;
  beforeAll(async () => {
    stage = await openChatStage();
    chat = await stage.startChat();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** Those that were handed over since, up to and with what is said now. */
  async function takenUntil(say: () => Promise<string>): Promise<readonly string[]> {
    const last = await say();
    await stage.until(() => expect(stage.taken.map(({ messageId }) => messageId)).toContain(last));
    return stage.taken.splice(0).map(({ content }) => ('text' in content ? (content.text ?? '') : content.type));
  }

  it('are for the bot after its name, with a mention, or in a task’s thread; all others are not', async () => {
    const { ada, bot, room, conversation } = stage;
    const root = await chat.post(conversation, 'event:words', planOf(7));
    await ada.say(room, 'chiffon is a nice name');
    await ada.say(room, '!chiffonade');
    await ada.say(room, '!chiffon do not', { msgtype: 'm.notice' });
    await ada.edit(room, await ada.say(room, 'hello'), '!chiffon edited');
    await ada.say(room, 'see above', { thread: await ada.say(room, 'a thread of ours') });
    await ada.say(room, 'deploy grafana', { mention: bot.userId });
    await ada.say(room, '!Chiffon: status');
    await ada.say(room, '!chiffon');
    await ada.say(room, 'the other host', { thread: eventOf(root) });
    await ada.say(room, 'details', { thread: eventOf(root) });
    const taken = await takenUntil(() => ada.say(room, 'on nas', { replyTo: eventOf(root) }));
    expect(taken).toEqual(['deploy grafana', 'status', 'help', 'the other host', 'details', 'on nas']);
  });

  it('in a thread are about its task, also when they answer a later card of it', async () => {
    const { ada, room, conversation } = stage;
    const root = await chat.post(conversation, 'event:first', planOf(8));
    const second = await chat.post(conversation, 'event:second', planOf(8, { revision: 2 }), root);
    expect((await ada.sees(room, ({ eventId }) => eventId === eventOf(second))).replyTo).toBe(eventOf(root));
    await ada.say(room, 'one', { thread: eventOf(second) });
    await ada.say(room, 'two', { replyTo: eventOf(second) });
    await stage.untilTaken(2);
    expect(stage.taken.map(({ thread }) => thread)).toEqual([root, root]);
    stage.taken.length = 0;
  });

  it('are answered where they were said, ringing nobody', async () => {
    const { ada, room } = stage;
    const asked = await ada.say(room, '!chiffon help');
    await stage.untilTaken(1);
    const [incoming] = stage.taken.splice(0);
    if (incoming === undefined) throw new Error('nothing was taken');
    await chat.answer(incoming, { type: 'notice', task: null, tone: 'neutral', text: 'Here is help.', code: null });
    const answer = await ada.sees(room, ({ body }) => body === 'Here is help.');
    expect(answer).toMatchObject({ replyTo: asked, msgtype: 'm.notice', mentions: [], thread: undefined });
    // What is said to the answer is not said to a task, nor is thanks a request.
    await ada.say(room, 'thanks', { replyTo: answer.eventId });
    expect(await takenUntil(() => ada.say(room, '!chiffon why'))).toEqual(['why']);
  });

  it('of a secret are not taken where others read them; in a room of two they are, and are taken away', async () => {
    const { ada, bot, room, conversation, homeserver } = stage;
    await ada.setPower(room, bot.userId, 50);
    const question = { ...sampleQuestion, task: toTaskId(9), candidates: [], secret: true };
    const root = await chat.post(conversation, 'event:secret', question);
    const told = await ada.say(room, 'hunter2', { thread: eventOf(root) });
    await ada.sees(room, ({ body }) => body.includes('A secret was written where others could read it.'));
    expect((await ada.messages(room)).find(({ eventId }) => eventId === told)).toMatchObject({ redacted: true });
    const direct = await ada.createRoom({ kind: 'direct', invite: [bot.userId] });
    await ada.until(async () => (await ada.members(direct)).includes(bot.userId));
    const secret = await ada.say(direct, 'answer #9 hunter3');
    await stage.untilTaken(1);
    expect(stage.taken.splice(0)).toMatchObject([
      { content: { type: 'answer', task: 9, question: sampleQuestion.number, text: 'hunter3' } },
    ]);
    await ada.until(async () => (await ada.messages(direct)).find(({ eventId }) => eventId === secret)?.redacted);
    await ada.say(direct, 'deploy grafana');
    await stage.untilTaken(1);
    expect(stage.taken.splice(0)).toMatchObject([{ content: { type: 'text', text: 'deploy grafana' } }]);
    const eve = await homeserver.person('eve');
    await ada.invite(direct, eve.userId);
    await eve.join(direct);
    await eve.say(direct, 'hello you two');
    expect(await takenUntil(() => ada.say(direct, '!chiffon status'))).toEqual(['status']);
  });
});
