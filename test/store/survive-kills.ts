// A store whose process is killed again and again while three callers append: what was acknowledged has to be there, in one chain.
import { expect } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import type { AppendRequest } from '../../core/ports/event-log.ts';
import type { ChainHead } from '../../core/task/chain.ts';
import { chainStart, verifyChain } from '../../core/task/chain.ts';
import type { StoreProcess } from './start-store-process.ts';
import { startStoreProcess } from './start-store-process.ts';

export async function surviveKills(dataFolder: string, rounds: number): Promise<void> {
  const acknowledged = new Map<number, string>();
  let lost = 0;
  const check = async (store: StoreProcess): Promise<void> => {
    const there = await wholeLog(store);
    for (const [seq, hash] of acknowledged) if (there.get(seq) !== hash) lost += 1;
  };
  for (let round = 0; round < rounds; round += 1) {
    const store = await startStoreProcess({ dataFolder });
    await check(store);
    const first = await store.ask('nextTask');
    const enough = acknowledged.size + 1 + Math.floor(Math.random() * 60);
    const callers = [0, 1, 2].map(async (caller) => {
      for (let version = 0; acknowledged.size < enough; version += 1) {
        const result = await store.ask('append', request(toTaskId(first + caller), version));
        if (result.type === 'appended') for (const event of result.events) acknowledged.set(event.seq, event.hash);
      }
    });
    // The others are in the middle of theirs.
    await Promise.any(callers);
    await store.kill();
    await Promise.allSettled(callers);
  }
  const last = await startStoreProcess({ dataFolder });
  await check(last);
  await last.kill();
  expect(lost).toBe(0);
  expect(acknowledged.size).toBeGreaterThanOrEqual(rounds);
}

export const request = (task: TaskId, expectedVersion: number): AppendRequest => ({
  task,
  expectedVersion,
  actor: toActorId('system:test'),
  at: new Date().toISOString(),
  events: [{ type: 'system.noted', kind: 'TEST', reason: 'x'.repeat(Math.floor(Math.random() * 3_000)), detail: null }],
});

/** Every event's hash by its number; throws where the chain is broken. */
export async function wholeLog(store: StoreProcess): Promise<Map<number, string>> {
  const hashes = new Map<number, string>();
  let head: ChainHead = chainStart;
  for (;;) {
    const links = await store.ask('readChain', head.seq, 1_000);
    if (links.length === 0) return hashes;
    const verdict = verifyChain(links, head);
    if (verdict.type === 'broken') throw new Error(`event ${verdict.seq}: ${verdict.why}`);
    head = verdict.head;
    for (const link of links) hashes.set(link.seq, link.hash);
  }
}
