import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeLine } from '../../core/chat/safe-text.ts';
import { hostileText } from '../../test/builders/hostile-text.ts';
import { clip, widthOf, wrap, wrapExactly } from './width.ts';

const widths = fc.integer({ min: 2, max: 120 });

test('clipped text fits, and is whole where it fits', () => {
  fc.assert(
    fc.property(hostileText, widths, (text, width) => {
      const safe = safeLine(text);
      const shown = clip(safe, width);
      expect(widthOf(shown)).toBeLessThanOrEqual(width);
      if (widthOf(safe) <= width) expect(shown).toBe(safe);
    }),
  );
});

test('wrapped text fits, and nothing of it is lost', () => {
  const letters = (text: string): string => text.normalize().replace(/\s/gu, '');
  fc.assert(
    fc.property(hostileText, widths, (text, width) => {
      const safe = safeLine(text);
      for (const parts of [wrap(safe, width), wrapExactly(safe, width)]) {
        for (const part of parts) expect(widthOf(part)).toBeLessThanOrEqual(width);
        expect(letters(parts.join(''))).toBe(letters(safe));
      }
    }),
  );
});

test('without an end to the line nothing is wrapped', () => {
  const text = 'word '.repeat(100);
  expect([wrap(text, Number.POSITIVE_INFINITY), wrapExactly(text, Number.POSITIVE_INFINITY)]).toEqual([[text], [text]]);
});
