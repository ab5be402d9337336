// The bus on RabbitMQ through a broker that is shut down, and one that is killed: what it confirmed is there, in order.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openRabbitBus } from '../../adapters/rabbitmq/open-bus.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { type OwnBroker, ownBroker } from '../setup/rabbitmq.ts';
import { silent } from './silent-log.ts';

let broker: OwnBroker;
let bus: Bus;
beforeAll(async () => {
  broker = await ownBroker();
  bus = await openRabbitBus({ url: broker.url, name: 'restarts', role: 'core', log: silent, heartbeatS: 1 });
});
afterAll(async () => {
  await bus?.close();
  await broker?.drop();
});

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 40_000, interval: 20 });

// The kill comes second: RabbitMQ 3.10 does not bring back a quorum queue when it is killed within moments of its making.
it('keeps what it confirmed, and all goes on when it is back: stopped, and then killed', async () => {
  const seen: unknown[] = [];
  await bus.consume('agent.restarts', async (message) => {
    seen.push(message);
    return 'done';
  });
  let sending = true;
  const sent = (async () => {
    let number = 0;
    for (; sending; number += 1) await bus.publish('agent.restarts', number);
    return number;
  })();
  sent.catch(() => {});
  for (const how of ['stop', 'kill'] as const) {
    const before = seen.length;
    await eventually(() => expect(seen.length).toBeGreaterThan(before + 100));
    await broker[how]();
    await eventually(() => expect(bus.connected()).toBe(false));
    const meanwhile = seen.length;
    await broker.start();
    await eventually(() => expect(seen.length).toBeGreaterThan(meanwhile + 20));
  }
  sending = false;
  const all = Array.from({ length: await sent }, (_, number) => number);
  await eventually(() => expect([...new Set(seen)]).toEqual(all));
});
