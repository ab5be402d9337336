// How core and agents reach each other: at least once, in order for one sender and queue, with back-pressure.

/**
 * `agent.<pool>.<priority>` is shared by the agents of a pool, `agent-control.<agent>` belongs to one agent, and
 * `core.events` is where agents report; of several bots one at a time consumes it, so that it stays in order.
 */
export type Queue = `agent.${string}` | `agent-control.${string}` | 'core.events';

/**
 * `done`: never again. `again`: deliver it later, and put it aside when that was said too often. `later`: the same, as often as it
 * takes, for it is not the message's fault. `poison`: it can never be handled; put it aside.
 */
export type Handled = 'done' | 'again' | 'later' | 'poison';

export interface Bus {
  /**
   * Resolves when the message is kept safe by the bus. `message` is plain JSON. Waits while the queue is full. Throws
   * BUS_FAILED when the bus is closed, or away or full for too long: the message may have been taken even so.
   */
  publish(queue: Queue, message: unknown): Promise<void>;
  /** One message at a time; the next comes when the handler has resolved. Returns how to stop. */
  consume(queue: Queue, handler: (message: unknown) => Promise<Handled>): Promise<() => Promise<void>>;
  /** As many as are there, at most `atMost` together, in order; the handler answers for each. */
  consumeMany(
    queue: Queue,
    atMost: number,
    handler: (messages: readonly unknown[]) => Promise<readonly Handled[]>,
  ): Promise<() => Promise<void>>;
  /** To every process that listens right now, this one too. Best effort: not kept, not confirmed, may be lost. */
  broadcast(message: unknown): void;
  listen(listener: (message: unknown) => void): Promise<() => Promise<void>>;
  /**
   * Holds a name on the bus for this process alone, as long as it is connected; held again after a lost connection.
   * Throws BUS_NAME_TAKEN when another process holds it. `onLost` tells that another one took it in the meantime.
   */
  hold(name: string, onLost: () => void): Promise<() => Promise<void>>;
  /** Whether the bus can be reached right now. */
  readonly connected: () => boolean;
  close(): Promise<void>;
}
