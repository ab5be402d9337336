import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { shareReads } from './share-reads.ts';

function counted() {
  let asked = 0;
  const read = shareReads(async (after: number, limit: number) => {
    asked += 1;
    return `${after} ${limit} ${asked}`;
  });
  return { read, asked: () => asked };
}

it('asks once for all who ask in one go, and each question by itself', async () => {
  const { read, asked } = counted();
  const woken = Promise.resolve();
  const [one, other, third] = await Promise.all([
    woken.then(() => read(1, 9)),
    woken.then(() => read(1, 9)),
    read(2, 9),
  ]);
  expect(one).toBe(other);
  expect(third).not.toBe(one);
  expect(asked()).toBe(2);
});

it('asks anew once anything may have come in', async () => {
  const { read, asked } = counted();
  await read(1, 9);
  await setImmediate();
  await read(1, 9);
  expect(asked()).toBe(2);
});

it('tells all of them of a fault, and asks again after it', async () => {
  let faults = 0;
  const read = shareReads(async () => {
    faults += 1;
    throw new Error(`fault ${faults}`);
  });
  const all = await Promise.allSettled([read(), read()]);
  expect(all.map((each) => each.status)).toEqual(['rejected', 'rejected']);
  await setImmediate();
  await expect(read()).rejects.toThrow('fault 2');
});
