// `sharedSynapse()`: the homeserver that the test run shares; the first asking starts it. `ownSynapse()`: one of a test's own,
// to stop, kill, or leave with Synapse's own rate limits.
import { inject } from 'vitest';
import { z } from 'zod';
import type { Guarded } from '../setup/guard.ts';
import { makePeople, type People } from './people.ts';
import { type SynapseAddress, startSynapse } from './synapse-server.ts';

/** Every test file makes its own people and rooms on it. */
export async function sharedSynapse(): Promise<SynapseAddress & People> {
  const response = await fetch(new URL('/synapse', inject('servers')));
  const answer = answerSchema.parse(await response.json());
  if ('failure' in answer) throw new Error(answer.failure);
  return { ...answer, ...makePeople(answer) };
}

export type OwnSynapse = SynapseAddress & People & Guarded & { [Symbol.asyncDispose](): Promise<void> };

/** Takes five seconds. */
export async function ownSynapse(options: Pick<SynapseAddress, 'rateLimits'>): Promise<OwnSynapse> {
  const server = await startSynapse(options);
  return { ...server, ...makePeople(server), [Symbol.asyncDispose]: server.end };
}

/** What test/setup/global.ts says. */
const answerSchema = z.union([
  z.object({
    url: z.string(),
    serverName: z.string(),
    registrationSecret: z.string(),
    rateLimits: z.enum(['none', 'default']),
  }),
  z.object({ failure: z.string() }),
]);

export type SynapseAnswer = z.infer<typeof answerSchema>;
