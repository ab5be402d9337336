import { expect, it } from 'vitest';
import { busContract } from '../../test/contracts/bus.ts';
import { makeMemoryBus } from './memory-bus.ts';

busContract('in memory', async ({ room, deliveryLimit }) => {
  const bus = makeMemoryBus({ maxMessages: room, deliveryLimit, redeliveryMs: 1 });
  return { bus, another: async () => bus, putAside: async (queue) => bus.putAside(queue), dispose: () => bus.close() };
});

it('counts bytes as well as messages, and lets in one message of any size', async () => {
  const bus = makeMemoryBus({ maxBytes: 100 });
  await bus.publish('core.events', 'x'.repeat(1_000));
  let second = false;
  void bus.publish('core.events', 'y').then(() => {
    second = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(second).toBe(false);
  const seen: unknown[] = [];
  await bus.consume('core.events', async (message) => {
    seen.push(message);
    return 'done';
  });
  await expect.poll(() => seen.length, { timeout: 8_000 }).toBe(2);
  await bus.close();
});
