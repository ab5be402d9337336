// What somebody hostile can make Chiffon show: nothing of it stops the others, fails a list, or gets into a log.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { sampleProgress, sampleStep } from '../builders/views.ts';
import { messageAt, openChatStage, planOf } from './chat-stage.ts';

const create = 'POST /channels/:channel/messages';
const change = 'PATCH /channels/:channel/messages/:message';
const harmfulLink = { status: 400, body: { code: 240_000, message: 'Message blocked by harmful links filter' } };

it('a card that Discord does not take for its words is said so without buttons, and holds up nothing', async () => {
  await using stage = await openChatStage();
  const { discord, general, logged } = stage;
  const chat = await stage.startChat();
  discord.answerNext({ route: create, contentIncludes: 'evil.example' }, { ...harmfulLink, times: 9 });
  const evil = planOf(7, { request: 'deploy https://evil.example/x' });
  const card = await chat.post(general, 'event:1', evil);
  expect(messageAt(discord, card)).toMatchObject({ content: expect.stringMatching(/^⚠ #7: /), components: [] });
  expect(messageAt(discord, card).content).not.toContain('evil');
  discord.answerNext({ route: change, contentIncludes: 'evil.example' }, { ...harmfulLink, times: 9 });
  expect(await chat.update(general, card, { ...evil, standing: 'rejected' })).toBe('shown');
  const next = await chat.post(general, 'event:2', planOf(8));
  expect(messageAt(discord, next).content).toContain('#8');
  expect(logged.join('')).toContain('does not take a message');
});

it('a thread is had whatever the request would call it', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  // Cut at a hundred characters, this would be half of the sign.
  const request = `${'x'.repeat(95)}😀${'x'.repeat(20)}`;
  const root = await chat.post(general, 'event:1', planOf(7, { request }));
  const step = { ...sampleProgress(sampleStep()), task: toTaskId(7) };
  const live = await chat.post(general, 'event:2', step, root);
  const thread = discord.world.channels.get(live.split('/')[0] ?? '');
  const name = thread?.kind === 'thread' ? thread.name : '';
  expect([name.startsWith('#7 x'), name.isWellFormed(), name.length <= 100]).toEqual([true, true, true]);
  const other = await chat.post(general, 'event:3', planOf(8, { request: 'a word that is not allowed' }));
  const route = 'POST /channels/:channel/messages/:message/threads';
  discord.answerNext({ route }, { status: 400, body: { code: 200_001, message: 'Title was blocked' } });
  const second = await chat.post(general, 'event:4', { ...step, task: toTaskId(8) }, other);
  const plain = discord.world.channels.get(second.split('/')[0] ?? '');
  expect(plain?.kind === 'thread' && plain.name).toBe('#8');
});

it('what is suggested is text that Discord can read, wherever it was cut', async () => {
  await using stage = await openChatStage();
  const { discord } = stage;
  stage.suggest = async () => [
    { label: `${'x'.repeat(99)}😀`, value: '7' },
    { label: `#8 ${'x'.repeat(20)}\ud83d…`, value: '8' },
    { label: '\u200b', value: '9' },
  ];
  await stage.startChat();
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  const typing = await discord.person('ada').autocomplete('log', 'task', '');
  const names = (typing.choices ?? []).map(({ name }) => name);
  expect(names).toHaveLength(2);
  expect(names.every((name) => name.isWellFormed())).toBe(true);
});

it('an interaction that cannot be answered leaves neither its token nor words in the log', async () => {
  await using stage = await openChatStage();
  const { discord, logged } = stage;
  stage.handle = async () => {
    throw new Error('it broke');
  };
  await stage.startChat();
  await discord.until(() => discord.world.commands.get(discord.guild.id), 'the slash commands');
  const route = 'PATCH /webhooks/:application/:token/messages/@original';
  discord.answerNext({ route }, { status: 400, body: { code: 50_035, message: 'no' } });
  const asked = await discord.person('ada').command('status');
  await discord.until(() => logged.some((line) => line.includes('could not be taken')), 'the line in the log');
  const token = discord.world.interactions.get(asked.id)?.token ?? 'none';
  expect(token.length).toBeGreaterThan(10);
  expect(logged.join('')).not.toContain(token);
});
