// Nothing is missed and nothing is done twice, on a real homeserver: limited syncs, redelivery, crashes, other devices, two logins.
import { expect, it } from 'vitest';
import { MatrixRefusal } from '../../adapters/matrix/api-error.ts';
import { ChiffonError } from '../../core/error.ts';
import { toTaskId } from '../../core/ids.ts';
import { sampleResult } from '../builders/views.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';

it('of more events than a sync gives that came while the bot was down, those for it are all heard, in their order', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  const first = await stage.startChat();
  await first.stop();
  const said: string[] = [];
  for (let at = 0; at < 5; at += 1) {
    said.push(await ada.say(room, `!chiffon request ${at}`));
    await Promise.all(Array.from({ length: 24 }, (_, index) => ada.say(room, `chatter ${at}.${index}`)));
  }
  await stage.startChat();
  await stage.until(() => expect(stage.taken).toHaveLength(5));
  expect(stage.taken.map(({ messageId }) => messageId)).toEqual(said);
});

it('what was said before the bot came into the room is not for it', async () => {
  await using stage = await openChatStage();
  const { ada, bot } = stage;
  await stage.startChat();
  const room = await ada.createRoom({ kind: 'public', name: 'older' });
  await ada.say(room, '!chiffon before');
  await ada.invite(room, bot.userId);
  await ada.until(async () => (await ada.members(room)).includes(bot.userId));
  await ada.say(room, '!chiffon after');
  await stage.untilTaken(1);
  expect(stage.taken.map(({ content }) => ('text' in content ? content.text : ''))).toEqual(['after']);
});

it('what was heard already is not handed over again when an older token says so', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  const first = await stage.startChat();
  const before = stage.memory.kept.get('sync-token') ?? '';
  await ada.say(room, '!chiffon one');
  await stage.untilTaken(1);
  await stage.until(() => expect(stage.memory.kept.get('sync-token')).not.toBe(before));
  await first.stop();
  await stage.memory.keep('sync-token', before);
  await stage.startChat();
  const two = await ada.say(room, '!chiffon two');
  await stage.until(() => expect(stage.taken.at(-1)?.messageId).toBe(two));
  expect(stage.taken).toHaveLength(2);
});

it.each([
  [
    'its database is away',
    new ChiffonError('DATABASE_FAILED', 'The database is away.', { cause: new Error('refused') }),
  ],
  ['the homeserver is broken', new MatrixRefusal({ status: 502 })],
  ['nothing listens there', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
])(
  'what the bot cannot take because %s is taken when that is over, and what was said after it comes after it',
  async (_why, fault) => {
    await using stage = await openChatStage();
    const { ada, room } = stage;
    let tries = 0;
    stage.handle = async () => {
      tries += 1;
      if (tries <= 20) throw fault;
      return { task: null, refused: false };
    };
    await stage.startChat({ retryPauseMs: { first: 1, most: 5 } });
    const said = [await ada.say(room, '!chiffon one'), await ada.say(room, '!chiffon two')];
    await stage.until(() => expect(tries).toBe(22));
    expect(stage.taken.map(({ messageId }) => messageId)).toEqual([
      ...Array.from({ length: 21 }, () => said[0]),
      said[1],
    ]);
  },
);

it('a bot that leads no more says nothing of what it cannot keep; the next one hears it', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  stage.handle = async () => {
    throw new ChiffonError('FENCED', 'Another bot leads.');
  };
  const first = await stage.startChat();
  const said = await ada.say(room, '!chiffon one');
  await stage.untilTaken(1);
  await first.stop();
  stage.handle = async () => ({ task: null, refused: false });
  await stage.startChat();
  await stage.untilTaken(2);
  expect(stage.taken.map(({ messageId }) => messageId)).toEqual([said, said]);
  expect((await ada.messages(room)).filter(({ sender }) => sender === stage.bot.userId)).toEqual([]);
});

it('who said what the bot cannot take, whatever the reason, is told', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  stage.handle = async () => {
    throw new ChiffonError('CHAT_LOGIN_FAILED', 'A fault that nobody thought of.');
  };
  await stage.startChat();
  const said = [await ada.say(room, '!chiffon one'), await ada.say(room, '!chiffon two')];
  const answers = async () =>
    (await ada.messages(room)).filter(
      ({ body }) => body === 'I could not take this; my log says why. Please send it again.',
    );
  await stage.until(async () => expect((await answers()).map(({ replyTo }) => replyTo)).toEqual(said));
});

it('the token is not kept before what came with it is stored', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.handle = async () => {
    await promise;
    return { task: null, refused: false };
  };
  const chat = await stage.startChat();
  const before = stage.memory.kept.get('sync-token');
  await ada.say(room, '!chiffon one');
  await stage.untilTaken(1);
  // A later batch of another room is heard meanwhile, and done; its token waits for the first.
  const other = await ada.createRoom({ name: 'other', invite: [stage.bot.userId] });
  await ada.until(async () => (await ada.members(other)).includes(stage.bot.userId));
  expect(stage.memory.kept.get('sync-token')).toBe(before);
  resolve();
  await stage.until(() => expect(stage.memory.kept.get('sync-token')).not.toBe(before));
  await chat.stop();
});

it('a message of the same key is posted once: by the same device, by another one, in another life', async () => {
  await using stage = await openChatStage();
  const { ada, bot, room, conversation } = stage;
  const result = { ...sampleResult, task: toTaskId(7) };
  const first = await stage.startChat();
  const root = await first.post(conversation, 'event:1', planOf(7));
  const posted = await first.post(conversation, 'event:2', result, root);
  await first.stop();
  const same = await stage.startChat();
  expect(await same.post(conversation, 'event:2', result, root)).toBe(posted);
  await same.stop();
  const other = await stage.startChat({ accessToken: undefined, user: bot.userId, password: bot.password });
  expect(await other.post(conversation, 'event:1', planOf(7))).toBe(root);
  expect(await other.post(conversation, 'event:2', result, root)).toBe(posted);
  await other.stop();
  // The login by password is kept: the next start needs none.
  const again = await stage.startChat({ accessToken: undefined, user: bot.userId, password: 'wrong by now' });
  expect(await again.post(conversation, 'event:2', result, root)).toBe(posted);
  const own = (await ada.messages(room)).filter(({ sender }) => sender === bot.userId);
  expect(own.map(({ eventId }) => eventId)).toEqual([eventOf(root), eventOf(posted)]);
});

it('a login that is not accepted is told in a sentence', async () => {
  await using stage = await openChatStage();
  const { bot } = stage;
  const login = { accessToken: undefined, user: bot.userId };
  await expect(stage.startChat({ ...login, password: 'wrong' })).rejects.toMatchObject({
    ...{ kind: 'CHAT_LOGIN_FAILED', message: expect.stringContaining('MATRIX_PASSWORD') },
  });
  await expect(stage.startChat({ accessToken: 'syt_nothing' })).rejects.toMatchObject({
    ...{ kind: 'CHAT_LOGIN_FAILED', message: expect.stringContaining('MATRIX_ACCESS_TOKEN') },
  });
  await expect(stage.startChat({ user: '@somebody:chiffon.test' })).rejects.toMatchObject({
    ...{ kind: 'CHAT_LOGIN_FAILED', message: expect.stringContaining('MATRIX_USER says @somebody:chiffon.test') },
  });
});

it('a login that is ended by somebody is told, so that the chat is begun anew', async () => {
  await using stage = await openChatStage();
  const chat = await stage.startChat();
  await stage.homeserver.as(stage.bot).logOut();
  await stage.until(() => expect(stage.lost).toMatchObject([{ kind: 'CHAT_LOGIN_FAILED' }]));
  await chat.stop();
});
