import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromColumn, toColumn } from './exact-text.ts';

test('any string comes back as it went in', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => fromColumn(toColumn(text)) === text));
  fc.assert(
    fc.property(fc.array(fc.constantFrom('\\', '\0', '\ud83d', '\ude00', 'u0000', 'a')), (parts) => {
      const text = parts.join('');
      return fromColumn(toColumn(text)) === text;
    }),
  );
});

test('what is stored is text that PostgreSQL takes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
      const stored = toColumn(String.fromCharCode(...units));
      expect(stored).not.toContain('\0');
      expect(stored.isWellFormed()).toBe(true);
    }),
  );
});

test('ordinary text is stored as it reads', () => {
  expect(toColumn('ok: [web-1] => 42 % ümläut 😀\n')).toBe('ok: [web-1] => 42 % ümläut 😀\n');
});
