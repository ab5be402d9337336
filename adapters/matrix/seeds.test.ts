import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meaningOf, seeds } from './seeds.ts';

describe('a reaction', () => {
  it('means the same with a variation selector, in text or in colour, and with any skin tone', () => {
    expect(seeds.map(meaningOf)).toEqual(['approve', 'reject', 'change']);
    for (const key of ['✅', '✅\ufe0f', '✅\ufe0e', '✔️', '☑️']) expect(meaningOf(key), key).toBe('approve');
    for (const key of ['❌', '❌\ufe0f', '✖️']) expect(meaningOf(key), key).toBe('reject');
    for (const key of ['✏️', '✏', '✍🏽', '✍🏿', '✍️', '📝']) expect(meaningOf(key), key).toBe('change');
  });

  it('of any other sign, or of words, decides nothing', () => {
    for (const key of ['👍', '👍🏽', '❤️', 'ok', 'approve', '✅✅', '✅ ❌', '', '️', 'mxc://x/y'])
      expect(meaningOf(key), key).toBeNull();
    const decided = new Set(['✅', '✔', '☑', '❌', '❎', '✖', '✏', '✍', '📝']);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        if (meaningOf(key) !== null) expect(decided).toContain(key.replace(/[^✅✔☑❌❎✖✏✍📝]/gu, ''));
      }),
    );
  });
});
