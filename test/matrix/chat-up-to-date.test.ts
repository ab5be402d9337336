// After a restart, on a real homeserver: cards are looked at and brought to what they should say, with few requests. A hundred of them:
// chat-up-to-date.long.test.ts.
import { expect, it } from 'vitest';
import { toConversationId } from '../../core/ids.ts';
import { asked, cardsOfBefore, expired, forgetTheSync, limits, taps } from './cards-of-before.ts';
import { eventOf, openChatStage } from './chat-stage.ts';
import { encryptedPerson } from './encrypted-person.ts';
import { openObserver } from './observer.ts';

it('what was tapped meanwhile is heard once, behind however many reactions, and not when it was taken back', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room } = stage;
  const shown = await cardsOfBefore(stage, observer, 3);
  const [one = '', other = '', third = ''] = shown.map(({ reference }) => eventOf(reference));
  const first = await ada.react(room, one, '✅');
  await ada.redact(room, await ada.react(room, other, '✅'));
  const seeds = (await ada.messages(room)).find(({ eventId }) => eventId === third)?.reactions ?? [];
  await stage.homeserver.as(stage.bot).redact(room, seeds.find(({ key }) => key === '✏️')?.eventId ?? '');
  // More than a page of them.
  for (let at = 0; at < 510; at += 10)
    await Promise.all(Array.from({ length: 10 }, (_, index) => ada.react(room, other, `like ${at + index}`)));
  const last = await ada.react(room, other, '❌');
  await forgetTheSync(stage);

  const next = await stage.startChat({ homeserverUrl: observer.url, limits });
  await stage.until(() => expect(stage.looked).toContain(null));
  const from = observer.requests.length;
  await next.bringUpToDate(shown);
  await stage.untilTaken(2);
  // The one of its own that was taken away is not there any more.
  expect(asked(observer, from)).toMatchObject({ singles: 0, edits: 0, reactions: 1 });
  expect(asked(observer, from).pages).toBeLessThan(6);
  await next.bringUpToDate(shown);
  const said = await ada.say(room, '!chiffon status');
  await stage.until(() => expect(taps(stage)).toContain(said));
  expect(taps(stage).toSorted()).toEqual([first, last, said].toSorted());
}, 120_000);

it('in an encrypted room the same: what is true is left, what is not is edited, what is gone is said, taps count', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const ada = await encryptedPerson(stage.homeserver, stage.ada);
  const room = await ada.createRoom({ name: 'the cellar', invite: [stage.bot.userId], encrypted: true });
  await stage.homeserver.as(stage.bot).join(room);
  const conversation = toConversationId(`matrix:${room}`);
  const shown = await cardsOfBefore(stage, observer, 5, { conversation });
  const [, tapped = '', lost = ''] = shown.map(({ reference }) => reference);
  const tap = await ada.react(room, eventOf(tapped), '✅');
  await stage.homeserver.as(stage.bot).redact(room, eventOf(lost));
  await forgetTheSync(stage);

  const next = await stage.startChat({ homeserverUrl: observer.url, limits });
  await stage.until(() => expect(stage.looked).toContain(null));
  const changed = shown.map((each, index) => (index === 0 ? expired(each, 1) : each));
  let from = observer.requests.length;
  expect(await next.bringUpToDate(changed)).toEqual([lost]);
  expect(asked(observer, from)).toMatchObject({ singles: 0, edits: 1, reactions: 0 });
  await stage.untilTaken(1);
  expect(taps(stage)).toEqual([tap]);
  await ada.sees(
    room,
    ({ eventId, body }) => eventId === eventOf(shown[0]?.reference ?? '') && body.includes('expired'),
  );
  from = observer.requests.length;
  expect(await next.bringUpToDate(changed.filter(({ reference }) => reference !== lost))).toEqual([]);
  expect(asked(observer, from)).toMatchObject({ singles: 0, edits: 0 });
}, 150_000);

it('what is too far back, or in a history that cannot be read, is asked for by itself', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room } = stage;
  const shown = await cardsOfBefore(stage, observer, 2);
  const tap = await ada.react(room, eventOf(shown[1]?.reference ?? ''), '✅');
  const self = stage.homeserver.as(stage.bot);
  for (let at = 0; at < 220; at += 10) await Promise.all(Array.from({ length: 10 }, () => self.say(room, 'more')));
  await forgetTheSync(stage);

  const next = await stage.startChat({ homeserverUrl: observer.url, limits });
  await stage.until(() => expect(stage.looked).toContain(null));
  const changed = shown.map((each, index) => (index === 0 ? expired(each, 1) : each));
  let from = observer.requests.length;
  expect(await next.bringUpToDate(changed)).toEqual([]);
  // The one that expired is not asked for its reactions.
  expect(asked(observer, from)).toMatchObject({ pages: 2, singles: 3, edits: 1 });
  await stage.untilTaken(1);
  expect(taps(stage)).toEqual([tap]);

  observer.forbid(/\/messages$/);
  from = observer.requests.length;
  expect(await next.bringUpToDate(shown)).toEqual([]);
  expect(asked(observer, from)).toMatchObject({ pages: 1, singles: 4, edits: 1 });
}, 120_000);
