// How core speaks to agents: every message signed, addressed, and gone after its time.
import type { KeyObject } from 'node:crypto';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { CoreMessage } from '../../core/contracts/messages.ts';
import type { Priority } from '../../core/contracts/queues.ts';
import { controlQueue, poolQueue } from '../../core/contracts/queues.ts';
import type { Secrets } from '../../core/contracts/sealed-secrets.ts';
import { poolKey, sealSecrets } from '../../core/contracts/sealed-secrets.ts';
import { signed } from '../../core/contracts/signature.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { planHash } from '../../core/plan/plan-hash.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';

/** A message without its envelope. */
export type Speech = CoreMessage extends infer Each
  ? Each extends CoreMessage
    ? Omit<Each, keyof ReturnType<typeof envelopeOf>>
    : never
  : never;

export type CoreVoice = {
  /** To a pool: one of its agents takes it. */
  readonly start: (
    pool: string,
    priority: Priority,
    about: AttemptAbout,
    plan: Plan,
    secrets: Secrets,
  ) => Promise<void>;
  /** To one agent. */
  readonly tell: (agent: string, about: AttemptAbout, speech: Speech) => Promise<void>;
};

/** How long an approved step may wait for an agent: to run hours after the tap would be a surprise. */
export const commandLifetimeMs = 3_600_000;
/** An agent that was away for longer learns from its next word that it is too late. */
const controlLifetimeMs = 24 * 3_600_000;

export function makeCoreVoice(parts: {
  readonly bus: Bus;
  readonly signingKey: KeyObject;
  readonly clock: Clock;
  readonly newId: NewId;
  /** How long an agent may be silent; it has to know. */
  readonly leaseMs: number;
}): CoreVoice {
  const { bus, signingKey, leaseMs } = parts;
  const speaker = { name: 'core', clock: parts.clock, newId: parts.newId };
  return {
    start: async (pool, priority, about, plan, secrets) => {
      // The id comes from the attempt, so that a second copy is known as one.
      const id = `${about.run}.${about.token}.start`;
      const message: CoreMessage = {
        type: 'step.start',
        ...envelopeOf(speaker, `pool:${pool}`, about, { id, lifetimeMs: commandLifetimeMs }),
        plan,
        planHash: planHash(plan),
        commit: plan.commit,
        leaseMs,
        sealed: sealSecrets(secrets, poolKey(signingKey, pool), id),
      };
      await bus.publish(poolQueue(pool, priority), signed(message, signingKey));
    },
    tell: async (agent, about, speech) => {
      const envelope = envelopeOf(speaker, `agent:${agent}`, about, { lifetimeMs: controlLifetimeMs });
      await bus.publish(controlQueue(agent), signed({ ...envelope, ...speech }, signingKey));
    },
  };
}
