// Threads that are archived, locked, deleted, there already, or not to be had: where a run is shown all the same.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import type { NoticeView } from '../../core/ports/chat.ts';
import { sampleLog, sampleProgress, sampleStep } from '../builders/views.ts';
import { messageAt, openChatStage, planOf, questionOf } from './chat-stage.ts';
import { permissionBits, setOverwrites } from './scene.ts';
import type { DiscordServer } from './start.ts';
import { changeThread, deleteChannel, startThread } from './threads.ts';
import type { Thread } from './world.ts';

const step = { ...sampleProgress(sampleStep()), task: toTaskId(7) };
const usual = ['ViewChannel', 'SendMessages', 'SendMessagesInThreads', 'AttachFiles', 'ReadMessageHistory'] as const;
const notice = (text: string): NoticeView => ({ type: 'notice', task: toTaskId(7), tone: 'neutral', text, code: null });

function threadOf(discord: DiscordServer, reference: string): Thread {
  const thread = discord.world.channels.get(reference.split('/')[0] ?? '');
  if (thread?.kind !== 'thread') throw new Error('it is in no thread');
  return thread;
}

it('cards, questions and refusals stand in the channel, later ones as replies; all else in the thread', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const channel = general.replace('discord:', '');
  const where = async (key: string, view: Parameters<typeof chat.post>[2]) => {
    const [at = '', message = ''] = (await chat.post(general, key, view, root)).split('/');
    return [at === channel ? 'channel' : 'thread', messageAt(discord, `${at}/${message}`).replyTo];
  };
  const first = root.split('/')[1];
  expect(await where('event:2', planOf(7, { revision: 2 }))).toEqual(['channel', first]);
  expect(await where('event:3', questionOf(7))).toEqual(['channel', first]);
  expect(await where('event:4', step)).toEqual(['thread', undefined]);
  expect(await where('event:5', notice('It goes on.'))).toEqual(['thread', undefined]);
  expect(await where('event:6', { ...sampleLog(40), task: toTaskId(7) })).toEqual(['thread', undefined]);
  discord.assertNoViolations();
});

it('an archived thread is opened by what is said in it, and for a change of what stands in it', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const live = await chat.post(general, 'event:2', step, root);
  const thread = threadOf(discord, live);
  changeThread(discord.world, thread, { archived: true });
  await chat.update(general, live, { ...step, steps: [sampleStep({ now: 'Pull the image' })] });
  await discord.channel(thread.id).until(({ content }) => content.includes('Pull the image'));
  expect(thread.archived).toBe(false);
  changeThread(discord.world, thread, { archived: true });
  await chat.post(general, 'event:3', notice('It goes on.'), root);
  expect(thread.archived).toBe(false);
  discord.assertNoViolations();
});

it.each(['locked', 'deleted'] as const)('a thread that is %s gives way to replies in the channel', async (fate) => {
  await using stage = await openChatStage({ botPermissions: [...usual, 'CreatePublicThreads'] });
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const live = await chat.post(general, 'event:2', step, root);
  const thread = threadOf(discord, live);
  if (fate === 'locked') changeThread(discord.world, thread, { locked: true, archived: true });
  else deleteChannel(discord.world, thread);
  const posts = () => discord.requests.filter(({ route }) => route === 'POST /channels/:channel/messages').length;
  const said = await chat.post(general, 'event:3', notice('It goes on.'), root);
  expect(said.startsWith(general.replace('discord:', ''))).toBe(true);
  expect(messageAt(discord, said).replyTo).toBe(root.split('/')[1]);
  // It is remembered: the next one goes there at once.
  const before = posts();
  await chat.post(general, 'event:4', notice('It goes on again.'), root);
  expect(posts()).toBe(before + 1);
  expect(await chat.update(general, live, step)).toBe('shown');
});

it('a thread that is unlocked is used again', async () => {
  await using stage = await openChatStage({ botPermissions: [...usual, 'CreatePublicThreads'] });
  const { discord, general, looked } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const live = await chat.post(general, 'event:2', step, root);
  const thread = threadOf(discord, live);
  changeThread(discord.world, thread, { locked: true });
  await chat.post(general, 'event:3', notice('It goes on.'), root);
  changeThread(discord.world, thread, { locked: false });
  await discord.until(() => looked.includes(general), 'a look at the conversation');
  const said = await chat.post(general, 'event:4', notice('It goes on again.'), root);
  expect(said.startsWith(`${thread.id}/`)).toBe(true);
});

it('a live message that is gone with its thread is said to be gone', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const live = await chat.post(general, 'event:2', step, root);
  deleteChannel(discord.world, threadOf(discord, live));
  await chat.update(general, live, { ...step, steps: [sampleStep({ now: 'Pull the image' })] });
  await discord.until(
    () => discord.requests.some(({ route, status }) => route.startsWith('PATCH') && status === 404),
    'the refused edit',
  );
  await expect.poll(() => chat.update(general, live, step)).toBe('gone');
});

it('a thread that somebody opened first is used', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const ada = discord.person('ada');
  const parent = discord.world.channels.get(general.replace('discord:', ''));
  if (parent?.kind !== 'text') throw new Error('no channel');
  startThread(discord.world, parent, { id: root.split('/')[1] ?? '', name: 'hm', ownerId: ada.id });
  const live = await chat.post(general, 'event:2', step, root);
  expect(live.split('/')[0]).toBe(root.split('/')[1]);
  await ada.say(live.split('/')[0] ?? '', 'cancel', { mention: true });
  await discord.until(() => taken.length === 1, 'the words');
  expect(taken[0]).toMatchObject({ conversation: general, thread: root });
});

it('where no threads may be opened the channel is used, until they may', async () => {
  await using stage = await openChatStage({ botPermissions: usual });
  const { discord, general, looked } = stage;
  const everyone = discord.guild.roles.get(discord.guild.id);
  if (everyone === undefined) throw new Error('no role');
  everyone.permissions &= ~permissionBits(['CreatePublicThreads']);
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const first = await chat.post(general, 'event:2', step, root);
  expect(first.startsWith(general.replace('discord:', ''))).toBe(true);
  discord.owner.setBotPermissions([...usual, 'CreatePublicThreads']);
  await discord.until(() => looked.includes(null), 'a look at everything');
  const second = await chat.post(general, 'event:3', notice('It goes on.'), root);
  expect(second.split('/')[0]).toBe(root.split('/')[1]);
});

it('a channel that may not be written to says which permission is missing, and works when it is given', async () => {
  await using stage = await openChatStage();
  const { discord, general, looked } = stage;
  const chat = await stage.startChat();
  await chat.post(general, 'event:1', planOf(7));
  const channel = discord.world.channels.get(general.replace('discord:', ''));
  if (channel?.kind !== 'text') throw new Error('no channel');
  const deny = permissionBits(['SendMessages', 'AttachFiles']);
  const own = [...(discord.guild.members.get(discord.application.bot.id) ?? [])][0] ?? '';
  setOverwrites(discord.world, channel, [{ id: own, type: 'role', allow: 0n, deny }]);
  await discord.until(() => looked.includes(general), 'a look at the conversation');
  await expect(chat.post(general, 'event:2', planOf(8))).rejects.toMatchObject({
    kind: 'CHAT_UNREACHABLE',
    message: expect.stringContaining('Send Messages'),
  });
  setOverwrites(discord.world, channel, [{ id: own, type: 'role', allow: 0n, deny: permissionBits(['ViewChannel']) }]);
  await expect(chat.post(general, 'event:2', planOf(8))).rejects.toMatchObject({
    kind: 'CHAT_UNREACHABLE',
    message: expect.stringContaining('View Channel'),
  });
  deleteChannel(discord.world, channel);
  await expect(chat.post(general, 'event:2', planOf(8))).rejects.toMatchObject({
    kind: 'CHAT_UNREACHABLE',
    message: 'The Discord channel is gone.',
  });
});

it('without the right to attach files the result of a log is still told', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  for (const role of discord.guild.roles.values()) role.permissions &= ~permissionBits(['AttachFiles']);
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const said = await chat.post(general, 'event:2', { ...sampleLog(400), task: toTaskId(7) }, root);
  expect(messageAt(discord, said)).toMatchObject({
    attachments: [],
    content: expect.stringContaining('lacks the permission Attach Files'),
  });
});
