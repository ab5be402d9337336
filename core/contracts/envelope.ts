// What every message on the bus carries, whoever sends it. docs/PROTOCOL.md shows the same; a test holds the two together.
import { z } from 'zod';
import { toRunId, toTaskId } from '../ids.ts';
import { sha256 } from '../json.ts';

/** Raised when an older reader could misunderstand a message. The other side refuses what it does not know. */
export const protocolVersion = 1;

/** What the tables can count. */
export const largestCount = 2 ** 31 - 1;

/** Which attempt a message is about. */
export const aboutSchema = z.object({
  task: z.number().transform(toTaskId).describe('The task’s number, as people say it: `#142` is 142.'),
  run: z.string().transform(toRunId).describe('The run, a UUID.'),
  step: z.number().int().min(1).max(largestCount).describe('The step of the plan, from 1.'),
  attempt: z.number().int().min(1).max(largestCount).describe('Which try of the step it is, from 1.'),
  token: z
    .number()
    .int()
    .min(1)
    .max(largestCount)
    .describe(
      'The fencing token of the attempt’s lease; it grows with each attempt of the task, and a message with an older one is refused.',
    ),
});
export type AttemptAbout = z.infer<typeof aboutSchema>;

const name = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** An agent or a pool goes by such a name. */
export const nameSchema = z.string().regex(name, 'lower-case letters, digits and dashes, 63 at most');
const addressSchema = z.string().regex(/^(?:core|(?:agent|pool):[a-z0-9][a-z0-9-]{0,62})$/);
/** Whom a message is for; signed with it, so that it cannot be moved to another queue. */
export type Address = 'core' | `agent:${string}` | `pool:${string}`;

export const envelope = {
  protocol: z.literal(protocolVersion).describe('The version of this protocol.'),
  id: z
    .string()
    .min(1)
    .max(100)
    .describe(
      'A UUID, or for what core may send again a name of its own. A message that comes twice has the effect of once.',
    ),
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('32 hex digits, the same for all messages of one run, for following it through logs.'),
  sentAt: z.iso.datetime().describe('When it was made, UTC.'),
  expiresAt: z.iso
    .datetime()
    .nullable()
    .describe('From then on it has no effect, UTC; null for what holds whenever it comes, such as a result.'),
  sender: z.string().max(63).describe('`core`, or the agent’s name.'),
  to: addressSchema.describe('Whom it is for: `core`, `agent:<name>` or `pool:<name>`.'),
};

export type Speaker = {
  readonly name: string;
  readonly clock: { readonly now: () => Date };
  readonly newId: () => string;
};

/** The envelope of a message about an attempt, all but the signature. */
export function envelopeOf(
  speaker: Speaker,
  to: Address,
  about: AttemptAbout,
  options: { readonly id?: string; readonly lifetimeMs?: number } = {},
) {
  const { task, run, step, attempt, token } = about;
  const now = speaker.clock.now();
  return {
    protocol: protocolVersion,
    id: options.id ?? speaker.newId(),
    trace: traceOf(run),
    sentAt: now.toISOString(),
    expiresAt: options.lifetimeMs === undefined ? null : new Date(now.getTime() + options.lifetimeMs).toISOString(),
    sender: speaker.name,
    to,
    ...{ task, run, step, attempt, token },
  } as const;
}

export function traceOf(run: string): string {
  return sha256(run).slice(0, 32);
}

/** Names an attempt in journals, folders and maps. */
export function attemptKey(about: Pick<AttemptAbout, 'run' | 'token'>): string {
  return `${about.run}.${about.token}`;
}
