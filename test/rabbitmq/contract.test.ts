// The bus on a real broker does what every bus must do.
import { beforeAll } from 'vitest';
import { openRabbitBus } from '../../adapters/rabbitmq/open-bus.ts';
import { busContract } from '../contracts/bus.ts';
import { freshBroker } from '../setup/rabbitmq.ts';
import { readPutAside } from './dead-letters.ts';
import { silent } from './silent-log.ts';

// Started before the first test, whose time is its own.
beforeAll(async () => {
  await (await freshBroker()).drop();
});

busContract('on RabbitMQ', async ({ room, deliveryLimit }) => {
  const broker = await freshBroker();
  const open = () =>
    openRabbitBus({
      url: broker.url,
      name: 'contract',
      role: 'core',
      log: silent,
      deliveryLimit,
      maxLength: room,
      maxDeadLetters: 100,
    });
  const buses = [await open()];
  const [bus] = buses;
  if (bus === undefined) throw new Error('no bus');
  return {
    bus,
    another: async () => {
      const other = await open();
      buses.push(other);
      return other;
    },
    putAside: (queue) => readPutAside(broker.url, queue),
    dispose: async () => {
      for (const each of buses) await each.close();
      await broker.drop();
    },
  };
});
