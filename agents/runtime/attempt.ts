import type { AgentEvent, StartStep } from '../../core/contracts/messages.ts';
import type { Refusal } from '../../core/error.ts';
import { ChiffonError, refusal } from '../../core/error.ts';
import { makeRedactor } from '../../core/redaction/redactor.ts';
import type { Attempt, AttemptParts, Prepared, Stopping, StopReason } from './attempt-parts.ts';
import { checkCommand, checkDigests } from './check-order.ts';
import { envelopeOf } from './envelope.ts';
import type { AttemptAbout } from './journal.ts';
import { attemptKey } from './journal.ts';
import { watch } from './watch.ts';

/** Begins an attempt that the journal holds as claimed. */
export function beginAttempt(parts: AttemptParts, command: StartStep): Attempt {
  const stopping: Stopping = {};
  const stop = (reason: StopReason): void => {
    stopping.reason ??= reason;
    stopping.execution?.stop();
  };
  return { stop, done: carryOut(parts, command, stopping, stop) };
}

async function carryOut(
  parts: AttemptParts,
  command: StartStep,
  stopping: Stopping,
  stop: Attempt['stop'],
): Promise<void> {
  const { task, run, step, attempt, token } = command;
  const about = { task, run, step, attempt, token };
  const afterwards: (() => Promise<void>)[] = [];
  try {
    const prepared = await prepare(parts, command, about, stopping, afterwards).catch((error: unknown): Refusal => {
      parts.log.error({ err: error, task }, 'a step could not be prepared');
      return refusalOf(error);
    });
    // From here on something may have been done. A fault in it reaches no last word, and the journal says `running`.
    const last: AgentEvent =
      'kind' in prepared
        ? { type: 'attempt.refused', ...envelopeOf(parts, about), kind: prepared.kind, reason: prepared.message }
        : await watch({ ...parts, ...prepared, about, stopping, stop });
    await sayLast(parts, about, last);
  } finally {
    for (const cleanUp of afterwards)
      await cleanUp().catch((error: unknown) => parts.log.warn({ err: error, task }, 'something was left behind'));
  }
}

/** Writes the last word down and says it. A journal that cannot be written must not keep core waiting. */
export async function sayLast(
  parts: Pick<AttemptParts, 'journal' | 'sender' | 'log'>,
  about: AttemptAbout,
  event: AgentEvent,
): Promise<void> {
  const key = attemptKey(about);
  const unwritten = (error: unknown): void => parts.log.error({ err: error }, 'the journal cannot be written');
  await parts.journal.ended(key, event).catch(unwritten);
  await parts.sender.send(event);
  await parts.journal.sent(key).catch(unwritten);
}

/** All that comes before the start: after a refusal or a fault here, nothing was done. */
async function prepare(
  parts: AttemptParts,
  command: StartStep,
  about: AttemptAbout,
  stopping: Stopping,
  afterwards: (() => Promise<void>)[],
): Promise<Prepared | Refusal> {
  const step = checkCommand(command, parts.pool, parts.clock.now());
  if ('kind' in step) return step;
  const redactor = makeRedactor({ values: Object.values(command.secrets) });
  const checkout = await parts.repository.checkout(command.commit);
  afterwards.push(() => checkout.release());
  const changed = await checkDigests(step, checkout.path);
  if (changed !== null) return changed;
  const attempt = attemptKey(about);
  const execution = await parts.executor.prepare({ attempt, step, checkout: checkout.path, secrets: command.secrets });
  if ('kind' in execution) return { ...execution, message: redactor.redact(execution.message) };
  try {
    await parts.journal.running(attempt, execution.mark);
  } catch (error) {
    await execution.discard();
    throw error;
  }
  if (stopping.reason !== undefined) {
    await execution.discard();
    return neverStarted(stopping.reason);
  }
  stopping.execution = execution;
  return { execution, redactor, step };
}

export function neverStarted(reason: StopReason): Refusal {
  const why = reason === 'cancelled' ? 'It was cancelled' : 'The agent was shut down';
  return refusal('NOT_STARTED', `${why} before the step was started. Nothing was done.`);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof ChiffonError) return refusal(error.kind, `${error.message} Nothing was done.`);
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return refusal('DISK_FULL', 'The disk of the agent’s folder is full. Nothing was done.');
  return refusal('NOT_STARTED', 'The agent could not start the step; its log says why. Nothing was done.');
}
