import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlanHash, toTaskId } from '../../core/ids.ts';
import type { CustomId } from './custom-id.ts';
import { encodeCustomId, hashPrefixOf, parseCustomId } from './custom-id.ts';

const task = fc.integer({ min: 1, max: 999_999_999 }).map(toTaskId);
const number = fc.nat(999_999_999);
const hashPrefix = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
  .map((digits) => hashPrefixOf(toPlanHash(digits.join(''))));
const anyId: fc.Arbitrary<CustomId> = fc.oneof(
  fc.record({
    what: fc.constantFrom('approve' as const, 'reject' as const, 'change' as const),
    ...{ task, revision: fc.integer({ min: 1, max: 999_999_999 }), hashPrefix },
  }),
  fc.record({
    what: fc.constantFrom('cancel' as const, 'resume' as const, 'retry' as const),
    ...{ task, revision: number, hashPrefix: fc.oneof(hashPrefix, fc.constant('')) },
  }),
  fc.record({ what: fc.constant('details' as const), task, revision: number }),
  fc.record({ what: fc.constant('choice' as const), task, question: number, choice: number }),
  fc.record({ what: fc.constantFrom('choose' as const, 'other' as const), task, question: number }),
);

describe('a custom id', () => {
  it('comes back as it was, in the characters that Discord gives it', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const text = encodeCustomId(id);
        expect(text.length).toBeLessThanOrEqual(100);
        expect(parseCustomId(text)).toEqual(id);
      }),
    );
  });

  it.each([
    '',
    'approve',
    'c2:approve:7:1:ab12',
    'c1:destroy:7:1:ab12',
    'c1:approve:0:1:ab12',
    'c1:approve:7:-1:ab12',
    'c1:approve:7:1:XYZ',
    'c1:approve:7:0:',
    'c1:approve:7:0:0123456789ab',
    'c1:approve:7:1:',
    'c1:approve:7:1:ab12',
    'c1:change:7:0:',
    'c1:approve:7:1:ab12:more',
    'c1:choice:7:1:',
    'c1:details:7:1:ab',
    'c1:approve:99999999999:1:ab12',
    `c1:approve:7:1:${'a'.repeat(100)}`,
  ])('that Chiffon did not make is none: %s', (text) => {
    expect(parseCustomId(text)).toBeNull();
  });
});
