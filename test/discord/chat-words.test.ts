// Words to Chiffon: mentions, direct messages, replies and what is said in a task's thread.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { samplePlan, sampleProgress, sampleStep, sampleTasks } from '../builders/views.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import { openChatStage, planOf, questionOf } from './chat-stage.ts';
import { writeMessage } from './messages.ts';
import { addChannel, addGuild, addUser, setMember } from './scene.ts';
import { sentMessage } from './validate-message.ts';

it('a mention is taken with the mention taken out, and answered as a reply', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  stage.handle = async (incoming) => {
    await chat.answer(incoming, sampleTasks);
    return { task: null, refused: false };
  };
  const ada = discord.person('ada', ['900000000000000001']);
  const said = await ada.say('general', 'what  is the status', { mention: true });
  const reply = await discord.channel('general').until(({ replyTo }) => replyTo === said);
  expect(taken).toMatchObject([
    {
      conversation: general,
      messageId: said,
      person: { id: `discord:${ada.id}`, roles: ['discord-role:900000000000000001'] },
      content: { type: 'text', text: 'what is the status' },
    },
  ]);
  expect(taken[0]?.thread).toBeUndefined();
  expect(reply.pings).toEqual({ everyone: false, users: [], roles: [] });
  discord.assertNoViolations();
});

it('what bots write, and what is not said to Chiffon, is not taken', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  await chat.post(general, 'event:1', planOf(7));
  const robot = addUser(discord.world, 'robot');
  discord.world.users.set(robot.id, { ...robot, bot: true });
  setMember(discord.world, discord.guild, robot.id, []);
  const channel = discord.world.channels.get(discord.channel('general').id);
  if (channel === undefined) throw new Error('no channel');
  const content = `<@${discord.application.bot.id}> deploy grafana`;
  writeMessage(discord.world, sentMessage.parse({ content }), { channel, authorId: robot.id });
  await discord.person('ada').say('general', 'deploy grafana');
  await discord.person('ada').say('general', 'status', { mention: true });
  await discord.until(() => taken.length > 0, 'the mention');
  expect(taken.map((incoming) => incoming.content)).toEqual([{ type: 'text', text: 'status' }]);
});

it('another server than the one that is served is not heard', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  const ada = discord.person('ada');
  const other = addGuild(discord.world, 'Elsewhere');
  const foreign = addChannel(discord.world, other, 'foreign');
  setMember(discord.world, other, ada.id, []);
  await stage.startChat();
  await ada.say(foreign.id, 'status', { mention: true });
  await ada.say('general', 'help', { mention: true });
  await discord.until(() => taken.length > 0, 'the mention');
  expect(taken.map((incoming) => incoming.content)).toEqual([{ type: 'text', text: 'help' }]);
});

it('a direct message needs no mention and has a conversation of its own, without threads', async () => {
  await using stage = await openChatStage();
  const { discord, taken } = stage;
  const chat = await stage.startChat();
  const ada = discord.person('ada');
  const direct = await ada.openDirect();
  await ada.say(direct, 'deploy grafana');
  const { conversation } = await discord.until(() => taken[0], 'the message');
  expect(conversation).toBe(`discord:${direct}`);
  const root = await chat.post(conversation, 'event:1', planOf(7));
  const step = { ...sampleProgress(sampleStep()), task: toTaskId(7) };
  const live = await chat.post(conversation, 'event:2', step, root);
  expect(live.startsWith(`${direct}/`)).toBe(true);
  discord.assertNoViolations();
});

it('a reply to a card is about its task, also when the card is not its first message', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const second = await chat.post(general, 'event:2', planOf(7, { revision: 2 }), root);
  const ada = discord.person('ada');
  await ada.say('general', 'on nas instead', { replyTo: root.split('/')[1] ?? '' });
  await ada.say('general', 'with port 3002', { replyTo: second.split('/')[1] ?? '' });
  await discord.until(() => taken.length === 2, 'the replies');
  expect(taken.map(({ thread, content }) => [thread, 'text' in content && content.text])).toEqual([
    [root, 'on nas instead'],
    [root, 'with port 3002'],
  ]);
  // A yes to an older card is no yes to a newer one.
  expect(taken.map(({ plan }) => [plan?.task, plan?.revision])).toEqual([
    [7, samplePlan.revision],
    [7, 2],
  ]);
});

it('a question opens its thread, and what mentions Chiffon there is about the task', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', questionOf(7));
  const [, thread = ''] = root.split('/');
  const ada = discord.person('ada');
  await ada.say(thread, 'the second', { mention: true });
  await discord.until(() => taken.length === 1, 'the answer');
  expect(taken).toMatchObject([{ conversation: general, thread: root, content: { type: 'text', text: 'the second' } }]);
});

it('words that Chiffon may not read are told so once where a question waits, and nowhere else', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', questionOf(7));
  const [, thread = ''] = root.split('/');
  const ada = discord.person('ada');
  await ada.say(thread, 'the second');
  await discord.channel(thread).until(({ content }) => content.includes('mention me'));
  await ada.say(thread, 'I said the second');
  await chat.update(general, root, questionOf(7, { closed: 'It needs no answer any more.' }));
  await ada.say(thread, 'hello?');
  await ada.say('general', 'help', { mention: true });
  await discord.until(() => taken.length === 1, 'a mention after all that');
  const said = (await discord.channel(thread).messages()).filter(({ author }) => author === 'chiffon');
  expect(said).toHaveLength(1);
});

it('a secret in a thread is taken away and not used', async () => {
  await using stage = await openChatStage({ botPermissions: [...usual, 'ManageMessages'] });
  const { discord, taken, general, logged } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', questionOf(7, { secret: true, candidates: [] }));
  const [, thread = ''] = root.split('/');
  const ada = discord.person('ada');
  const said = await ada.say(thread, 'hunter2-and-more', { mention: true });
  const told = await discord.channel(thread).until(({ content }) => content.includes('took the message away'));
  expect(told.pings.users).toEqual([ada.id]);
  expect((await discord.channel(thread).messages()).map(({ id }) => id)).not.toContain(said);
  expect(taken).toEqual([]);
  expect(logged.join('')).not.toContain('hunter2');
  // A command is no secret.
  await ada.say(thread, 'cancel', { mention: true });
  await discord.until(() => taken.length === 1, 'the command');
});

it('a secret that Chiffon may not take away is not used either, and its writer is told to', async () => {
  await using stage = await openChatStage({ botPermissions: usual });
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', questionOf(7, { secret: true, candidates: [] }));
  const [, thread = ''] = root.split('/');
  await discord.person('ada').say(thread, 'hunter2-and-more', { mention: true });
  await discord.channel(thread).until(({ content }) => content.includes('Delete that message'));
  expect(taken).toEqual([]);
});

it('a secret in a thread is taken away and not used right after a start, when no card was looked at yet', async () => {
  await using stage = await openChatStage({ botPermissions: [...usual, 'ManageMessages'] });
  const { discord, taken, general } = stage;
  const first = await stage.startChat();
  const asked = await first.post(general, 'event:1', questionOf(7, { secret: true, candidates: [] }));
  const card = await first.post(general, 'event:2', planOf(8));
  await first.post(general, 'event:3', questionOf(8, { secret: true, candidates: [] }), card);
  const closed = await first.post(general, 'event:4', questionOf(9, { secret: true, candidates: [] }));
  await first.update(general, closed, questionOf(9, { secret: true, candidates: [], closed: 'It needs no answer.' }));
  await first.stop();
  await stage.startChat();
  for (const root of [asked, card]) {
    const [, thread = ''] = root.split('/');
    await discord.person('ada').say(thread, 'hunter2', { mention: true });
    await discord.channel(thread).until(({ content }) => content.includes('took the message away'));
  }
  expect(taken).toEqual([]);
  await discord.person('ada').say(closed.split('/')[1] ?? '', 'on nas instead', { mention: true });
  await discord.until(() => taken.length === 1, 'words in the thread of a closed question');
});

it('an answer with a number is never a request, and in its thread it is the answer', async () => {
  await using stage = await openChatStage({ botPermissions: [...usual, 'ManageMessages'] });
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  const ada = discord.person('ada');
  const said = await ada.say('general', 'answer #9 hunter3', { mention: true });
  await discord.channel('general').until(({ content }) => content.includes('I did not use that answer'));
  expect((await discord.channel('general').messages()).map(({ id }) => id)).not.toContain(said);
  expect(taken).toEqual([]);
  const root = await chat.post(general, 'event:1', questionOf(7));
  await ada.say(root.split('/')[1] ?? '', 'answer #7 nas', { mention: true });
  await discord.until(() => taken.length === 1, 'the answer');
  expect(taken).toMatchObject([{ content: { type: 'answer', task: 7, question: 1, text: 'nas' } }]);
});

it('a question of an earlier life is known again by its task’s first message', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const first = await stage.startChat();
  const root = await first.post(general, 'event:1', planOf(7));
  const view = questionOf(7, { secret: true, candidates: [] });
  const reference = await first.post(general, 'event:2', view, root);
  await first.stop();
  // One that knows nothing of them, as after an update of the program.
  const second = stage.makeChat();
  await second.start({ ...stage.handlers, memory: makeChatMemory() });
  await second.bringUpToDate([{ conversation: general, reference, view }]);
  await discord.person('ada').say(root.split('/')[1] ?? '', 'hunter2', { mention: true });
  await discord.channel(root.split('/')[1] ?? '').until(({ content }) => content.includes('a secret was written'));
  expect(taken).toEqual([]);
  await second.close();
});

const usual = [
  ...(['ViewChannel', 'SendMessages', 'SendMessagesInThreads', 'CreatePublicThreads', 'AttachFiles'] as const),
  'ReadMessageHistory',
] as const;
