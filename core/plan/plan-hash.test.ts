// What the plan hash covers, and what it must never come to cover by accident: old plans keep the hash they were approved under.
import { describe, expect, it } from 'vitest';
import { aPlan, aStep } from '../../test/builders/plan.ts';
import { toPlanHash, toTaskId } from '../ids.ts';
import { planHash, stepsHash } from './plan-hash.ts';
import { planSchema } from './plan-schema.ts';

const retryOf = { task: toTaskId(7), planHash: toPlanHash('a'.repeat(64)), fromStep: 2, stepsHash: 'b'.repeat(64) };

describe('the plan hash', () => {
  it('of a plan that is no retry is what it was before there were retries', () => {
    const steps = [aStep(), aStep({ number: 2, vars: { a: 1 } })];
    const plan = aPlan({ policyVersion: 'x', branch: 'chiffon/1', steps });
    const hash = '6d8b22b6af434d1897edff4418ffdc1b885091d507b844eba26c55ece5feeb53';
    expect(planHash(plan)).toBe(hash);
    expect(planHash(planSchema.parse(JSON.parse(JSON.stringify(plan))))).toBe(hash);
  });

  it('covers what a retry takes up', () => {
    const hashes = [
      planHash(aPlan()),
      planHash(aPlan({ retryOf })),
      planHash(aPlan({ retryOf: { ...retryOf, task: toTaskId(8) } })),
      planHash(aPlan({ retryOf: { ...retryOf, fromStep: 1 } })),
      planHash(aPlan({ retryOf: { ...retryOf, planHash: toPlanHash('c'.repeat(64)) } })),
      planHash(aPlan({ retryOf: { ...retryOf, stepsHash: 'd'.repeat(64) } })),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    const read = planSchema.parse(JSON.parse(JSON.stringify(aPlan({ retryOf }))));
    expect(planHash(read)).toBe(planHash(aPlan({ retryOf })));
  });
});

describe('the hash of steps', () => {
  it('is the same for the same steps under other numbers, and another one for anything else', () => {
    const left = [aStep({ number: 2 }), aStep({ number: 3, vars: { a: 1 } })];
    const renumbered = left.map((step, index) => ({ ...step, number: index + 1 }));
    expect(stepsHash(renumbered)).toBe(stepsHash(left));
    const [first = aStep(), second = aStep()] = renumbered;
    for (const other of [
      [first],
      [second, first],
      [first, { ...second, vars: { a: 2 } }],
      [first, { ...second, hosts: ['boreas'] }],
      [first, { ...second, digests: [] }],
      [first, { ...second, config: [{ path: 'x', diff: 'y' }] }],
      [first, { ...second, idempotent: false }],
    ])
      expect(stepsHash(other)).not.toBe(stepsHash(left));
  });
});
