// What a homeserver does to a bot, for real and at length: its own rate limits, a restart in the middle of a run, 500 events at once.
import { expect, it } from 'vitest';
import { toActorId, toTaskId } from '../../core/ids.ts';
import { sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import { ownSynapse } from './synapse.ts';

it('of 500 events that came while the bot was down, those for it are all heard, in their order', async () => {
  await using stage = await openChatStage();
  const { ada, room } = stage;
  const first = await stage.startChat();
  await first.stop();
  const said: string[] = [];
  for (let at = 0; at < 20; at += 1) {
    said.push(await ada.say(room, `!chiffon request ${at}`));
    await Promise.all(Array.from({ length: 24 }, (_, index) => ada.say(room, `chatter ${at}.${index}`)));
  }
  await stage.startChat();
  await stage.until(() => expect(stage.taken).toHaveLength(20));
  expect(stage.taken.map(({ messageId }) => messageId)).toEqual(said);
}, 120_000);

it('with Synapse’s own limits all that matters is shown, in its order, and of a flood of states the newest', async () => {
  await using homeserver = await ownSynapse({ rateLimits: 'default' });
  await using stage = await openChatStage({ homeserver });
  const { ada, room, conversation } = stage;
  const requester = toActorId(`matrix:${ada.userId}`);
  const chat = await stage.startChat();
  const root = await chat.post(conversation, 'event:1', planOf(7, { requester }));
  const live = await chat.post(conversation, 'event:2', { ...sampleProgress(sampleStep()), task: toTaskId(7) }, root);
  for (let at = 1; at <= 400; at += 1) {
    const now = at === 400 ? 'the last state' : `state ${at}`;
    const view = { ...sampleProgress(sampleStep({ now, lines: at })), task: toTaskId(7) };
    await chat.update(conversation, live, view);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const notices = Array.from({ length: 8 }, (_, at) =>
    chat.post(
      conversation,
      `event:n${at}`,
      { type: 'notice', task: toTaskId(7), tone: 'neutral', text: `notice ${at}`, code: null },
      root,
    ),
  );
  const ended = await chat.post(conversation, 'event:9', { ...sampleResult, task: toTaskId(7), requester }, root);
  await Promise.all(notices);
  await ada.sees(room, ({ eventId, body }) => eventId === eventOf(live) && body.includes('the last state'), {
    timeoutMs: 120_000,
  });
  const thread = await ada.thread(room, eventOf(root));
  expect(thread.filter(({ body }) => body.startsWith('notice')).map(({ body }) => body)).toEqual(
    Array.from({ length: 8 }, (_, at) => `notice ${at}`),
  );
  const result = thread.findIndex(({ eventId }) => eventId === eventOf(ended));
  // What people wait for overtakes what is only told.
  expect(result).toBeLessThan(thread.length - 1);
  const edits = (await ada.messages(room)).find(({ eventId }) => eventId === eventOf(live))?.versions.length ?? 0;
  expect(edits).toBeLessThan(20);
}, 180_000);

it('a homeserver that is restarted in the middle of a run is spoken to again: nothing is lost or doubled', async () => {
  await using homeserver = await ownSynapse({ rateLimits: 'none' });
  await using stage = await openChatStage({ homeserver });
  const { ada, bot, room, conversation } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(conversation, 'event:1', planOf(7));
  await ada.sees(room, ({ eventId, reactions }) => eventId === eventOf(root) && reactions.length === 3);
  await homeserver.stop();
  const late = chat.post(conversation, 'event:2', { ...sampleResult, task: toTaskId(7) }, root);
  late.catch(() => {});
  await homeserver.start();
  const posted = await late.catch(() =>
    chat.post(conversation, 'event:2', { ...sampleResult, task: toTaskId(7) }, root),
  );
  const tap = await ada.react(room, eventOf(root), '✅');
  await stage.until(() => expect(stage.taken.map(({ messageId }) => messageId)).toEqual([tap]), 60_000);
  const own = (await ada.messages(room)).filter(({ sender }) => sender === bot.userId);
  expect(own.map(({ eventId }) => eventId)).toEqual([eventOf(root), eventOf(posted)]);
}, 180_000);
