// Plans as they come back from the log or the bus: parsed, never trusted.
import { z } from 'zod';
import { toActionId, toCommitSha, toPlanHash, toTaskId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import type { Plan } from './plan.ts';

export const jsonSchema: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]),
);

const secretRef = z.strictObject({ $secret: z.string(), digest: z.string() });
const risk = z.enum(['low', 'medium', 'high']);
const line = z.strictObject({ path: z.string(), line: z.number().int() });

export const retryOfSchema = z.strictObject({
  task: z.number().transform(toTaskId),
  planHash: z.string().transform(toPlanHash),
  fromStep: z.number().int().min(1),
  stepsHash: z.string(),
});

const stepSchema = z.strictObject({
  number: z.number().int().min(1),
  action: z.string().transform(toActionId),
  title: z.string(),
  agent: z.literal('ansible'),
  playbook: z.string(),
  inventories: z.array(z.string()),
  ansibleConfig: z.string().nullable(),
  tags: z.array(z.string()),
  skipTags: z.array(z.string()),
  limit: z.string().nullable(),
  hosts: z.array(z.string()),
  controller: z.boolean(),
  vars: z.record(z.string(), z.union([secretRef, jsonSchema])),
  files: z.array(line),
  digests: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
  config: z.array(z.strictObject({ path: z.string(), diff: z.string() })),
  risk,
  idempotent: z.boolean(),
  estimatedMs: z.number().int(),
  timeoutMs: z.number().int(),
});

export const planSchema: z.ZodType<Plan, unknown> = z.strictObject({
  task: z.number().transform(toTaskId),
  revision: z.number().int().min(1),
  request: z.string(),
  understood: z.array(z.string()),
  steps: z.array(stepSchema),
  baseCommit: z.string().transform(toCommitSha),
  commit: z.string().transform(toCommitSha),
  branch: z.string().nullable(),
  policyVersion: z.string(),
  expiresAt: z.iso.datetime(),
  risk,
  estimatedMs: z.number().int(),
  costMicroUsd: z.number().int(),
  tier: z.enum(['rules', 'local-model', 'claude']),
  confidence: z.number(),
  why: z.array(z.string()),
  differences: z.array(z.string()),
  retryOf: retryOfSchema.optional(),
});
