// The connection: what is lost and what is not when it breaks, what is looked at again, and what a start refuses.
import { GatewayCloseCodes, GatewayIntentBits } from 'discord-api-types/v10';
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import { apiGuildCreate } from './api-objects.ts';
import { openChatStage, planOf } from './chat-stage.ts';
import { deleteMessage } from './messages.ts';
import { findChannel, permissionBits, setMember, setOverwrites } from './scene.ts';
import { deleteChannel } from './threads.ts';

const connected = { timeout: 10_000 };

it('after an interruption it goes on where it broke, and a tap that came meanwhile is taken', async () => {
  await using stage = await openChatStage();
  const { discord, general, taken, looked } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  discord.dropConnections();
  const tapped = discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'the tap', connected.timeout);
  expect((await tapped).failure).toBeUndefined();
  expect(looked).toEqual([]);
  expect(taken).toHaveLength(1);
});

it('with a new session everything is looked at again, for nobody knows what was missed', async () => {
  await using stage = await openChatStage();
  const { discord, looked, taken, general } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  discord.gateway.invalidate(false);
  await discord.until(() => looked.includes(null), 'a look at everything', connected.timeout);
  await discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'a tap in the new session');
});

it('after an outage of everything it is there again by itself', async () => {
  await using stage = await openChatStage();
  const { discord, taken, general } = stage;
  const chat = await stage.startChat();
  await discord.stop();
  const posted = chat.post(general, 'event:1', planOf(7));
  await discord.start();
  const [, card = ''] = (await posted).split('/');
  await discord.until(() => discord.gateway.connected() === 1, 'the connection', 20_000);
  await discord.person('ada').press(card, 'Approve');
  await discord.until(() => taken.length === 1, 'the tap');
}, 30_000);

it('a server that was away, or that took the bot in again, is looked at again', async () => {
  await using stage = await openChatStage();
  const { discord, looked } = stage;
  await stage.startChat();
  expect(looked).toEqual([]);
  discord.world.emit({
    ...{ name: 'GUILD_CREATE', intents: GatewayIntentBits.Guilds },
    data: () => apiGuildCreate(discord.world, discord.guild),
  });
  await discord.until(() => looked.includes(null), 'a look at everything');
});

it('a card that is deleted is looked at again, other people’s messages are not', async () => {
  await using stage = await openChatStage();
  const { discord, general, looked } = stage;
  const chat = await stage.startChat();
  const reference = await chat.post(general, 'event:1', planOf(7));
  const ada = discord.person('ada');
  await ada.remove(await ada.say('general', 'small talk'));
  const message = findChannel(discord.world, 'general').messages.find(({ id }) => reference.endsWith(id));
  if (message === undefined) throw new Error('no card');
  deleteMessage(discord.world, message);
  await discord.until(() => looked.length > 0, 'a look');
  expect(looked).toEqual([general]);
  expect(await chat.update(general, reference, planOf(7, { standing: 'expired' }))).toBe('gone');
});

it('a thread that is deleted, and permissions that change, are looked at again; much at once is looked at once', async () => {
  await using stage = await openChatStage();
  const { discord, general, looked } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  await chat.post(
    general,
    'event:2',
    { type: 'notice', task: toTaskId(7), tone: 'good', text: 'Hm.', code: null },
    root,
  );
  deleteChannel(discord.world, findChannel(discord.world, root.split('/')[1] ?? ''));
  await discord.until(() => looked.length === 1, 'a look at the conversation');
  const channel = findChannel(discord.world, 'general');
  if (channel.kind !== 'text') throw new Error('no channel');
  for (const bit of ['SendMessages', 'AttachFiles'] as const)
    setOverwrites(discord.world, channel, [
      { id: discord.guild.id, type: 'role', allow: permissionBits([bit]), deny: 0n },
    ]);
  await discord.until(() => looked.length === 2, 'one look for both');
  const own = [...(discord.guild.members.get(discord.application.bot.id) ?? [])];
  setMember(discord.world, discord.guild, discord.application.bot.id, own);
  await discord.until(() => looked.length === 3, 'a look at everything');
  expect(looked).toEqual([general, general, null]);
});

it('a token that Discord does not accept is for a person to mend', async () => {
  await using stage = await openChatStage();
  const wrong = stage.makeChat({ token: 'MTA.another.token' });
  await expect(wrong.start(stage.handlers)).rejects.toMatchObject({
    kind: 'CHAT_LOGIN_FAILED',
    message: expect.stringContaining('DISCORD_TOKEN'),
  });
});

it('a Discord that is away is tried again later', async () => {
  await using stage = await openChatStage();
  const chat = stage.makeChat();
  await stage.discord.stop();
  await expect(chat.start(stage.handlers)).rejects.toMatchObject({ kind: 'CHAT_FAILED', retryable: true });
});

it('an end for good is told, so that it is begun anew', async () => {
  await using stage = await openChatStage();
  const { discord, lost } = stage;
  const chat = await stage.startChat();
  discord.dropConnections(GatewayCloseCodes.AuthenticationFailed);
  await discord.until(() => lost.length > 0, 'the end for good');
  expect(lost).toMatchObject([{ kind: 'CHAT_LOGIN_FAILED', message: 'Discord does not accept DISCORD_TOKEN.' }]);
  await chat.stop();
  await chat.start(stage.handlers);
  await discord.until(() => discord.gateway.connected() === 1, 'a connection again', connected.timeout);
}, 30_000);

it('no token is ever logged, of the bot or of an interaction', async () => {
  await using stage = await openChatStage();
  const { discord, general, logged } = stage;
  const chat = await stage.startChat();
  const [, card = ''] = (await chat.post(general, 'event:1', planOf(7))).split('/');
  discord.answerNext(
    { route: 'POST /interactions/:interaction/:token/callback' },
    { status: 404, body: { code: 10_062, message: 'Unknown interaction' } },
  );
  void discord
    .person('ada')
    .press(card, 'Approve')
    .catch(() => {});
  await expect.poll(() => logged.join('')).toContain('could not be acknowledged');
  for (const status of [500, 401, 403]) {
    discord.answerNext({ route: '*' }, { status, body: { code: 0, message: 'no' } });
    await chat.post(general, `event:${status}`, planOf(8)).catch((error: unknown) => stage.log.error({ err: error }));
  }
  const bad = stage.makeChat({ token: 'MTA.secret-token\n' });
  await bad.start(stage.handlers).catch((error: unknown) => stage.log.error({ err: error }));
  discord.dropConnections();
  await discord.until(() => discord.gateway.connected() === 1, 'the connection', connected.timeout);
  const all = logged.join('');
  expect(all.length).toBeGreaterThan(200);
  expect(all).not.toContain(discord.token);
  expect(all).not.toContain('secret-token');
  for (const { token } of discord.world.interactions.values()) expect(all).not.toContain(token);
}, 30_000);
