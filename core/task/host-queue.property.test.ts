// What holds for every set of plans that wait or run: nobody runs beside what it meets, and nobody waits for ever.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPlan, aStep } from '../../test/builders/plan.ts';
import { toTaskId } from '../ids.ts';
import type { Contender } from './host-queue.ts';
import { hostsOf, tasksBefore } from './host-queue.ts';

const meet = (one: Contender, other: Contender): boolean => [...one.hosts].some((host) => other.hosts.has(host));

const contenders: fc.Arbitrary<readonly Contender[]> = fc
  .array(
    fc.record({
      hosts: fc.uniqueArray(fc.constantFrom('nas', 'atlas', 'boreas', 'ceres', 'localhost'), { maxLength: 3 }),
      begun: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .chain((list) =>
    fc.shuffledSubarray([...list.keys()], { minLength: list.length }).map((order) =>
      list.map(({ hosts, begun }, at) => ({
        task: toTaskId(at + 1),
        hosts: new Set(hosts),
        begun,
        approvedAt: order[at] ?? 0,
      })),
    ),
  );

const always = (name: string, holds: (all: readonly Contender[]) => void) =>
  it(name, () => fc.assert(fc.property(contenders, holds), { numRuns: 2_000 }));

describe('any set of plans', () => {
  always('lets no two go ahead whose hosts meet, unless both have begun', (all) => {
    const free = all.filter((one) => tasksBefore(one, all).length === 0);
    for (const one of free)
      for (const other of free)
        if (one.task !== other.task && meet(one, other)) expect([one.begun, other.begun]).toEqual([true, true]);
  });

  always('orders every two that meet and wait, one way and never both ways', (all) => {
    const waiting = all.filter(({ begun }) => !begun);
    for (const one of waiting)
      for (const other of waiting.filter(({ task }) => task !== one.task)) {
        const before = [tasksBefore(one, all).includes(other.task), tasksBefore(other, all).includes(one.task)];
        expect(before.filter(Boolean)).toHaveLength(meet(one, other) ? 1 : 0);
      }
  });

  always('comes to an end: whatever ends, in any order, everybody has their turn', (all) => {
    let left = all;
    while (left.length > 0) {
      const first = left.filter(({ begun }) => !begun).toSorted((a, b) => a.approvedAt - b.approvedAt)[0];
      if (first !== undefined)
        for (const task of tasksBefore(first, left))
          expect(left.find((other) => other.task === task)).toMatchObject({ begun: true });
      const goes = left.find((one) => tasksBefore(one, left).length === 0);
      if (goes === undefined) throw new Error('everybody waits for somebody');
      left = left.filter((one) => one !== goes);
    }
  });

  always('names those that run first, then the others by their approval', (all) => {
    for (const one of all) {
      const before = tasksBefore(one, all).map((task) => all.find((other) => other.task === task));
      const keys = before.map((other) => (other?.begun === true ? 0 : 100) + (other?.approvedAt ?? 0));
      expect(keys).toEqual(keys.toSorted((a, b) => a - b));
    }
  });
});

describe('what a plan works on', () => {
  it('is its hosts, the controller where a play is on it, and the configuration where it changes that', () => {
    const steps = [aStep({ hosts: ['nas'] }), aStep({ number: 2, hosts: ['atlas', 'nas'], controller: true })];
    expect(hostsOf(aPlan({ steps }))).toEqual(new Set(['nas', 'atlas', 'localhost']));
  });

  it('two changes of configuration meet, for only one of them could be merged', () => {
    const changing = (task: number, host: string, approvedAt: number): Contender => ({
      task: toTaskId(task),
      hosts: hostsOf(aPlan({ branch: `chiffon/${task}`, steps: [aStep({ hosts: [host] })] })),
      begun: false,
      approvedAt,
    });
    const [first, second] = [changing(1, 'nas', 1), changing(2, 'atlas', 2)];
    expect(tasksBefore(second, [first])).toEqual([first.task]);
    expect(tasksBefore(first, [second])).toEqual([]);
  });
});
