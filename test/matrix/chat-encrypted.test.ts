// An encrypted room, with people whose clients encrypt: all that works in others works there, and what cannot be read is said.
import { expect, it } from 'vitest';
import { ChiffonError } from '../../core/error.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { ChatMemory } from '../../core/ports/chat.ts';
import { sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { openInBetween } from '../matrix-program/in-between.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import { encryptedPerson } from './encrypted-person.ts';

async function openEncryptedStage() {
  const stage = await openChatStage();
  const ada = await encryptedPerson(stage.homeserver, stage.ada);
  const room = await ada.createRoom({ name: 'the cellar', invite: [stage.bot.userId], encrypted: true });
  await stage.homeserver.as(stage.bot).join(room);
  return { stage, ada, room, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

it('a request, its card, a reaction, the thread with edits, the log and the result, and the homeserver reads none of it', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const chat = await stage.startChat();
  const asked = await ada.say(room, '!chiffon deploy uptime kuma');
  const [request] = await stage.untilTaken(1);
  expect(request).toMatchObject({ messageId: asked, content: { type: 'text', text: 'deploy uptime kuma' } });
  const conversation = request?.conversation ?? stage.conversation;

  const requester = toActorId(`matrix:${ada.userId}`);
  const plan = planOf(7, { requester });
  const root = await chat.post(conversation, 'event:1', plan);
  const card = await ada.sees(room, ({ sender, reactions }) => sender === stage.bot.userId && reactions.length === 3);
  expect(card.body).toContain('#7 deploy uptime kuma');
  expect(await ada.sealedEvent(room, card.eventId)).toMatchObject({ type: 'm.room.encrypted' });

  await ada.react(room, card.eventId, '✅');
  await stage.untilTaken(2);
  expect(stage.taken[1]).toMatchObject({ thread: root, content: { type: 'button', button: 'approve', task: 7 } });

  await chat.update(conversation, root, { ...plan, standing: 'running', given: [requester] });
  await ada.sees(room, ({ eventId, body }) => eventId === card.eventId && body.startsWith('▶ running'));
  const progress = (now?: string) => ({
    ...sampleProgress(sampleStep(now === undefined ? {} : { now })),
    task: toTaskId(7),
  });
  const live = await chat.post(conversation, 'event:3', progress(), root);
  await chat.update(conversation, live, progress('Pull the image'));
  const moving = await ada.sees(room, ({ eventId, body }) => eventId === eventOf(live) && body.includes('Pull'));
  expect(moving).toMatchObject({ thread: card.eventId, replyIsFallback: true });

  const log = { type: 'log' as const, task: toTaskId(7), step: 1, attempt: 1, from: 0, lines: 2, complete: true };
  const file = await chat.post(conversation, 'event:4:log', { ...log, text: 'PLAY [all]\nok: [atlas]\n' }, root);
  await chat.post(conversation, 'event:4', { ...sampleResult, task: toTaskId(7), requester }, root);
  const shown = await ada.event(room, eventOf(file));
  expect(shown.content).toMatchObject({ msgtype: 'm.file' });
  expect(shown.content.url).toBeUndefined();
  expect(await ada.openFile(shown.content)).toBe('PLAY [all]\nok: [atlas]\n');
  const thread = await ada.thread(room, card.eventId);
  expect(thread.at(-1)).toMatchObject({ mentions: [ada.userId] });

  await ada.say(room, 'cancel', { thread: card.eventId });
  await stage.untilTaken(3);
  expect(stage.taken[2]).toMatchObject({ thread: root, content: { type: 'text', text: 'cancel' } });
  const onServer = await stage.ada.events(room);
  const readable = onServer.filter(({ type, content }) => type === 'm.room.message' || content.body !== undefined);
  expect(readable).toEqual([]);
}, 150_000);

it('a message whose key comes later waits for it', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  await stage.startChat();
  const sendKeys = ada.holdKeys();
  const id = await ada.say(room, '!chiffon deploy uptime kuma');
  await stage.until(() => expect(stage.logged.join('')).toContain('waits for its key'));
  expect(stage.taken).toEqual([]);
  await sendKeys();
  expect(await stage.untilTaken(1)).toMatchObject([{ messageId: id }]);
}, 150_000);

it('a message whose key comes while the bot is down is taken at its next start', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const chat = await stage.startChat();
  const sendKeys = ada.holdKeys();
  const id = await ada.say(room, '!chiffon deploy uptime kuma');
  await stage.until(() => expect(stage.memory.kept.get('sync-token')).toBeDefined());
  await stage.until(() => expect(stage.memory.kept.get('unread')).toContain(id));
  await chat.stop();
  await sendKeys();
  await stage.startChat();
  expect(await stage.untilTaken(1)).toMatchObject([{ messageId: id }]);
}, 150_000);

it('a message that waits is not forgotten by a store that failed when it was to be kept', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const { memory } = stage;
  let failures = 0;
  const failing: ChatMemory = {
    ...memory,
    keep: async (key, value) => {
      if (key === 'unread' && value.includes('$') && ++failures === 1)
        throw new ChiffonError('DATABASE_FAILED', 'away');
      await memory.keep(key, value);
    },
  };
  const chat = await stage.startChat({ retryPauseMs: { first: 10, most: 10 } }, failing);
  const sendKeys = ada.holdKeys();
  const id = await ada.say(room, '!chiffon deploy uptime kuma');
  await stage.until(() => expect(failures).toBeGreaterThan(0));
  await stage.until(() => expect(stage.memory.kept.get('unread')).toContain(id));
  await chat.stop();
  await sendKeys();
  await stage.startChat();
  expect(await stage.untilTaken(1)).toMatchObject([{ messageId: id }]);
}, 150_000);

it('of several that wait none is forgotten while the others are looked at, and what is not read then is read in another life', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const { memory } = stage;
  const first = await stage.startChat();
  const sendKeys = ada.holdKeys();
  const said = [await ada.say(room, '!chiffon one'), await ada.say(room, '!chiffon two')];
  said.push(await ada.say(room, '!chiffon three'));
  await stage.until(() => expect(JSON.parse(memory.kept.get('unread') ?? '[]')).toHaveLength(3));
  await first.stop();
  // It dies with every state that is kept: in none of them one is missing.
  const states: string[] = [];
  const watched: ChatMemory = {
    ...memory,
    keep: async (key, value) => {
      if (key === 'unread') states.push(value);
      await memory.keep(key, value);
    },
  };
  const second = await stage.startChat({}, watched);
  const again = await ada.say(room, '!chiffon four');
  await stage.until(() => expect(states.at(-1)).toContain(again));
  await stage.until(() => expect(states.length).toBeGreaterThanOrEqual(4));
  for (const state of states) for (const id of said) expect(state).toContain(id);
  await second.stop();
  await sendKeys();
  await stage.startChat();
  const taken = await stage.untilTaken(4);
  expect(taken.map(({ messageId }) => messageId).toSorted()).toEqual([...said, again].toSorted());
}, 150_000);

it('of several that wait, one that the homeserver does not give now holds up no other, and is read in another life', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const { memory } = stage;
  await using between = await openInBetween(stage.homeserver.url);
  const first = await stage.startChat();
  const sendKeys = ada.holdKeys();
  const one = await ada.say(room, '!chiffon one');
  const two = await ada.say(room, '!chiffon two');
  const three = await ada.say(room, '!chiffon three');
  await stage.until(() => expect(JSON.parse(memory.kept.get('unread') ?? '[]')).toHaveLength(3));
  await first.stop();
  await sendKeys();
  const broken = async (): Promise<void> => {
    throw new Error('the homeserver is away');
  };
  // As often as it is asked for in one look.
  const asked = Array.from({ length: 4 }, () =>
    between.atNext(({ path }) => path.includes(`/event/${encodeURIComponent(two)}`), broken).catch(() => 'failed'),
  );
  const second = await stage.startChat({ homeserverUrl: between.url });
  expect((await stage.untilTaken(2)).map(({ messageId }) => messageId)).toEqual([one, three]);
  expect(await Promise.all(asked)).toEqual(['failed', 'failed', 'failed', 'failed']);
  await stage.until(() => expect(JSON.parse(memory.kept.get('unread') ?? '[]')).toEqual([{ room, event: two }]));
  await second.stop();
  await stage.startChat();
  expect((await stage.untilTaken(3)).at(-1)).toMatchObject({ messageId: two });
}, 150_000);

it('when the key does not come, the room is told once', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  await stage.startChat({ keyPatienceMs: 50 });
  ada.holdKeys();
  await ada.say(room, '!chiffon deploy uptime kuma');
  await ada.say(room, '!chiffon deploy it twice');
  await ada.sees(
    room,
    ({ sender, body }) => sender === stage.bot.userId && body.includes('its key has not reached me'),
  );
  const again = await ada.say(room, 'said after it');
  await stage.until(() => expect(stage.memory.kept.get('unread')).toContain(again));
  const told = (await ada.messages(room)).filter(({ sender }) => sender === stage.bot.userId);
  expect(told.map(({ msgtype }) => msgtype)).toEqual(['m.notice']);
  expect(stage.taken).toEqual([]);
}, 150_000);

it('words that another person sends on as their own are not taken, and the room is told', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  const mallory = await stage.homeserver.person('mallory');
  await ada.invite(room, mallory.userId);
  await mallory.join(room);
  await stage.startChat();
  const said = await ada.say(room, '!chiffon deploy uptime kuma');
  await stage.untilTaken(1);
  const { type, content } = await ada.sealedEvent(room, said);
  await mallory.send(room, type, content);
  await ada.sees(room, ({ sender, body }) => sender === stage.bot.userId && body.includes('whose name stands on it'));
  expect(stage.taken.map(({ messageId }) => messageId)).toEqual([said]);
}, 150_000);

it('words that are not encrypted, and what nobody could have encrypted, are not taken, and the room is told', async () => {
  await using scene = await openEncryptedStage();
  const { stage, ada, room } = scene;
  await stage.startChat();
  await stage.ada.send(room, 'm.room.message', { msgtype: 'm.text', body: '!chiffon deploy uptime kuma' });
  await ada.sees(room, ({ sender, body }) => sender === stage.bot.userId && body.includes('the message was not'));
  const made = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x', session_id: 's', sender_key: 'k', device_id: 'd' };
  await stage.ada.send(room, 'm.room.encrypted', made);
  await ada.sees(room, ({ sender, body }) => sender === stage.bot.userId && body.startsWith('I could not read'));
  expect(stage.taken).toEqual([]);
}, 150_000);

it('a room that becomes encrypted is spoken in encrypted from then on', async () => {
  await using stage = await openChatStage();
  const ada = await encryptedPerson(stage.homeserver, stage.ada);
  const { room, conversation } = stage;
  const chat = await stage.startChat();
  const before = await chat.post(conversation, 'event:1', planOf(7));
  expect(await ada.sealedEvent(room, eventOf(before))).toMatchObject({ type: 'm.room.message' });
  await ada.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
  await ada.say(room, '!chiffon status');
  await stage.untilTaken(1);
  const after = await chat.post(conversation, 'event:2', planOf(8));
  expect(await ada.sealedEvent(room, eventOf(after))).toMatchObject({ type: 'm.room.encrypted' });
  await ada.sees(room, ({ body }) => body.includes('#8'));
}, 150_000);
