// Leaderships where one process has the whole database: whoever asks first leads, and the next one when it is released.
import { ChiffonError } from '../../core/error.ts';
import type { LeaderElection } from '../../core/ports/event-log.ts';
import { makeTurns } from './turns.ts';

export type Election = LeaderElection & { readonly close: () => Promise<void> };

export function makeEmbeddedElection(takeToken: (name: string) => Promise<number>): Election {
  const turns = makeTurns();
  const closing = new AbortController();
  return {
    lead: async (name, signal) => {
      const leave = await turns.take(name, AbortSignal.any([signal, closing.signal]));
      try {
        const token = await takeToken(name);
        signal.throwIfAborted();
        const released = new AbortController();
        return {
          fence: { name, token },
          lost: AbortSignal.any([released.signal, closing.signal]),
          release: async () => {
            released.abort(new ChiffonError('FENCED', `The leadership of ${name} was released.`));
            leave();
          },
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
    close: async () => closing.abort(new ChiffonError('INTERNAL', 'The store is closed.')),
  };
}
