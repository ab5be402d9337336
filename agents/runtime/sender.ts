// What an agent says to core, in order, kept until the bus has taken it.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AgentEvent } from '../../core/contracts/messages.ts';
import type { Bus } from '../../core/ports/bus.ts';

export type Sender = {
  /** Resolves when the bus has it. Never rejects but with the signal's reason. */
  readonly send: (event: AgentEvent) => Promise<void>;
};

const longestPauseMs = 5_000;

/** One sender for one attempt: its messages never overtake each other. A bus that is away is asked again until the signal. */
export function makeSender(parts: { readonly bus: Bus; readonly log: Logger; readonly signal: AbortSignal }): Sender {
  let last: Promise<void> = Promise.resolve();

  async function deliver(event: AgentEvent): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      parts.signal.throwIfAborted();
      try {
        return await parts.bus.publish('core.events', event);
      } catch (error) {
        parts.log.warn(
          { err: error, type: event.type, task: event.task },
          'the bus did not take a message; trying again',
        );
        await wait(Math.min(100 * 2 ** tries, longestPauseMs), undefined, { signal: parts.signal });
      }
    }
  }

  return {
    send: (event) => {
      const sent = last.then(() => deliver(event));
      last = sent.catch(() => {});
      return sent;
    },
  };
}
