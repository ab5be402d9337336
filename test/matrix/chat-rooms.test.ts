// Rooms on a real homeserver: which invitations are accepted, where nothing can be said, and where a conversation goes on.
import { expect, it } from 'vitest';
import type { ChatMemory, Incoming } from '../../core/ports/chat.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';

const notice = { type: 'notice', task: null, tone: 'neutral', text: 'Hello.', code: null } as const;

it('an invitation is accepted from whom the settings name, also one that was given while the bot was down', async () => {
  await using stage = await openChatStage();
  const { ada, bot, homeserver } = stage;
  const ben = await homeserver.person('ben');
  const invitesFrom = [ben.userId];
  const early = await ben.createRoom({ name: 'early', invite: [bot.userId] });
  const first = await stage.startChat({ invitesFrom });
  const uninvited = await ada.createRoom({ name: 'not welcome', invite: [bot.userId] });
  const welcome = await ben.createRoom({ name: 'welcome', invite: [bot.userId] });
  for (const room of [early, welcome]) await ben.until(async () => (await ben.members(room)).includes(bot.userId));
  await stage.until(() => expect(stage.logged.join('')).toContain(`an invitation by ${ada.userId} was not accepted`));
  expect(await ada.members(uninvited)).not.toContain(bot.userId);
  await first.stop();
  const chat = await stage.startChat({ invitesFrom: [homeserver.serverName] });
  await ada.until(async () => (await ada.members(uninvited)).includes(bot.userId));
  await chat.stop();
});

it('only the rooms of MATRIX_ROOMS are worked in, where it names some', async () => {
  await using stage = await openChatStage();
  const { ada, bot, room, homeserver } = stage;
  const other = await ada.createRoom({ name: 'another' });
  await ada.invite(other, bot.userId);
  await homeserver.as(bot).join(other);
  await stage.startChat({ rooms: [room] });
  await ada.say(other, '!chiffon status');
  const heard = await ada.say(room, '!chiffon status');
  expect((await stage.untilTaken(1)).map(({ messageId }) => messageId)).toEqual([heard]);
});

it('where the bot was thrown out, or may not write, it says so; and looks again when it may', async () => {
  await using stage = await openChatStage();
  const { ada, bot, room, conversation } = stage;
  const chat = await stage.startChat();
  await ada.kick(room, bot.userId);
  await expect(chat.post(conversation, 'event:1', notice)).rejects.toMatchObject({
    ...{ kind: 'CHAT_UNREACHABLE', message: expect.stringContaining('is not in the Matrix room') },
  });
  await ada.invite(room, bot.userId);
  await stage.until(() => expect(stage.looked).toContain(conversation));
  const root = await chat.post(conversation, 'event:1', planOf(7));
  const levels = await ada.powerLevels(room);
  await ada.setState(room, 'm.room.power_levels', { ...levels, events_default: 50 });
  await expect(chat.post(conversation, 'event:2', notice, root)).rejects.toMatchObject({
    ...{ kind: 'CHAT_UNREACHABLE', message: expect.stringContaining('power level') },
  });
  const before = stage.looked.length;
  await ada.setPower(room, bot.userId, 50);
  await stage.until(() => expect(stage.looked.slice(before)).toContain(conversation));
  await chat.post(conversation, 'event:2', notice, root);
  await ada.sees(room, ({ body }) => body === 'Hello.');
  // A card that somebody takes away is missed.
  const looks = stage.looked.length;
  await ada.redact(room, eventOf(root));
  await stage.until(() => expect(stage.looked.slice(looks)).toContain(conversation));
  expect(await chat.bringUpToDate([{ conversation, reference: root, view: planOf(7) }])).toEqual([root]);
});

it('an upgraded room goes on in the new one: the same conversation, with the open card shown there', async () => {
  await using stage = await openChatStage({ roomVersion: '10' });
  const { ada, bot, room, conversation } = stage;
  const chat = await stage.startChat({ rooms: [room], invitesFrom: [] });
  const plan = planOf(7);
  const root = await chat.post(conversation, 'event:1', plan);
  const next = await ada.upgradeRoom(room, '11');
  await ada.until(async () => (await ada.members(next)).includes(bot.userId));
  await stage.until(() => expect(stage.looked).toContain(conversation));
  expect(await chat.bringUpToDate([{ conversation, reference: root, view: plan }])).toEqual([root]);
  const again = await chat.post(conversation, `event:1 instead of ${root}`, plan);
  expect(again.startsWith(`${next}/`)).toBe(true);
  await ada.react(next, eventOf(again), '✅');
  expect(await stage.untilTaken(1)).toMatchObject([{ conversation, content: { type: 'button', button: 'approve' } }]);
  await ada.say(next, '!chiffon status');
  expect((await stage.untilTaken(2)).map((incoming: Incoming) => incoming.conversation)).toEqual([
    conversation,
    conversation,
  ]);
  // A room that only says that it followed is another conversation, and here not worked in.
  const liar = await ada.createRoom({ name: 'not the successor', invite: [bot.userId] });
  await ada.say(liar, '!chiffon status');
  const heard = await ada.say(next, '!chiffon help');
  await stage.until(() => expect(stage.taken.at(-1)?.messageId).toBe(heard));
  expect(stage.taken).toHaveLength(3);
});

it('a room of two is known for one though the store failed, or the bot died, while it was entered', async () => {
  await using stage = await openChatStage();
  const { ada, bot, memory } = stage;
  const failing: ChatMemory = {
    ...memory,
    keep: async (key, value) => {
      if (key.startsWith('direct:')) throw new Error('the store is away');
      await memory.keep(key, value);
    },
  };
  const first = await stage.startChat({}, failing);
  const direct = await ada.createRoom({ kind: 'direct', invite: [bot.userId] });
  await stage.until(() => expect(stage.logged.join('')).toContain('an invitation could not be accepted'));
  await first.stop();
  await stage.startChat();
  await ada.until(async () => (await ada.members(direct)).includes(bot.userId));
  await ada.say(direct, 'deploy grafana');
  expect(await stage.untilTaken(1)).toMatchObject([{ content: { type: 'text', text: 'deploy grafana' } }]);
});

it('a room of two that is upgraded is one still', async () => {
  await using stage = await openChatStage();
  const { ada, bot } = stage;
  await stage.startChat();
  const direct = await ada.createRoom({ kind: 'direct', invite: [bot.userId], version: '10' });
  await ada.until(async () => (await ada.members(direct)).includes(bot.userId));
  await ada.say(direct, 'deploy grafana');
  const next = await ada.upgradeRoom(direct, '11');
  await ada.until(async () => (await ada.members(next)).includes(bot.userId));
  await ada.say(next, 'deploy jellyfin');
  const [one, other] = await stage.untilTaken(2);
  expect(other).toMatchObject({ conversation: one?.conversation, content: { type: 'text', text: 'deploy jellyfin' } });
});

it('where MATRIX_ROOMS names rooms, those who may invite have their room of two all the same, and only for two', async () => {
  await using stage = await openChatStage();
  const { ada, bot, room, homeserver } = stage;
  const [ben, eve] = await Promise.all([homeserver.person('ben'), homeserver.person('eve')]);
  const options = { rooms: [room], invitesFrom: [ada.userId] };
  await stage.startChat(options);
  const [other, uninvited] = await Promise.all([
    ada.createRoom({ name: 'another', invite: [bot.userId] }),
    ben.createRoom({ kind: 'direct', invite: [bot.userId] }),
  ]);
  await stage.until(() => expect(stage.logged.join('')).toContain('MATRIX_ROOMS does not name the room'));
  await stage.until(() => expect(stage.logged.join('')).toContain(`an invitation by ${ben.userId} was not accepted`));
  const direct = await ada.createRoom({ kind: 'direct', invite: [bot.userId] });
  await ada.until(async () => (await ada.members(direct)).includes(bot.userId));
  expect(await ada.members(other)).not.toContain(bot.userId);
  expect(await ben.members(uninvited)).not.toContain(bot.userId);
  const heard = [await ada.say(direct, 'status')];
  await stage.untilTaken(1);
  await ada.invite(direct, eve.userId);
  await eve.join(direct);
  heard.push(await ada.say(room, '!chiffon status'));
  await stage.untilTaken(2);
  await eve.say(direct, '!chiffon status');
  heard.push(await ada.say(room, '!chiffon help'));
  await stage.untilTaken(3);
  await eve.leave(direct);
  heard.push(await ada.say(direct, 'cost'));
  await stage.untilTaken(4);
  expect(stage.taken.map(({ messageId }) => messageId)).toEqual(heard);
});
