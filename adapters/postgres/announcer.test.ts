import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeAnnouncer } from './announcer.ts';

test('many appends in one turn are told once, with the newest', async () => {
  const announcer = makeAnnouncer();
  const heard: number[] = [];
  announcer.subscribe((seq) => heard.push(seq));
  for (const seq of [1, 3, 2]) announcer.announce(seq);
  expect(heard).toEqual([]);
  await turn();
  announcer.announce(3);
  announcer.announce(4);
  await turn();
  expect(heard).toEqual([3, 4]);
});

test('the same listener may subscribe twice, and stops each by itself', async () => {
  const announcer = makeAnnouncer();
  const heard: number[] = [];
  const listener = (seq: number) => heard.push(seq);
  const stop = announcer.subscribe(listener);
  announcer.subscribe(listener);
  stop();
  announcer.announce(1);
  await turn();
  expect(heard).toEqual([1]);
  announcer.announce(2);
  announcer.close();
  await turn();
  expect(heard).toEqual([1]);
});
