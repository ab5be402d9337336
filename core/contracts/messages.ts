// What core and agents say to each other over the bus. Versioned, signed by the sender, parsed on the other side.
import { z } from 'zod';
import { toCommitSha, toPlanHash } from '../ids.ts';
import { planSchema } from '../plan/plan-schema.ts';
import { attemptOutcomeSchema } from '../task/event.ts';
import { aboutSchema, envelope, nameSchema } from './envelope.ts';

const about = { ...envelope, ...aboutSchema.shape };
const sha = z.string().transform(toCommitSha);
/** Bytes in base64. */
const base64 = z.base64();
const count = z.number().int().min(0);
/** A UUID for the life of the agent that claimed the attempt: of two processes with one identity only one can hold it. */
const instance = z.string();

/** To a pool: one agent claims it, and runs it when core has let it go. It recomputes the plan hash and checks the files' digests first. */
export const startStepSchema = z.object({
  type: z.literal('step.start'),
  ...about,
  plan: planSchema,
  planHash: z.string().transform(toPlanHash),
  commit: sha,
  /** A JSON object of secret reference to value, sealed for the pool (AES-256-GCM, the message's id as its context). */
  sealed: z.string(),
});
/** To the agent whose claim core has recorded: run it now. Holds only as the answer to its last claim. */
export const goSchema = z.object({
  type: z.literal('step.go'),
  ...about,
  /** The id of the claim that this answers. */
  claim: z.string(),
});
/** To the agent that holds an attempt, or thinks that it does: end it, with all that came of it. */
export const cancelStepSchema = z.object({ type: z.literal('step.cancel'), ...about, reason: z.string() });
/** Core misses output: send the chunks after `after` again, then the last word. */
export const outputWantedSchema = z.object({ type: z.literal('output.wanted'), ...about, after: count });
/** Core has recorded the end of the attempt: what the agent keeps for it can go. */
export const settledSchema = z.object({ type: z.literal('attempt.settled'), ...about });
/** A part of the commit that the agent asked for, as a Git pack. */
export const commitPackSchema = z.object({
  type: z.literal('commit.pack'),
  ...about,
  commit: sha,
  /** 1 and upwards, of `parts`; 0 parts when it cannot be had, and `failure` says why. */
  part: count,
  parts: count,
  data: base64,
  failure: z.string().nullable(),
});
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

export const chunkSchema = z.object({
  /** 1 and upwards without gaps. */
  seq: z.number().int().min(1),
  text: z.string(),
  lines: count,
});
export type Chunk = z.infer<typeof chunkSchema>;

export const agentMessageSchema = z.discriminatedUnion('type', [
  /** The agent has written its claim down and taken the command off the queue; it waits for `step.go`. Said again until one comes. */
  z.object({
    type: z.literal('attempt.claimed'),
    ...about,
    pool: nameSchema,
    instance,
  }),
  /** Nothing was done. */
  z.object({ type: z.literal('attempt.refused'), ...about, instance, kind: z.string(), reason: z.string() }),
  z.object({ type: z.literal('attempt.started'), ...about, instance }),
  z.object({ type: z.literal('attempt.progress'), ...about, progress: z.array(progressSchema) }),
  z.object({ type: z.literal('attempt.output'), ...about, chunks: z.array(chunkSchema) }),
  z.object({ type: z.literal('attempt.heartbeat'), ...about }),
  /** The last word. `chunks`: how many there are; `resent`: how often the output was sent again. */
  z.object({
    type: z.literal('attempt.finished'),
    ...about,
    instance,
    result: attemptOutcomeSchema,
    chunks: count,
    resent: count,
  }),
  /** The agent needs the commit that it is to run from; it holds those of `have`. */
  z.object({ type: z.literal('commit.wanted'), ...about, commit: sha, have: z.array(sha).max(32) }),
]);

export type StartStep = z.infer<typeof startStepSchema>;
export type StepGo = z.infer<typeof goSchema>;
export type CancelStep = z.infer<typeof cancelStepSchema>;
export type CommitPack = z.infer<typeof commitPackSchema>;
export type CoreMessage = z.infer<typeof coreMessageSchema>;
export type AgentMessage = z.infer<typeof agentMessageSchema>;
export type LastWord = Extract<AgentMessage, { type: 'attempt.finished' | 'attempt.refused' }>;
export type { AttemptOutcome } from '../task/event.ts';
