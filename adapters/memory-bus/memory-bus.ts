// The bus for one process: core and an agent in the same program, and every test that needs a bus.
// Behaves as a broker does: messages are copied as JSON, queues are bounded, a handler that says `again` gets it again.
import { ChiffonError } from '../../core/error.ts';
import type { Bus, Handled, Queue } from '../../core/ports/bus.ts';

export type MemoryBus = Bus & {
  /** Messages that were put aside, oldest first. */
  putAside(queue: Queue): readonly unknown[];
};

export type MemoryBusOptions = {
  /** A queue is full at so many messages or bytes, whichever comes first. */
  readonly maxMessages?: number;
  readonly maxBytes?: number;
  /** How often a message is delivered before it is put aside. */
  readonly deliveryLimit?: number;
  /** The wait before the second delivery; it doubles with each, up to 5 s. */
  readonly redeliveryMs?: number;
};

type Message = { readonly text: string; deliveries: number };
type QueueState = {
  readonly messages: Message[];
  bytes: number;
  readonly aside: Message[];
  /** Messages that wait for room, in order. */
  readonly waiting: {
    readonly message: Message;
    readonly kept: () => void;
    readonly refused: (error: Error) => void;
  }[];
  /** Consumers that wait for a message. */
  readonly idle: (() => void)[];
};

type Handler = (messages: readonly unknown[]) => Promise<readonly Handled[]>;

const longestWaitMs = 5_000;

export function makeMemoryBus(options: MemoryBusOptions = {}): MemoryBus {
  const { maxMessages = 1_000, maxBytes = 8 * 1024 * 1024, deliveryLimit = 20, redeliveryMs = 20 } = options;
  const queues = new Map<Queue, QueueState>();
  const stops = new Set<() => Promise<void>>();
  const listeners = new Set<(message: unknown) => void>();
  const held = new Set<string>();
  let closed = false;

  function queueOf(name: Queue): QueueState {
    let queue = queues.get(name);
    if (queue === undefined) {
      queue = { messages: [], bytes: 0, aside: [], waiting: [], idle: [] };
      queues.set(name, queue);
    }
    return queue;
  }

  async function publish(name: Queue, message: unknown): Promise<void> {
    const text = JSON.stringify(message);
    if (text === undefined) throw new TypeError('a message on the bus must be JSON');
    if (closed) throw busClosed();
    const queue = queueOf(name);
    const copy = { text, deliveries: 0 };
    if (queue.waiting.length === 0 && !isFull(queue)) return keep(queue, copy);
    return new Promise((kept, refused) => queue.waiting.push({ message: copy, kept, refused }));
  }

  function keep(queue: QueueState, message: Message): void {
    queue.messages.push(message);
    queue.bytes += message.text.length;
    queue.idle.shift()?.();
  }

  function letIn(queue: QueueState): void {
    while (!isFull(queue)) {
      const next = queue.waiting.shift();
      if (next === undefined) return;
      keep(queue, next.message);
      next.kept();
    }
  }

  function isFull(queue: QueueState): boolean {
    return queue.messages.length >= maxMessages || (queue.bytes >= maxBytes && queue.messages.length > 0);
  }

  function takeFirst(queue: QueueState, atMost: number): Message[] {
    const batch = queue.messages.splice(0, atMost);
    for (const message of batch) queue.bytes -= message.text.length;
    return batch;
  }

  async function consumeMany(name: Queue, atMost: number, handler: Handler): Promise<() => Promise<void>> {
    const queue = queueOf(name);
    const stopping = new AbortController();
    const loop = deliver(queue, atMost, handler, stopping.signal);
    const stop = async (): Promise<void> => {
      stopping.abort();
      for (const wake of queue.idle.splice(0)) wake();
      await loop;
      stops.delete(stop);
    };
    stops.add(stop);
    return stop;
  }

  async function deliver(queue: QueueState, atMost: number, handler: Handler, signal: AbortSignal): Promise<void> {
    // As with a broker, nothing comes before the caller knows how to stop it.
    await new Promise((resolve) => setImmediate(resolve));
    while (!signal.aborted) {
      const batch = takeFirst(queue, atMost);
      if (batch.length === 0) {
        await new Promise<void>((resolve) => queue.idle.push(resolve));
        continue;
      }
      for (const message of batch) message.deliveries += 1;
      const handled = await handle(handler, batch);
      const again: Message[] = [];
      for (const [at, message] of batch.entries()) {
        const answer = handled[at] ?? 'again';
        if (answer === 'later') message.deliveries -= 1;
        if (answer === 'later' || (answer === 'again' && message.deliveries < deliveryLimit)) again.push(message);
        else if (answer !== 'done') queue.aside.push(message);
      }
      // Before the others, or they would come out of their order.
      queue.messages.unshift(...again);
      for (const message of again) queue.bytes += message.text.length;
      const most = Math.max(0, ...again.map((message) => message.deliveries));
      if (again.length > 0) await wait(Math.min(redeliveryMs * 2 ** Math.max(0, most - 1), longestWaitMs), signal);
      else letIn(queue);
      // The rest of the program has its turn between two messages.
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What this consumer leaves may have to wake another one.
    if (queue.messages.length > 0) queue.idle.shift()?.();
  }

  async function handle(handler: Handler, batch: readonly Message[]): Promise<readonly Handled[]> {
    try {
      return await handler(batch.map((message): unknown => JSON.parse(message.text)));
    } catch {
      return [];
    }
  }

  function broadcast(message: unknown): void {
    const text = JSON.stringify(message);
    for (const listener of listeners) setImmediate(() => listeners.has(listener) && listener(JSON.parse(text)));
  }

  async function hold(name: string): Promise<() => Promise<void>> {
    if (closed) throw busClosed();
    if (held.has(name)) throw new ChiffonError('BUS_NAME_TAKEN', `The name ${name} is held on the bus already.`);
    held.add(name);
    let mine = true;
    return async () => {
      if (mine) held.delete(name);
      mine = false;
    };
  }

  return {
    publish,
    consumeMany,
    consume: (name, handler) => consumeMany(name, 1, async ([message]) => [await handler(message)]),
    broadcast,
    async listen(listener) {
      // A function of its own, so that one listener may listen twice.
      const own = (message: unknown): void => listener(message);
      listeners.add(own);
      return async () => void listeners.delete(own);
    },
    hold,
    connected: () => !closed,
    putAside: (name) => queueOf(name).aside.map((message): unknown => JSON.parse(message.text)),
    async close() {
      closed = true;
      listeners.clear();
      held.clear();
      for (const queue of queues.values()) for (const { refused } of queue.waiting.splice(0)) refused(busClosed());
      await Promise.all([...stops].map((stop) => stop()));
    },
  };
}

function busClosed(): ChiffonError {
  return new ChiffonError('BUS_FAILED', 'The message bus is closed.');
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
