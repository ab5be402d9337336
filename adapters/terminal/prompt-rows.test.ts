import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Look } from './look.ts';
import { promptRows, saidRows } from './prompt-rows.ts';
import { widthOf } from './width.ts';

const look: Look = { width: 40, colours: false, frame: true, now: new Date(0) };
const typed = (line: string, cursor = line.length) => ({
  line,
  cursor,
  secret: false,
  placeholder: 'ask',
  rowsAtMost: 10,
});

test('the line stands behind the prompt, with the cursor in its place', () => {
  expect(promptRows(look, typed('status', 2))).toEqual({ rows: ['› status'], cursor: { row: 0, column: 4 } });
});

test('wide characters take two columns, and line breaks show as such', () => {
  expect(promptRows(look, typed('日本\ue00ax', 2))).toEqual({ rows: ['› 日本⏎x'], cursor: { row: 0, column: 6 } });
});

test('a long line goes on below, and the rows around the cursor are shown', () => {
  const line = Array.from({ length: 30 }, (_, index) => `word number ${index} of a very long line `).join('');
  const { rows, cursor } = promptRows(look, { ...typed(line), rowsAtMost: 3 });
  expect(rows).toHaveLength(3);
  expect(rows.join('').replace(/ +/g, ' ')).toContain('a very long line');
  expect(cursor.row).toBe(2);
  expect(promptRows(look, { ...typed(line, 0), rowsAtMost: 3 }).rows[0]).toMatch(/^› word number 0/);
});

test('a secret is dots', () => {
  expect(promptRows(look, { ...typed('hunter2'), secret: true }).rows).toEqual(['› •••••••']);
});

test('the placeholder is shown only where colours tell it from typed text', () => {
  expect(promptRows(look, typed('')).rows).toEqual(['› ']);
  expect(promptRows({ ...look, colours: true }, typed('')).rows[0]).toContain('ask');
});

test('whatever is typed, the rows fit and the cursor is in one of them', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.nat(200),
      fc.integer({ min: 10, max: 60 }),
      (line, place, width) => {
        const cursor = Math.min(place, line.length);
        const shown = promptRows({ ...look, width }, { ...typed(line, cursor), rowsAtMost: 4 });
        expect(shown.rows.length).toBeLessThanOrEqual(4);
        for (const row of shown.rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
        expect(shown.rows[shown.cursor.row]).toBeDefined();
        expect(shown.cursor.column).toBeGreaterThanOrEqual(2);
        expect(shown.cursor.column).toBeLessThan(width);
        expect(shown.rows.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      },
    ),
  );
});

test('what was said is wrapped under itself', () => {
  expect(saidRows({ ...look, width: 12 }, 'deploy grafana\nplease')).toEqual(['› deploy', '  grafana', '  please']);
});
