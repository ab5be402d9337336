// Core's side of the protocol, as far as an agent sees it: signs commands, lets claims go, and keeps what the agent says.
// With a real key and real signatures; for tests and measurements of the agent alone.
import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { AgentIdentity } from '../../core/contracts/identity.ts';
import { newIdentity, toIdentity } from '../../core/contracts/identity.ts';
import type { AgentMessage, CoreMessage, StartStep } from '../../core/contracts/messages.ts';
import { agentMessageSchema } from '../../core/contracts/messages.ts';
import { openMessage } from '../../core/contracts/open-message.ts';
import type { Priority } from '../../core/contracts/queues.ts';
import { controlQueue, poolQueue } from '../../core/contracts/queues.ts';
import { poolKey, sealSecrets } from '../../core/contracts/sealed-secrets.ts';
import { newKeyPair, signed, toPublicKey } from '../../core/contracts/signature.ts';
import { toRunId } from '../../core/ids.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { planHash } from '../../core/plan/plan-hash.ts';
import type { Bus } from '../../core/ports/bus.ts';

export type CoreSide = {
  readonly signingKey: KeyObject;
  readonly identity: AgentIdentity;
  /** A command for the pool, not sent yet. */
  readonly order: (
    plan: Plan,
    change?: Partial<StartStep> & { readonly secrets?: Record<string, string> },
  ) => StartStep;
  readonly start: (order: StartStep, priority?: Priority) => Promise<void>;
  readonly cancel: (order: StartStep) => Promise<void>;
  readonly tell: (about: AttemptAbout, message: Speech) => Promise<void>;
  /** Hears what the agent says; with `letGo` it answers each claim. */
  readonly listen: (onMessage: (message: AgentMessage) => void | Promise<void>) => Promise<void>;
  /** False: claims are left unanswered from now on. */
  letGo: boolean;
  /** The last words are recorded, so the agent may forget its output. */
  settles: boolean;
};

export type CoreSideOptions = {
  readonly agent?: string;
  readonly now?: () => Date;
  /** Of an earlier life of core; a new one unless given. */
  readonly signingKey?: KeyObject;
};

type Speech = CoreMessage extends infer Each
  ? Each extends CoreMessage
    ? Omit<Each, keyof ReturnType<typeof envelopeOf>>
    : never
  : never;

const lifetimeMs = 3_600_000;

export function coreSide(bus: Bus, options: CoreSideOptions = {}): CoreSide {
  const signingKey = options.signingKey ?? newKeyPair().privateKey;
  const { file, publicKey } = newIdentity(options.agent ?? 'one', 'ansible', signingKey);
  const identity = toIdentity(file);
  const key = poolKey(signingKey, identity.pool);
  const now = options.now ?? (() => new Date());
  const speaker = { name: 'core', clock: { now }, newId: randomUUID };

  const tell: CoreSide['tell'] = (about, message) =>
    bus.publish(
      controlQueue(identity.name),
      signed({ ...envelopeOf(speaker, `agent:${identity.name}`, about, { lifetimeMs }), ...message }, signingKey),
    );
  const side: CoreSide = {
    signingKey,
    identity,
    letGo: true,
    settles: true,
    order: (plan, { secrets = {}, ...change } = {}) => {
      const about = { task: plan.task, run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 };
      const envelope = envelopeOf(speaker, `pool:${identity.pool}`, about, { lifetimeMs });
      return {
        type: 'step.start',
        ...envelope,
        ...{ plan, planHash: planHash(plan), commit: plan.commit, leaseMs: 60_000 },
        sealed: sealSecrets(secrets, key, change.id ?? envelope.id),
        ...change,
      };
    },
    start: (order, priority = 'normal') => bus.publish(poolQueue(identity.pool, priority), signed(order, signingKey)),
    cancel: (order) => tell(aboutOf(order), { type: 'step.cancel', reason: 'test' }),
    tell,
    listen: async (onMessage) => {
      await bus.consume('core.events', async (raw) => {
        const message = openMessage(raw, {
          schema: agentMessageSchema,
          keyOf: (sender) => (sender === identity.name ? toPublicKey(publicKey) : undefined),
          addresses: ['core'],
          now,
        });
        if (message.type === 'refusal') throw new Error(message.message);
        if (message.type === 'attempt.claimed' && side.letGo)
          await tell(aboutOf(message), { type: 'step.go', claim: message.id });
        if ((message.type === 'attempt.finished' || message.type === 'attempt.refused') && side.settles)
          await tell(aboutOf(message), { type: 'attempt.settled' });
        await onMessage(message);
        return 'done';
      });
    },
  };
  return side;
}

function aboutOf({ task, run, step, attempt, token }: AttemptAbout): AttemptAbout {
  return { task, run, step, attempt, token };
}
