// The facts of a task's life, as they stand in the log. Parsed with zod when read back, for the log is read by later versions too.
import { z } from 'zod';
import { toActionId, toActorId, toCommitSha, toConversationId, toPlanHash, toRunId, type toTaskId } from '../ids.ts';
import { jsonSchema, planSchema, retryOfSchema } from '../plan/plan-schema.ts';

const actor = z.string().transform(toActorId);
const conversation = z.string().transform(toConversationId);
const planHash = z.string().transform(toPlanHash);
const run = z.string().transform(toRunId);
const sha = z.string().transform(toCommitSha);
const candidate = z.object({
  label: z.string(),
  value: z.string(),
  action: z.string().transform(toActionId).optional(),
});

const questionSchema = z.object({
  text: z.string(),
  candidates: z.array(candidate).readonly(),
  decides: z.enum(['action', 'input', 'host', 'config']),
  about: z.string(),
  secret: z.boolean().optional(),
  action: z.string().transform(toActionId).optional(),
});

const judged = {
  tier: z.enum(['rules', 'local-model', 'claude']),
  confidence: z.number(),
  why: z.array(z.string()),
  costMicroUsd: z.number().int(),
};

/** What an agent says of an attempt that came to an end. */
export const attemptOutcomeSchema = z.object({
  outcome: z.enum(['succeeded', 'failed', 'cancelled', 'unknown']).describe('How it ended.'),
  error: z
    .object({ kind: z.string(), message: z.string() })
    .nullable()
    .describe('For failures: the code’s name and the sentence for people.'),
  recap: z
    .record(
      z.string(),
      z.object({
        ok: z.number(),
        changed: z.number(),
        failed: z.number(),
        unreachable: z.number(),
        skipped: z.number(),
        ignored: z.number(),
        rescued: z.number(),
      }),
    )
    .describe('Per host, as Ansible’s recap counts them.'),
  changed: z
    .record(z.string(), z.array(z.string()))
    .describe('Names of the tasks that changed something, by host; at most 50 a host.'),
  notes: z.array(z.string()).describe('Messages that a playbook wrote for people (debug), at most 20.'),
  exitCode: z.number().int().nullable().describe('Of the command; null when it did not end by itself.'),
  durationMs: z.number().int().describe('From the start to the end, in ms.'),
  output: z
    .object({ sha256: z.string(), lines: z.number().int(), bytes: z.number().int() })
    .describe('SHA-256 over the output’s lines as stored, their count and bytes.'),
});
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>;

const attempt = { run, step: z.number().int(), attempt: z.number().int() };

export const taskEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('task.received'),
    conversation,
    requester: actor,
    request: z.string(),
    messageId: z.string(),
    /** For a retry: the failed task that it takes up. */
    retryOf: retryOfSchema.optional(),
  }),
  z.object({ type: z.literal('question.asked'), question: questionSchema, ...judged }),
  z.object({ type: z.literal('question.answered'), actor, answer: z.string() }),
  z.object({
    type: z.literal('task.refused'),
    kind: z.string(),
    reason: z.string(),
    nearest: z.array(z.object({ action: z.string(), title: z.string() })),
    ...judged,
  }),
  z.object({
    type: z.literal('plan.proposed'),
    plan: planSchema,
    planHash,
    /** How many persons must approve, whether the requester counts, and who may, as the policy said when it was proposed. */
    needs: z.number().int().min(1),
    self: z.boolean(),
    approvers: z.array(z.string()),
  }),
  z.object({ type: z.literal('approval.given'), planHash, actor }),
  /** By the one who had given it, before anything was dispatched: the plan waits for a decision again. */
  z.object({ type: z.literal('approval.taken-back'), planHash, actor }),
  z.object({ type: z.literal('plan.approved'), planHash }),
  z.object({ type: z.literal('plan.rejected'), planHash, actor, reason: z.string() }),
  z.object({ type: z.literal('plan.expired'), planHash }),
  z.object({ type: z.literal('changes.requested'), planHash, actor, change: z.string() }),
  /** The plan is no longer what would run; it is made again and needs a new approval. */
  z.object({ type: z.literal('plan.withdrawn'), planHash, reason: z.string() }),
  /** Approved, and waits its turn: runs that were approved before it work on some of its hosts. */
  z.object({ type: z.literal('run.queued'), planHash, behind: z.array(z.number().int()).min(1) }),
  z.object({ type: z.literal('run.started'), run, planHash }),
  z.object({ type: z.literal('attempt.granted'), ...attempt, planHash, token: z.number().int() }),
  /** From here on this agent alone, in this life of it, may start the attempt. */
  z.object({
    type: z.literal('attempt.claimed'),
    ...attempt,
    token: z.number().int(),
    agent: z.string(),
    instance: z.string(),
  }),
  z.object({ type: z.literal('attempt.started'), ...attempt, token: z.number().int(), agent: z.string() }),
  /** The agent found that it may not start: nothing ran. */
  z.object({
    type: z.literal('attempt.refused'),
    ...attempt,
    token: z.number().int(),
    kind: z.string(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('attempt.finished'), ...attempt, token: z.number().int(), result: attemptOutcomeSchema }),
  z.object({ type: z.literal('run.paused'), run, reason: z.string() }),
  z.object({ type: z.literal('run.resumed'), run, actor }),
  z.object({ type: z.literal('cancel.requested'), actor, reason: z.string() }),
  z.object({
    type: z.literal('change.merged'),
    run,
    /** The branch that the change came from, and the one that it is in now. */
    branch: z.string(),
    into: z.string(),
    commit: sha,
    /** A page for people, where the remote has one. */
    link: z.string().nullable(),
    pushed: z.boolean(),
    /** What is left to a person, such as a push. */
    note: z.string().optional(),
  }),
  z.object({ type: z.literal('change.kept'), run, branch: z.string(), commit: sha, reason: z.string() }),
  z.object({ type: z.literal('task.succeeded'), run }),
  z.object({ type: z.literal('task.failed'), kind: z.string(), reason: z.string() }),
  z.object({ type: z.literal('task.cancelled'), actor, reason: z.string() }),
  z.object({ type: z.literal('task.unknown'), reason: z.string() }),
  /** A decision or command that a rule refused; the record keeps it. */
  z.object({ type: z.literal('command.refused'), actor, command: z.string(), kind: z.string(), reason: z.string() }),
  /** On the system's stream: a message that never became a task, a start, a fault. */
  z.object({
    type: z.literal('message.refused'),
    conversation,
    actor,
    kind: z.string(),
    reason: z.string(),
    excerpt: z.string(),
  }),
  /** What this agent signs is trusted from here on. `publicKey`: Ed25519, SPKI in base64. */
  z.object({ type: z.literal('agent.enrolled'), name: z.string(), pool: z.string(), publicKey: z.string() }),
  /** The public key that core signs with from here on; SPKI in base64. */
  z.object({ type: z.literal('core.key'), publicKey: z.string() }),
  z.object({ type: z.literal('agent.revoked'), name: z.string(), reason: z.string() }),
  z.object({ type: z.literal('system.noted'), kind: z.string(), reason: z.string(), detail: jsonSchema }),
]);

export type TaskEvent = z.infer<typeof taskEventSchema>;
export type TaskEventType = TaskEvent['type'];

/** An event as the log keeps it. */
export type StoredEvent = {
  readonly seq: number;
  readonly task: ReturnType<typeof toTaskId>;
  /** The event's place in its task's stream, 1 and upwards. */
  readonly version: number;
  readonly event: TaskEvent;
  readonly actor: ReturnType<typeof toActorId>;
  readonly at: string;
  readonly prevHash: string;
  readonly hash: string;
};

/** The events that end a task. Each task has exactly one. */
export const finalEventTypes = [
  'task.refused',
  'plan.rejected',
  'plan.expired',
  'task.succeeded',
  'task.failed',
  'task.cancelled',
  'task.unknown',
] as const;

export function parseTaskEvent(value: unknown): TaskEvent {
  return taskEventSchema.parse(value);
}
