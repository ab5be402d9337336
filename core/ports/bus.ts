// How core and agents reach each other: at least once, in order for one sender and queue, with back-pressure.

export type Queue = `agent.${string}` | `agent-control.${string}` | 'core.events';

/** `done`: never again. `again`: deliver it later. `poison`: it can never be handled; put it aside. */
export type Handled = 'done' | 'again' | 'poison';

export interface Bus {
  /** Resolves when the message is kept safe by the bus. `message` is plain JSON. Waits while the queue is full. */
  publish(queue: Queue, message: unknown): Promise<void>;
  /** One message at a time; the next comes when the handler has resolved. Returns how to stop. */
  consume(queue: Queue, handler: (message: unknown) => Promise<Handled>): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
