// What core and agents say to each other over the bus. Versioned; parsed on both sides.
import { z } from 'zod';
import { toCommitSha, toPlanHash, toRunId, toTaskId } from '../ids.ts';
import { planSchema } from '../plan/plan-schema.ts';
import { attemptOutcomeSchema } from '../task/event.ts';

export const protocolVersion = 1;

const about = {
  task: z.number().transform(toTaskId),
  run: z.string().transform(toRunId),
  step: z.number().int().min(1),
  attempt: z.number().int().min(1),
  /** The fencing token of the lease; a message with an older one is refused. */
  token: z.number().int(),
};

const envelope = {
  protocol: z.literal(protocolVersion),
  /** A UUID; a message that comes twice has the effect of once. */
  id: z.string(),
  sentAt: z.iso.datetime(),
  sender: z.string(),
  ...about,
};

/** Core to an agent pool. The agent recomputes the plan hash, checks the digests in its own checkout, and only then runs. */
export const startStepSchema = z.object({
  type: z.literal('step.start'),
  ...envelope,
  plan: planSchema,
  planHash: z.string().transform(toPlanHash),
  commit: z.string().transform(toCommitSha),
  /** Secret reference to value, for this step only. */
  secrets: z.record(z.string(), z.string()),
  expiresAt: z.iso.datetime(),
});
export const cancelStepSchema = z.object({ type: z.literal('step.cancel'), ...envelope, reason: z.string() });
export const agentCommandSchema = z.discriminatedUnion('type', [startStepSchema, cancelStepSchema]);

/** What Ansible did, one numbered event at a time, for the live line; not the truth about the output. */
export const progressSchema = z.object({
  /** Numbered by the callback plugin, 1 and upwards. */
  number: z.number().int(),
  /** UTC ISO-8601, when Ansible did it. */
  at: z.iso.datetime(),
  kind: z.enum([
    'play',
    'task',
    'ok',
    'changed',
    'failed',
    'skipped',
    'unreachable',
    'item',
    'retry',
    'recap',
    'handler',
  ]),
  host: z.string().nullable(),
  name: z.string(),
});
export type Progress = z.infer<typeof progressSchema>;

export const agentEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('attempt.refused'), ...envelope, kind: z.string(), reason: z.string() }),
  z.object({ type: z.literal('attempt.started'), ...envelope, agent: z.string() }),
  z.object({ type: z.literal('attempt.progress'), ...envelope, progress: z.array(progressSchema) }),
  z.object({
    type: z.literal('attempt.output'),
    ...envelope,
    chunks: z.array(z.object({ seq: z.number().int().min(1), text: z.string(), lines: z.number().int() })),
  }),
  z.object({ type: z.literal('attempt.heartbeat'), ...envelope }),
  z.object({
    type: z.literal('attempt.finished'),
    ...envelope,
    result: attemptOutcomeSchema,
    chunks: z.number().int(),
  }),
]);

export type StartStep = z.infer<typeof startStepSchema>;
export type CancelStep = z.infer<typeof cancelStepSchema>;
export type AgentCommand = z.infer<typeof agentCommandSchema>;
export type AgentEvent = z.infer<typeof agentEventSchema>;
export type { AttemptOutcome } from '../task/event.ts';
