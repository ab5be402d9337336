import { expect, test } from 'vitest';
import { count, duration, estimate, money, percent, since, ticking, until } from './format.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const now = new Date('2026-03-01T12:00:00Z');
const at = (ms: number): string => new Date(now.getTime() + ms).toISOString();

test.each([
  [0, '0 s'],
  [40, '0 s'],
  [420, '0.4 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [40_000, '40 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [125_000, '2 min 5 s'],
  [hourMs - 500, '1 h'],
  [hourMs + 3 * minuteMs, '1 h 3 min'],
  [24 * hourMs - 30_000, '1 d'],
  [52 * hourMs, '2 d 4 h'],
  [-5, '0 s'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, '0 s'],
  [999, '0 s'],
  [59_999, '59 s'],
  [72_300, '1 min 12 s'],
])('a clock at %d ms shows %s', (ms, text) => {
  expect(ticking(ms)).toBe(text);
});

test.each([
  [200, 'under 1 s'],
  [40_000, 'about 40 s'],
  [59_900, 'about 1 min'],
  [123_000, 'about 2 min 5 s'],
  [601_000, 'about 10 min'],
])('an estimate of %d ms reads %s', (ms, text) => {
  expect(estimate(ms)).toBe(text);
});

test.each([
  [0, '$0.00'],
  [5, 'under $0.0001'],
  [4_200, '$0.0042'],
  [10_000, '$0.01'],
  [1_254_000, '$1.25'],
])('%d micro-dollars read %s', (microUsd, text) => {
  expect(money(microUsd)).toBe(text);
});

test.each([
  [24 * hourMs, 'in 24 h'],
  [24 * hourMs - 2_000, 'in 24 h'],
  [5 * minuteMs, 'in 5 min'],
  [20_000, 'in 20 s'],
  [72 * hourMs, 'in 3 days'],
  [-1, 'now'],
])('%d ms ahead is %s', (ms, text) => {
  expect(until(at(ms), now)).toBe(text);
});

test.each([
  [-2_000, 'just now'],
  [-3 * minuteMs, '3 min ago'],
  [-5 * hourMs, '5 h ago'],
  [-8 * 24 * hourMs, '2026-02-21'],
])('%d ms back is %s', (ms, text) => {
  expect(since(at(ms), now)).toBe(text);
});

test('a time that cannot be read is shown as it is', () => {
  expect([until('soon', now), since('once', now)]).toEqual(['at soon', 'once']);
});

test('counts and shares read as people say them', () => {
  expect([count(1, 'change'), count(12_345, 'line'), count(2, 'entry', 'entries')]).toEqual([
    '1 change',
    '12,345 lines',
    '2 entries',
  ]);
  expect([percent(0.974), percent(7), percent(-1)]).toEqual(['97 %', '100 %', '0 %']);
});
