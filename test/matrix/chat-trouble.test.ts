// A homeserver that refuses, breaks or is late at the wrong moment, on a real one with a proxy before it.
import { expect, it } from 'vitest';
import { sampleLog, sampleProgress, sampleStep } from '../builders/views.ts';
import { forgetTheSync } from './cards-of-before.ts';
import type { ChatStage } from './chat-stage.ts';
import { eventOf, openChatStage, planOf } from './chat-stage.ts';
import { openObserver } from './observer.ts';

const texts = ({ taken }: ChatStage) => taken.map(({ content }) => ('text' in content ? content.text : content.type));
const buttons = ({ taken }: ChatStage) =>
  taken.flatMap(({ content }) => (content.type === 'button' ? [content.button] : []));

it('a homeserver that forgot where the bot was and breaks right then is listened to again', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room } = stage;
  await stage.startChat({ homeserverUrl: observer.url });
  await ada.say(room, '!chiffon one');
  await stage.untilTaken(1);
  observer.refuse(/^GET \/sync$/, { status: 400, errcode: 'M_UNKNOWN' }, { status: 502 });
  await ada.say(room, '!chiffon two');
  // What was said before it was asked anew is behind the new place; what is open is looked at.
  await stage.until(() => expect(stage.looked).toContain(null));
  const three = await ada.say(room, '!chiffon three');
  await stage.until(() => expect(stage.taken.at(-1)?.messageId).toBe(three));
});

it('a history that is refused for a while is asked for again, and nothing between is missed', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room } = stage;
  const first = await stage.startChat({ homeserverUrl: observer.url });
  await first.stop();
  await ada.say(room, '!chiffon one');
  for (let at = 0; at < 6; at += 1)
    await Promise.all(Array.from({ length: 10 }, (_, index) => ada.say(room, `chatter ${at}.${index}`)));
  observer.refuse(
    /^GET \/rooms\/:room\/messages$/,
    { status: 400, errcode: 'M_INVALID_PARAM' },
    { status: 400, errcode: 'M_UNKNOWN' },
  );
  await stage.startChat({ homeserverUrl: observer.url });
  await stage.untilTaken(1);
  expect(texts(stage)).toEqual(['one']);
  expect(stage.looked).toEqual([]);
});

it('a tap that was taken back while the card’s history was on its way does not count', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room, conversation } = stage;
  const first = await stage.startChat({ homeserverUrl: observer.url });
  const shown = [];
  for (const task of [7, 8]) {
    const view = planOf(task);
    shown.push({ conversation, view, reference: await first.post(conversation, `event:${task}`, view) });
  }
  await first.stop();
  const tap = await ada.react(room, eventOf(shown[0]?.reference ?? ''), '✅');
  await forgetTheSync(stage);
  const second = await stage.startChat({ homeserverUrl: observer.url });
  await stage.until(() => expect(stage.looked).toContain(null));
  const reactions = observer.hold(/^GET \/rooms\/:room\/messages$/, 1);
  const looking = second.bringUpToDate(shown);
  await reactions.held;
  await ada.redact(room, tap);
  await ada.say(room, '!chiffon one');
  await stage.untilTaken(1);
  reactions.release();
  await looking;
  await ada.say(room, '!chiffon two');
  await stage.until(() => expect(texts(stage)).toContain('two'));
  expect(texts(stage)).toEqual(['one', 'two']);
});

it('taps that came while the bot was down are heard in their order, whoever is looked up first', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room, conversation } = stage;
  const ben = await stage.homeserver.person('ben');
  await ada.invite(room, ben.userId);
  await ben.join(room);
  const first = await stage.startChat({ homeserverUrl: observer.url });
  const view = planOf(7);
  const reference = await first.post(conversation, 'event:7', view);
  await first.stop();
  await ben.react(room, eventOf(reference), '❌');
  await ada.react(room, eventOf(reference), '✅');
  await forgetTheSync(stage);
  const second = await stage.startChat({ homeserverUrl: observer.url });
  await stage.until(() => expect(stage.looked).toContain(null));
  const who = observer.hold(/^GET \/rooms\/:room\/state\/m.room.member\/:user$/);
  await second.bringUpToDate([{ conversation, reference, view }]);
  await who.held;
  // The other's is not asked for before: the bot has nothing else to do.
  await stage.until(async () => expect((await ada.messages(room)).length).toBeGreaterThan(0));
  expect(stage.taken).toEqual([]);
  who.release();
  await stage.untilTaken(2);
  expect(buttons(stage)).toEqual(['reject', 'approve']);
});

it('where the bot may not react, taps count all the same', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room, conversation } = stage;
  observer.forbid(/^PUT \/rooms\/:room\/send\/m.reaction\//);
  const first = await stage.startChat({ homeserverUrl: observer.url });
  const view = planOf(7);
  const reference = await first.post(conversation, 'event:7', view);
  await first.stop();
  await ada.react(room, eventOf(reference), '✅');
  await forgetTheSync(stage);
  const second = await stage.startChat({ homeserverUrl: observer.url });
  await stage.until(() => expect(stage.looked).toContain(null));
  expect(await second.bringUpToDate([{ conversation, reference, view }])).toEqual([]);
  await stage.untilTaken(1);
  expect(buttons(stage)).toEqual(['approve']);
});

it('a live message goes on when the bot may write again', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room, conversation } = stage;
  const chat = await stage.startChat({ homeserverUrl: observer.url });
  const progress = (lines: number) => sampleProgress(sampleStep({ lines }));
  const reference = await chat.post(conversation, 'progress:1', progress(1));
  observer.forbid(/^PUT \/rooms\/:room\/send\//);
  const from = observer.requests.length;
  await chat.update(conversation, reference, progress(2));
  await stage.until(() => expect(observer.requests.slice(from).some(({ status }) => status === 403)).toBe(true));
  observer.forbid(null);
  await chat.update(conversation, reference, progress(333));
  const body = async () => (await ada.messages(room)).find(({ eventId }) => eventId === eventOf(reference))?.body;
  await stage.until(async () => expect(await body()).toContain('333 lines'));
});

it('a log that the homeserver does not take holds up nothing: its message says so', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room, conversation } = stage;
  const chat = await stage.startChat({ homeserverUrl: observer.url });
  observer.forbid(/^POST \/upload/);
  await chat.post(conversation, 'log:1', sampleLog(100));
  const [message] = (await ada.messages(room)).filter(({ sender }) => sender === stage.bot.userId);
  expect(message?.body).toContain('The file is not here: the homeserver does not take files.');
  expect(message?.file).toBeUndefined();
});
