// What core and agents say to each other over the bus. Versioned, signed by the sender, parsed on the other side.
import { z } from 'zod';
import { toCommitSha, toPlanHash } from '../ids.ts';
import { planSchema } from '../plan/plan-schema.ts';
import { attemptOutcomeSchema } from '../task/event.ts';
import { aboutSchema, envelope, largestCount, nameSchema } from './envelope.ts';

/** In characters. The agent keeps to it, and core takes no more of anybody. */
export const longestSentence = 4_000;
const longestName = 300;
const longestResult = 1_000_000;
const progressAtMost = 500;
const chunksAtMost = 10_000;
const longestChunk = 256 * 1024;

const about = { ...envelope, ...aboutSchema.shape };
const sha = z.string().transform(toCommitSha);
const base64 = z.base64();
const count = z.number().int().min(0).max(largestCount);
const sentence = z.string().max(longestSentence);
const instance = z
  .string()
  .max(100)
  .describe(
    'A UUID for the life of the agent that claimed the attempt: of two processes with one identity only one can hold it.',
  );

// What a message and its fields mean stands in their descriptions: docs/PROTOCOL.md is made from them.
export const startStepSchema = z
  .object({
    type: z.literal('step.start'),
    ...about,
    plan: planSchema.describe('The whole approved plan (`core/plan/plan-schema.ts`).'),
    planHash: z
      .string()
      .transform(toPlanHash)
      .describe('What was approved. The agent takes the hash of `plan` again and refuses when they differ.'),
    commit: sha.describe('The commit of the infrastructure repository from which it runs; the plan’s.'),
    sealed: z.string().describe('The secret values of the step, sealed for the pool.'),
    leaseMs: z
      .number()
      .int()
      .min(1)
      .describe(
        'How long the agent may be silent before core ends the attempt as `unknown`, in ms. It speaks several times within it.',
      ),
  })
  .describe('Do this step. One agent of the pool claims it, and starts it when core has let it go.');
export const goSchema = z
  .object({
    type: z.literal('step.go'),
    ...about,
    claim: z.string().describe('The `id` of the claim that this answers.'),
  })
  .describe(
    'Core has recorded the claim: start it now. It holds for a short time, and for the life of the agent that made that claim.',
  );
export const cancelStepSchema = z
  .object({ type: z.literal('step.cancel'), ...about, reason: z.string().describe('Why, for the agent’s log.') })
  .describe('End the attempt, in whatever phase it is, with all that came of it.');
const outputWantedSchema = z
  .object({
    type: z.literal('output.wanted'),
    ...about,
    after: count.describe('The number of the last chunk before the first gap; 0 when there is none.'),
  })
  .describe('Core misses output: send the chunks after this one again, and then the last word.');
const settledSchema = z
  .object({ type: z.literal('attempt.settled'), ...about })
  .describe('Core has recorded the end of the attempt: the agent’s spool of it can go.');
export const commitPackSchema = z
  .object({
    type: z.literal('commit.pack'),
    ...about,
    commit: sha.describe('The commit that was wanted.'),
    part: count.describe('From 1 to `parts`.'),
    parts: count.describe('How many there are; 0 when the commit cannot be had.'),
    data: base64.describe('This part of the Git pack, base64.'),
    failure: z.string().nullable().describe('Why the commit cannot be had; null when it can.'),
  })
  .describe('A part of the commit that the agent asked for.');
export const coreMessageSchema = z.discriminatedUnion('type', [
  startStepSchema,
  goSchema,
  cancelStepSchema,
  outputWantedSchema,
  settledSchema,
  commitPackSchema,
]);

/** What Ansible did, one numbered event at a time, for the live line; not the truth about the output. */
export const progressSchema = z.object({
  number: count.describe('Numbered by the callback plugin, 1 and upwards.'),
  at: z.iso.datetime().describe('When Ansible did it, UTC.'),
  kind: z
    .enum(['play', 'task', 'ok', 'changed', 'failed', 'skipped', 'unreachable', 'item', 'retry', 'recap', 'handler'])
    .describe('What happened.'),
  host: z.string().max(longestName).nullable().describe('Where; null for what is not of one host.'),
  name: z.string().max(longestName).describe('The play’s, task’s or item’s name, redacted.'),
});
export type Progress = z.infer<typeof progressSchema>;

export const chunkSchema = z.object({
  seq: z.number().int().min(1).max(largestCount).describe('1 and upwards without gaps.'),
  text: z.string().max(longestChunk).describe('Whole lines of plain text, redacted.'),
  lines: count.describe('How many.'),
});
export type Chunk = z.infer<typeof chunkSchema>;

export const agentMessageSchema = z.discriminatedUnion('type', [
  z
    .object({ type: z.literal('attempt.claimed'), ...about, pool: nameSchema.describe('The agent’s pool.'), instance })
    .describe(
      'The agent has written its claim down and taken the command off the queue. Said again, under a new id, until the step starts.',
    ),
  z
    .object({
      type: z.literal('attempt.refused'),
      ...about,
      instance,
      kind: z.string().max(60).describe('The name of an error code (docs/errors.md).'),
      reason: sentence.describe('One sentence for people.'),
    })
    .describe('A last word: the step was not started, and nothing was done.'),
  z
    .object({ type: z.literal('attempt.started'), ...about, instance })
    .describe('The step runs. The agent’s journal says so before it does.'),
  z
    .object({
      type: z.literal('attempt.progress'),
      ...about,
      progress: z.array(progressSchema).max(progressAtMost).describe('What happened since the last one, oldest first.'),
    })
    .describe('For the live line. It may be lost, and is not the truth about anything.'),
  z
    .object({
      type: z.literal('attempt.output'),
      ...about,
      chunks: z.array(chunkSchema).max(chunksAtMost).describe('In order.'),
    })
    .describe('What the step printed.'),
  z
    .object({ type: z.literal('attempt.heartbeat'), ...about })
    .describe('The agent is alive and holds the attempt. Any other message of it renews the lease, too.'),
  z
    .object({
      type: z.literal('attempt.finished'),
      ...about,
      instance,
      result: attemptOutcomeSchema
        .refine((result) => JSON.stringify(result).length <= longestResult, 'a result of a million characters at most')
        .describe('How it ended; `output` counts what all chunks hold together.'),
      chunks: count.describe('How many chunks there are.'),
      resent: count.describe('How often the output was sent again.'),
    })
    .describe('A last word: how the step ended. `unknown` when nobody can say what was done.'),
  z
    .object({
      type: z.literal('commit.wanted'),
      ...about,
      commit: sha.describe('The commit that the step runs from.'),
      have: z
        .array(sha)
        .max(32)
        .describe('Commits that the agent has, newest first; the pack may leave out what is in them.'),
    })
    .describe('The agent has no access to the repository and asks core for the commit.'),
]);

export type StartStep = z.infer<typeof startStepSchema>;
export type StepGo = z.infer<typeof goSchema>;
export type CancelStep = z.infer<typeof cancelStepSchema>;
export type CommitPack = z.infer<typeof commitPackSchema>;
export type CoreMessage = z.infer<typeof coreMessageSchema>;
export type AgentMessage = z.infer<typeof agentMessageSchema>;
export type LastWord = Extract<AgentMessage, { type: 'attempt.finished' | 'attempt.refused' }>;
export type { AttemptOutcome } from '../task/event.ts';
