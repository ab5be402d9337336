// The agent's own look at a command, right before the start: is it exactly what was approved, and meant for this pool?

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StartStep } from '../../core/contracts/messages.ts';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { Step } from '../../core/plan/plan.ts';
import { planHash } from '../../core/plan/plan-hash.ts';

const readsAtOnce = 16;

/** The step to do, or why not. Looks at the command only. */
export function checkCommand(command: StartStep, pool: string, now: Date): Step | Refusal {
  if (command.expiresAt === null || Date.parse(command.expiresAt) <= now.getTime())
    return refusal(
      'EXPIRED',
      `The command to start step ${command.step} was good until ${command.expiresAt}, and the agent’s clock says ${now.toISOString()}. Nothing was done.`,
    );
  if (planHash(command.plan) !== command.planHash)
    return refusal(
      'PLAN_CHANGED',
      'The plan that reached the agent is not the one that was approved. Nothing was done.',
    );
  if (command.commit !== command.plan.commit || command.task !== command.plan.task)
    return refusal(
      'PLAN_CHANGED',
      'The command names another commit or task than the plan that was approved. Nothing was done.',
    );
  const step = command.plan.steps.find(({ number }) => number === command.step);
  if (step === undefined)
    return refusal('PLAN_CHANGED', `The approved plan has no step ${command.step}. Nothing was done.`);
  if (step.agent !== pool)
    return refusal(
      'PLAN_CHANGED',
      `Step ${step.number} is for the agents “${step.agent}”, not for “${pool}”. Nothing was done.`,
    );
  return step;
}

/** Whether each file that decides what the step does has the approved content in this checkout; null when all have. */
export async function checkDigests(step: Step, checkout: string): Promise<Refusal | null> {
  const root = await realpath(checkout);
  for (let first = 0; first < step.digests.length; first += readsAtOnce) {
    const files = step.digests.slice(first, first + readsAtOnce);
    const digests = await Promise.all(files.map(({ path }) => digestOf(root, path)));
    const at = files.findIndex((file, index) => digests[index] !== file.sha256);
    if (at < 0) continue;
    const why = digests[at] === null ? 'it cannot be read' : 'its content differs';
    return refusal('PLAN_CHANGED', `${files[at]?.path} is not what was approved: ${why}. Nothing was done.`);
  }
  return null;
}

async function digestOf(root: string, path: string): Promise<string | null> {
  try {
    const file = await realpath(join(root, path));
    if (!file.startsWith(root + sep)) return null;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
