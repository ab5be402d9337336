import { expect, test } from 'vitest';
import { complete } from './complete.ts';

test.each([
  ['app', 'rove ', []],
  ['cat', 'alogue ', []],
  ['retry #14', '2', []],
  ['h', '', ['history', 'help']],
  ['c', '', ['change', 'cancel', 'catalogue', 'cost']],
  ['ch', 'ange ', []],
  ['re', '', ['reject', 'resume', 'retry']],
  ['log #', '', ['#142', '#12', '#3']],
  ['log #1', '', ['#142', '#12']],
  ['log #14', '2', []],
  ['change #3', ' ', []],
  ['status #', '', []],
  ['deploy gra', '', []],
  ['reject #3 be', '', []],
  ['xyz', '', []],
])('Tab after "%s" inserts "%s" and offers %j', (before, insert, choices) => {
  expect(complete(before, [3, 142, 12])).toEqual({ insert, choices });
});

test('a command typed to its end gets its space', () => {
  expect(complete('approve', [])).toEqual({ insert: ' ', choices: [] });
});
