// What every bus must do. Run against the one in memory beside its code, and against a broker where there is one.
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Bus, Handled, Queue } from '../../core/ports/bus.ts';

/** Made for each test, with names of its own, room for `room` messages in a queue and `deliveryLimit` deliveries. */
export type MakeBus = (options: { readonly room: number; readonly deliveryLimit: number }) => Promise<{
  readonly bus: Bus;
  /** The bus as another process sees it; in the process, where there is no other, the same one. */
  readonly another: () => Promise<Bus>;
  readonly putAside: (queue: Queue) => Promise<readonly unknown[]>;
  readonly dispose: () => Promise<void>;
}>;

const queue: Queue = 'agent.contract';

/** A condition, with time for a busy machine. */
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 8_000, interval: 5 });

export function busContract(name: string, makeBus: MakeBus): void {
  describe(`the bus ${name}`, () => {
    const disposals: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const dispose of disposals.splice(0)) await dispose();
    });

    async function open(options: { readonly room?: number; readonly deliveryLimit?: number } = {}) {
      const made = await makeBus({ room: 100, deliveryLimit: 3, ...options });
      disposals.push(made.dispose);
      return made;
    }

    /** Consumes into a list; `answer` says what each delivery gets. */
    async function collect(bus: Bus, answer: (message: unknown, delivery: number) => Handled = () => 'done') {
      const seen: unknown[] = [];
      const stop = await bus.consume(queue, async (message) => {
        seen.push(message);
        return answer(message, seen.length);
      });
      return { seen, stop };
    }

    it('delivers what one sender sends in its order', async () => {
      const { bus } = await open();
      const { seen } = await collect(bus);
      for (let number = 0; number < 50; number += 1) await bus.publish(queue, { number });
      await eventually(() => expect(seen).toHaveLength(50));
      expect(seen).toEqual(Array.from({ length: 50 }, (_, number) => ({ number })));
    });

    it('keeps the order of messages that had to wait for room', async () => {
      const { bus } = await open({ room: 2 });
      const sent = Promise.all(Array.from({ length: 20 }, (_, number) => bus.publish(queue, { number })));
      const { seen } = await collect(bus);
      await sent;
      await eventually(() => expect(seen).toHaveLength(20));
      expect(seen).toEqual(Array.from({ length: 20 }, (_, number) => ({ number })));
    });

    it('keeps messages until somebody consumes them, and queues apart', async () => {
      const { bus } = await open();
      await bus.publish(queue, 'for it');
      await bus.publish('core.events', 'for another');
      const { seen } = await collect(bus);
      await eventually(() => expect(seen).toEqual(['for it']));
    });

    it('gives one message at a time to a consumer', async () => {
      const { bus } = await open();
      let handling = 0;
      let most = 0;
      let handled = 0;
      await bus.consume(queue, async () => {
        handling += 1;
        most = Math.max(most, handling);
        await turn();
        handling -= 1;
        handled += 1;
        return 'done';
      });
      for (let number = 0; number < 10; number += 1) await bus.publish(queue, number);
      await eventually(() => expect(handled).toBe(10));
      expect(most).toBe(1);
    });

    it('delivers a message again when its handler says so or throws, before those that follow', async () => {
      const { bus } = await open();
      const seen: unknown[] = [];
      await bus.publish(queue, 1);
      await bus.publish(queue, 2);
      await bus.consume(queue, async (message) => {
        seen.push(message);
        if (seen.length === 1) return 'again';
        if (seen.length === 2) throw new Error('this handler failed');
        return 'done';
      });
      await eventually(() => expect(seen).toEqual([1, 1, 1, 2]));
    });

    it('puts a message aside when the deliveries are used up, and goes on', async () => {
      const { bus, putAside } = await open({ deliveryLimit: 3 });
      const { seen } = await collect(bus, (message) => (message === 'bad' ? 'again' : 'done'));
      await bus.publish(queue, 'bad');
      await bus.publish(queue, 'good');
      await eventually(() => expect(seen).toEqual(['bad', 'bad', 'bad', 'good']));
      await eventually(async () => expect(await putAside(queue)).toEqual(['bad']));
    });

    it('puts poison aside at once', async () => {
      const { bus, putAside } = await open();
      const { seen } = await collect(bus, (message) => (message === 'poison' ? 'poison' : 'done'));
      await bus.publish(queue, 'poison');
      await bus.publish(queue, 'good');
      await eventually(() => expect(seen).toEqual(['poison', 'good']));
      await eventually(async () => expect(await putAside(queue)).toEqual(['poison']));
    });

    it('delivers copies, as a wire does', async () => {
      const { bus } = await open();
      const message = { list: [1], gone: undefined, at: new Date(0) };
      const { seen } = await collect(bus);
      await bus.publish(queue, message);
      message.list.push(2);
      await eventually(() => expect(seen).toEqual([{ list: [1], at: '1970-01-01T00:00:00.000Z' }]));
    });

    it('holds a publisher back while its queue is full', async () => {
      const { bus } = await open({ room: 2 });
      const atMost = 100;
      let accepted = 0;
      const sending = (async () => {
        while (accepted < atMost) {
          await bus.publish(queue, accepted + 1);
          accepted += 1;
        }
      })();
      // A broker tells its senders a moment late, so that a few more than it has room for may get in. What is held stays held.
      let before = -1;
      const stands = (): boolean => {
        const same = accepted >= 2 && accepted === before;
        before = accepted;
        return same;
      };
      await vi.waitUntil(stands, { timeout: 8_000, interval: 300 });
      expect(accepted).toBeLessThan(atMost);
      const { seen } = await collect(bus);
      await sending;
      await eventually(() => expect(seen).toHaveLength(atMost));
      expect(seen).toEqual(Array.from({ length: atMost }, (_, index) => index + 1));
    });

    it('delivers nothing after a stop, not even when the handler itself stops it, and keeps the rest', async () => {
      const { bus } = await open();
      for (const number of [1, 2, 3]) await bus.publish(queue, number);
      const seen: unknown[] = [];
      const stopped: Promise<void>[] = [];
      const stop = await bus.consume(queue, async (message) => {
        seen.push(message);
        stopped.push(stop());
        return 'done';
      });
      await eventually(() => expect(stopped).toHaveLength(1));
      await Promise.all(stopped);
      expect(seen).toEqual([1]);
      const rest = await collect(bus);
      await eventually(() => expect(rest.seen).toEqual([2, 3]));
    });

    it('shares a queue among its consumers: each message goes to one', async () => {
      const { bus } = await open();
      const one = await collect(bus);
      const other = await collect(bus);
      for (let number = 0; number < 20; number += 1) await bus.publish(queue, number);
      await eventually(() => expect(one.seen.length + other.seen.length).toBe(20));
      await one.stop();
      await bus.publish(queue, 'last');
      await eventually(() => expect(other.seen).toContain('last'));
    });

    it('hands over what is there in one go, in order, and never more than it may', async () => {
      const { bus } = await open();
      for (let number = 0; number < 25; number += 1) await bus.publish(queue, number);
      const batches: (readonly unknown[])[] = [];
      await bus.consumeMany(queue, 10, async (messages) => {
        batches.push(messages);
        return messages.map(() => 'done');
      });
      await eventually(() => expect(batches.flat()).toHaveLength(25));
      expect(batches.flat()).toEqual(Array.from({ length: 25 }, (_, number) => number));
      expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(10);
      expect(batches.length).toBeLessThan(25);
      await bus.publish(queue, 'alone');
      await eventually(() => expect(batches.at(-1)).toEqual(['alone']));
    });

    it('takes an answer for each message of a batch', async () => {
      const { bus, putAside } = await open();
      for (const message of ['good', 'later', 'poison', 'fine']) await bus.publish(queue, message);
      const seen: unknown[] = [];
      await bus.consumeMany(queue, 10, async (messages) =>
        messages.map((message): Handled => {
          seen.push(message);
          if (message === 'poison') return 'poison';
          return message === 'later' && seen.filter((other) => other === 'later').length === 1 ? 'again' : 'done';
        }),
      );
      await eventually(() =>
        expect([...seen].map(String).toSorted((one, other) => one.localeCompare(other))).toEqual([
          'fine',
          'good',
          'later',
          'later',
          'poison',
        ]),
      );
      await eventually(async () => expect(await putAside(queue)).toEqual(['poison']));
    });

    it('delivers a whole batch again, in order, when its handler throws', async () => {
      const { bus } = await open();
      for (const number of [1, 2, 3]) await bus.publish(queue, number);
      const done: unknown[] = [];
      let calls = 0;
      await bus.consumeMany(queue, 10, async (messages) => {
        calls += 1;
        if (calls === 1) throw new Error('this handler failed');
        done.push(...messages);
        return messages.map(() => 'done');
      });
      await eventually(() => expect(done).toEqual([1, 2, 3]));
    });

    it('tells every listener what is broadcast, until it stops listening', async () => {
      const { bus, another } = await open();
      const other = await another();
      const here: unknown[] = [];
      const there: unknown[] = [];
      const stop = await bus.listen((message) => here.push(message));
      await other.listen((message) => there.push(message));
      bus.broadcast({ hello: 1 });
      await eventually(() => expect([here, there]).toEqual([[{ hello: 1 }], [{ hello: 1 }]]));
      await stop();
      other.broadcast('again');
      await eventually(() => expect(there).toEqual([{ hello: 1 }, 'again']));
      expect(here).toEqual([{ hello: 1 }]);
    });

    it('lets one process hold a name, and another one after it', async () => {
      const { bus, another } = await open();
      const other = await another();
      const nobody = () => {
        throw new Error('nobody took it');
      };
      const release = await bus.hold('agent.homelab', nobody);
      await expect(other.hold('agent.homelab', nobody)).rejects.toMatchObject({ kind: 'BUS_NAME_TAKEN' });
      await (await other.hold('agent.another', nobody))();
      await release();
      const releaseOther = await other.hold('agent.homelab', nobody);
      await expect(bus.hold('agent.homelab', nobody)).rejects.toMatchObject({ kind: 'BUS_NAME_TAKEN' });
      await releaseOther();
    });

    it('says whether it is connected', async () => {
      const { bus } = await open();
      expect(bus.connected()).toBe(true);
      await bus.close();
      expect(bus.connected()).toBe(false);
    });

    it('refuses to send when it is closed', async () => {
      const { bus } = await open();
      await bus.close();
      await expect(bus.publish(queue, 1)).rejects.toMatchObject({ kind: 'BUS_FAILED' });
    });
  });
}
