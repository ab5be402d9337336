import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandHostRange } from './host-range.ts';

describe('a host range', () => {
  it('stands for each number, padded like its begin', () => {
    expect(expandHostRange('web[01:03].lan')).toEqual(['web01.lan', 'web02.lan', 'web03.lan']);
    expect(expandHostRange('n[8:12:2]')).toEqual(['n8', 'n10', 'n12']);
    expect(expandHostRange('n[:2]')).toEqual(['n0', 'n1', 'n2']);
  });

  it('runs over letters, and several ranges in one name multiply', () => {
    expect(expandHostRange('db-[a:c]')).toEqual(['db-a', 'db-b', 'db-c']);
    expect(expandHostRange('r[1:2]n[1:2]')).toEqual(['r1n1', 'r1n2', 'r2n1', 'r2n2']);
  });

  it('without a range is a name', () => {
    expect(expandHostRange('gateway.lan')).toEqual(['gateway.lan']);
  });

  it.each(['a[1:]', 'a[1:2:0]', 'a[c:a]', 'a[01:100]', 'a[x:9]', 'a[1:2:3:4]', 'a[0:999999]'])(
    '%s is refused with a reason',
    (pattern) => {
      expect(expandHostRange(pattern)).toHaveProperty('problem');
    },
  );

  it('of numbers gives as many different names as it spans', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 7 }), (from, span, step) => {
        const names = expandHostRange(`h[${from}:${from + span}:${step}]x`);
        expect(names).toHaveLength(Math.floor(span / step) + 1);
        expect(new Set(Array.isArray(names) ? names : []).size).toBe(Math.floor(span / step) + 1);
      }),
    );
  });
});
