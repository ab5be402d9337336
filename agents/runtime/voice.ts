// How an agent speaks: signs each message and keeps on until the bus has taken it.
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { AgentIdentity } from '../../core/contracts/identity.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { signed } from '../../core/contracts/signature.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';

export type Voice = {
  readonly envelope: (about: AttemptAbout) => ReturnType<typeof envelopeOf>;
  /** Resolves when the bus has it. Rejects only with the signal's reason. */
  readonly say: (message: AgentMessage) => Promise<void>;
};

const longestPauseMs = 5_000;

export function makeVoice(parts: {
  readonly bus: Bus;
  readonly identity: AgentIdentity;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Voice {
  const { bus, identity, log, signal } = parts;
  return {
    envelope: (about) => envelopeOf({ name: identity.name, clock: parts.clock, newId: parts.newId }, 'core', about),
    say: async (message) => {
      const said = signed(message, identity.privateKey);
      for (let tries = 0; ; tries += 1) {
        signal.throwIfAborted();
        try {
          return await unlessAborted(bus.publish('core.events', said), signal);
        } catch (error) {
          signal.throwIfAborted();
          log.warn(
            { err: error, type: message.type, task: message.task },
            'the bus did not take a message; trying again',
          );
          await wait(Math.min(100 * 2 ** tries, longestPauseMs), undefined, { signal });
        }
      }
    },
  };
}

/** A bus that is away may hold a message for long; a closing agent does not wait for it. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const either = Promise.withResolvers<void>();
  const end = (): void => either.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  work.then(either.resolve, either.reject);
  await either.promise.finally(() => signal.removeEventListener('abort', end));
}
