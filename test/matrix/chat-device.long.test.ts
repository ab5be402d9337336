// The device that a bot is in encrypted rooms: its keys advance in one place, go on in another, and are never made anew over those
// that others know.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { memoryOf } from '../../bot/leading/lead-conversation.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import { freshDatabase } from '../setup/postgres.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import { encryptedPerson } from './encrypted-person.ts';

async function openEncryptedStage() {
  const stage = await openChatStage();
  const ada = await encryptedPerson(stage.homeserver, stage.ada);
  const room = await ada.createRoom({ name: 'the cellar', invite: [stage.bot.userId], encrypted: true });
  await stage.homeserver.as(stage.bot).join(room);
  return { stage, ada, room, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

it('another bot on the same database goes on as the same device, and the one before can send nothing more', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const database = await freshDatabase();
  const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-store-'));
  const store = await openStore({ databaseUrl: database.url, dataFolder });
  try {
    const never = new AbortController().signal;
    const led = await store.lead('conversation:matrix', never);
    const parts = { store, chat: { name: 'matrix' } };
    const first = await stage.startChat({}, memoryOf(parts, led.fence));
    await ada.say(room, '!chiffon deploy uptime kuma');
    const [request] = await stage.untilTaken(1);
    const conversation = request?.conversation ?? stage.conversation;
    await first.post(conversation, 'event:1', planOf(7));
    await ada.sees(room, ({ body }) => body.includes('#7'));
    const devices = await ada.devicesOf(stage.bot.userId);

    // It does not know yet that it leads no more.
    await led.release();
    const next = await store.lead('conversation:matrix', never);
    const second = await stage.startChat({}, memoryOf(parts, next.fence));
    await expect(first.post(conversation, 'event:2', planOf(8))).rejects.toThrow();
    const posted = await second.post(conversation, 'event:3', planOf(9));
    const seen = await ada.sees(room, ({ body }) => body.includes('#9'));
    expect(seen.eventId).toBe(eventOf(posted));
    expect(await ada.devicesOf(stage.bot.userId)).toEqual(devices);
    const cards = (await ada.messages(room)).filter(({ sender }) => sender === stage.bot.userId);
    expect(cards.filter(({ body }) => body.includes('#8'))).toEqual([]);
    await second.stop();
    await first.stop();
    await next.release();
  } finally {
    await store.close();
    await database.drop();
    await rm(dataFolder, { recursive: true });
  }
}, 150_000);

it('with its keys lost it does not take another key under the same token, and says what to do', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const chat = await stage.startChat();
  const devices = await ada.devicesOf(stage.bot.userId);
  expect(Object.keys(devices)).toEqual([stage.bot.deviceId]);
  expect(await ada.isSigned(stage.bot.userId, stage.bot.deviceId)).toBe(true);
  await chat.stop();
  await stage.startChat({}, makeChatMemory());
  await ada.say(room, '!chiffon deploy uptime kuma');
  const said = await ada.sees(room, ({ sender }) => sender === stage.bot.userId);
  expect(said.body).toContain('the keys of my login are lost');
  expect(said.body).toContain('MATRIX_ACCESS_TOKEN');
  expect(await ada.devicesOf(stage.bot.userId)).toEqual(devices);
  expect(stage.taken).toEqual([]);
}, 150_000);

it('with its keys lost and a password it becomes a new device, which reads what is said from then on', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const login = { accessToken: undefined, user: stage.bot.userId, password: stage.bot.password };
  const chat = await stage.startChat(login);
  const before = Object.keys(await ada.devicesOf(stage.bot.userId)).filter((id) => id !== stage.bot.deviceId);
  await chat.stop();
  await stage.startChat(login, makeChatMemory());
  const after = Object.keys(await ada.devicesOf(stage.bot.userId)).filter((id) => id !== stage.bot.deviceId);
  expect(before).toHaveLength(1);
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  const id = await ada.say(room, '!chiffon deploy uptime kuma');
  expect(await stage.untilTaken(1)).toMatchObject([{ messageId: id }]);
}, 150_000);

it('after a change of device the open cards that nobody can read any more are taken away and shown anew', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const first = await stage.startChat();
  await ada.say(room, '!chiffon deploy uptime kuma');
  const [request] = await stage.untilTaken(1);
  const conversation = request?.conversation ?? stage.conversation;
  const view = planOf(7);
  const reference = await first.post(conversation, 'event:1', view);
  await ada.sees(room, ({ body }) => body.includes('#7'));
  await first.stop();

  const second = await stage.startChat({
    ...{ accessToken: undefined, user: stage.bot.userId, password: stage.bot.password },
  });
  expect(await second.bringUpToDate([{ conversation, reference, view }])).toEqual([reference]);
  const again = await second.post(conversation, 'event:1 anew', view);
  const old = (await ada.events(room)).find(({ event_id: id }) => id === eventOf(reference));
  expect(old?.content).toEqual({});
  await ada.react(room, eventOf(again), '✅');
  const [, tap] = await stage.untilTaken(2);
  expect(tap?.content).toMatchObject({ type: 'button', button: 'approve', task: 7 });
}, 150_000);
