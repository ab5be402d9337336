import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../json.ts';
import type { ChainLink } from './chain.ts';
import { chainStart, eventHash, verifyChain } from './chain.ts';

function chainOf(payloads: readonly unknown[]): ChainLink[] {
  const links: ChainLink[] = [];
  for (const [index, payload] of payloads.entries()) {
    const link = {
      seq: index + 1,
      task: 1,
      version: index + 1,
      type: 'task.received',
      payload: canonicalJson(payload),
      actor: 'terminal:local',
      at: '2026-01-02T03:04:05.678Z',
      prevHash: links.at(-1)?.hash ?? chainStart.hash,
    };
    links.push({ ...link, hash: eventHash(link) });
  }
  return links;
}

const changes: { readonly [Field in keyof ChainLink]: (link: ChainLink) => ChainLink } = {
  seq: (link) => ({ ...link, seq: link.seq + 1 }),
  task: (link) => ({ ...link, task: link.task + 1 }),
  version: (link) => ({ ...link, version: link.version + 1 }),
  type: (link) => ({ ...link, type: 'task.refused' }),
  payload: (link) => ({ ...link, payload: '{"request":"something else"}' }),
  actor: (link) => ({ ...link, actor: 'terminal:mallory' }),
  at: (link) => ({ ...link, at: '2026-01-02T03:04:05.679Z' }),
  prevHash: (link) => ({ ...link, prevHash: 'f'.repeat(64) }),
  hash: (link) => ({ ...link, hash: 'f'.repeat(64) }),
};

describe('the hash chain', () => {
  test('an event’s hash is SHA-256 over the canonical JSON of all its fields and the hash before it', () => {
    const hash = eventHash({
      seq: 1,
      task: 1,
      version: 1,
      type: 'task.received',
      payload: '{"request":"deploy"}',
      actor: 'terminal:local',
      at: '2026-01-02T03:04:05.678Z',
      prevHash: chainStart.hash,
    });
    expect(hash).toBe('dbee6a7a36206a2cb09c8ff39326536f7344bf868698a3952d8884a2241b31ec');
  });

  test('an untouched chain is whole, and gives its head', () => {
    const links = chainOf([{ a: 1 }, { b: 'ü😀\u0000' }, {}]);
    expect(verifyChain(links)).toEqual({ type: 'whole', head: { seq: 3, hash: links[2]?.hash } });
    expect(verifyChain([])).toEqual({ type: 'whole', head: chainStart });
  });

  test('a chain can be checked page by page', () => {
    const links = chainOf([1, 2, 3, 4].map((n) => ({ n })));
    const first = verifyChain(links.slice(0, 2));
    expect(first.type === 'whole' && verifyChain(links.slice(2), first.head)).toEqual(verifyChain(links));
  });

  test('a change to any field of any event is found, and the first bad event is named', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.constantFrom(...Object.values(changes)),
        (payloads, pick, change) => {
          const links = chainOf(payloads.map((payload) => JSON.parse(JSON.stringify(payload))));
          const index = pick % links.length;
          const altered = links.map((link, at) => (at === index ? change(link) : link));
          expect(verifyChain(altered)).toMatchObject({ type: 'broken', seq: index + 1 });
        },
      ),
    );
  });

  test('an event that is missing, doubled or re-hashed by a forger is found', () => {
    const links = chainOf([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const [first, second, third] = links;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three links were made');
    expect(verifyChain([first, third])).toEqual({ type: 'broken', seq: 2, why: 'it is missing' });
    expect(verifyChain([first, second, second])).toMatchObject({ type: 'broken', seq: 2 });
    const forged = { ...second, payload: '{"n":9}' };
    expect(verifyChain([first, { ...forged, hash: eventHash(forged) }, third])).toMatchObject({
      type: 'broken',
      seq: 3,
    });
  });

  test('a payload that says the same in other bytes is found too', () => {
    const [only] = chainOf([{ n: 1 }]);
    if (only === undefined) throw new Error('one link was made');
    expect(verifyChain([{ ...only, payload: '{ "n": 1 }' }])).toMatchObject({ type: 'broken', seq: 1 });
    expect(verifyChain([{ ...only, payload: 'not JSON' }])).toMatchObject({ type: 'broken', seq: 1 });
  });
});
