import { expect, test } from 'vitest';
import { makeInterrupts } from './interrupts.ts';

test('the same Ctrl-C that arrives twice at once counts once; one after 300 ms counts again', () => {
  let at = 1_000;
  const heard: number[] = [];
  const interrupt = makeInterrupts(
    () => heard.push(at),
    () => new Date(at),
  );
  const counted = [1_000, 1_005, 1_299, 1_300, 1_301, 2_000].map((time) => {
    at = time;
    return interrupt();
  });
  expect(counted).toEqual([true, false, false, true, false, true]);
  expect(heard).toEqual([1_000, 1_300, 2_000]);
});

test('a clock that was set back mutes nothing', () => {
  let at = 10_000;
  const interrupt = makeInterrupts(
    () => {},
    () => new Date(at),
  );
  interrupt();
  at = 9_000;
  expect(interrupt()).toBe(true);
});
