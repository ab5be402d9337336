// Between the claim and the start: core records which agent holds the attempt, and only then it may run. A broker may deliver a
// command to two agents, when the first one's acknowledgement was lost; core lets one of them go.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { StepGo } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { AttemptParts, PermissionLimits } from './attempt-parts.ts';
import type { Outbox } from './outbox.ts';

export type Permission = {
  /** Resolves when core's word is here and fresh. Rejects with the signal's reason, or EXPIRED when core never gave it. */
  readonly given: () => Promise<void>;
  readonly heard: (message: StepGo) => void;
  /** Whether core's word still holds: an agent that was held up since has lost it. */
  readonly holds: () => boolean;
  /** Asks no more. */
  readonly end: () => void;
};

/** For that lease: an answer is long out of date when core gives the attempt up. */
export function permissionLimits(leaseMs: number): PermissionLimits {
  return { againMs: Math.min(2_000, leaseMs / 10), validMs: Math.min(20_000, leaseMs / 3) };
}

/** `expiresAt`: of the command; a claim that nobody answers until then is given up. */
export function askPermission(
  parts: Pick<AttemptParts, 'voice' | 'identity' | 'instance' | 'clock'>,
  outbox: Pick<Outbox, 'mention'>,
  asking: { readonly about: AttemptAbout; readonly expiresAt: string | null; readonly signal: AbortSignal },
  limits: PermissionLimits,
): Permission {
  const { voice, identity, instance, clock } = parts;
  const { about, signal } = asking;
  const { againMs, validMs } = limits;
  /** When each claim was made, by both clocks: the one stands still while the machine sleeps, the other may jump. */
  const claims = new Map<string, { readonly steadyMs: number; readonly wallMs: number }>();
  let answered: string | undefined;
  let waiting: PromiseWithResolvers<void> | undefined;

  const isFresh = (id: string): boolean => {
    const claim = claims.get(id);
    if (claim === undefined) return false;
    const byWall = clock.now().getTime() - claim.wallMs;
    return performance.now() - claim.steadyMs < validMs && byWall < validMs && byWall > -validMs;
  };
  const holds = (): boolean => answered !== undefined && isFresh(answered);

  /** Goes on while the step is prepared, which may take long: core's word has to be fresh at the start. */
  const ask = (): void => {
    const now = clock.now().getTime();
    if (asking.expiresAt !== null && now >= Date.parse(asking.expiresAt)) {
      waiting?.reject(new ChiffonError('EXPIRED', 'Core did not let the step start before its command expired.'));
      return;
    }
    for (const id of claims.keys()) if (!isFresh(id)) claims.delete(id);
    const envelope = voice.envelope(about);
    claims.set(envelope.id, { steadyMs: performance.now(), wallMs: now });
    outbox.mention({ type: 'attempt.claimed', ...envelope, pool: identity.pool, instance });
  };
  const timer = setInterval(ask, againMs);
  ask();

  return {
    given: async () => {
      signal.throwIfAborted();
      if (holds()) return;
      waiting = Promise.withResolvers<void>();
      const { promise, reject } = waiting;
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', stop));
    },
    heard: ({ claim }) => {
      if (!isFresh(claim)) return;
      answered = claim;
      waiting?.resolve();
    },
    holds,
    end: () => clearInterval(timer),
  };
}
