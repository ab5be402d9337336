// Between the claim and the start: core records which agent holds the attempt, and only then it may run. A broker may deliver a
// command to two agents, when the first one's acknowledgement was lost; core lets one of them go.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { StepGo } from '../../core/contracts/messages.ts';
import type { AttemptParts } from './attempt-parts.ts';
import type { Outbox } from './outbox.ts';

export type Permission = {
  /** Resolves when core lets the attempt go; rejects with the signal's reason. */
  readonly given: Promise<void>;
  readonly heard: (message: StepGo) => void;
  /** Whether the answer still holds: an agent that was stopped meanwhile has to ask again. */
  readonly holds: () => boolean;
};

const againMs = 2_000;
/** Well below core's lease: after it core may have given the attempt up. */
const validMs = 20_000;

export function askPermission(
  parts: Pick<AttemptParts, 'voice' | 'identity' | 'instance' | 'clock'>,
  outbox: Outbox,
  about: AttemptAbout,
  signal: AbortSignal,
): Permission {
  const { voice, identity, instance, clock } = parts;
  /** When each claim was made, by both clocks: the one stands still while the machine sleeps, the other may jump. */
  const claims = new Map<string, { readonly steadyMs: number; readonly at: number }>();
  const answer = Promise.withResolvers<void>();
  let answered: string | undefined;

  const isFresh = (id: string): boolean => {
    const claim = claims.get(id);
    if (claim === undefined) return false;
    const byWall = clock.now().getTime() - claim.at;
    return performance.now() - claim.steadyMs < validMs && byWall < validMs && byWall > -validMs;
  };
  const ask = (): void => {
    for (const id of claims.keys()) if (!isFresh(id)) claims.delete(id);
    const envelope = voice.envelope(about);
    claims.set(envelope.id, { steadyMs: performance.now(), at: clock.now().getTime() });
    outbox.mention({ type: 'attempt.claimed', ...envelope, pool: identity.pool, instance });
  };
  ask();
  const timer = setInterval(ask, againMs);
  const end = (): void => answer.reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const given = answer.promise.finally(() => {
    clearInterval(timer);
    signal.removeEventListener('abort', end);
  });
  given.catch(() => {});

  return {
    given,
    heard: ({ claim }) => {
      if (!isFresh(claim)) return;
      answered = claim;
      answer.resolve();
    },
    holds: () => answered !== undefined && isFresh(answered),
  };
}
