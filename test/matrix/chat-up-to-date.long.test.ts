// After a restart with a hundred open cards in one room, on a real homeserver: a handful of requests, and one edit for each that is wrong.
import { expect, it } from 'vitest';
import { asked, cardsOfBefore, expired, limits } from './cards-of-before.ts';
import { eventOf, openChatStage } from './chat-stage.ts';
import { openObserver } from './observer.ts';

it('a hundred open cards that are all true take a handful of requests, and those that are not one edit each', async () => {
  await using stage = await openChatStage();
  await using observer = await openObserver(stage.homeserver.url);
  const { ada, room } = stage;
  const between = (task: number) => (task % 10 === 0 ? ada.say(room, 'small talk') : undefined);
  const shown = await cardsOfBefore(stage, observer, 100, { between });

  const second = await stage.startChat({ homeserverUrl: observer.url, limits });
  let from = observer.requests.length;
  expect(await second.bringUpToDate(shown)).toEqual([]);
  expect(asked(observer, from)).toEqual({ pages: 3, singles: 0, edits: 0, reactions: 0 });
  expect(observer.count('GET', from) - observer.count('GET /sync', from)).toBeLessThan(6);

  const lost = shown[41]?.reference ?? '';
  await stage.homeserver.as(stage.bot).redact(room, eventOf(lost));
  const changed = shown.map((each, index) => (index % 20 === 0 ? expired(each, index + 1) : each));
  from = observer.requests.length;
  expect(await second.bringUpToDate(changed)).toEqual([lost]);
  expect(asked(observer, from)).toEqual({ pages: 3, singles: 0, edits: 5, reactions: 0 });
  const now = await ada.messages(room);
  for (const [index, { reference }] of changed.entries())
    if (reference !== lost)
      expect(now.find(({ eventId }) => eventId === eventOf(reference))?.body.includes('expired')).toBe(
        index % 20 === 0,
      );

  // What was edited says it in its newest edit.
  from = observer.requests.length;
  expect(await second.bringUpToDate(changed.filter(({ reference }) => reference !== lost))).toEqual([]);
  expect(asked(observer, from)).toMatchObject({ singles: 0, edits: 0 });
}, 300_000);
