// One attempt, from the claim in the journal to the last word to core: check, prepare, start, stream, end.
import type { Logger } from 'pino';
import type { AgentEvent, StartStep } from '../../core/contracts/messages.ts';
import { protocolVersion } from '../../core/contracts/messages.ts';
import type { ErrorName, Refusal } from '../../core/error.ts';
import { ChiffonError, refusal } from '../../core/error.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { Redactor } from '../../core/redaction/redactor.ts';
import { makeRedactor } from '../../core/redaction/redactor.ts';
import type { AttemptOutcome } from '../../core/task/event.ts';
import { checkCommand, checkDigests } from './check-order.ts';
import type { Execution, ExecutionResult, Executor } from './executor.ts';
import type { AttemptAbout, Journal } from './journal.ts';
import { attemptKey } from './journal.ts';
import { makeOutput } from './output.ts';
import { makeProgress } from './progress.ts';
import type { Sender } from './sender.ts';

export type AttemptParts = {
  readonly name: string;
  readonly pool: string;
  readonly executor: Executor;
  readonly repository: Pick<InfrastructureRepository, 'checkout'>;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  readonly heartbeatMs: number;
};

/** Why an attempt is being stopped. */
export type StopReason = 'cancelled' | 'timeout' | 'shutdown';

export type Attempt = {
  readonly about: AttemptAbout;
  /** Ends it for that reason, in whatever phase it is; the first reason counts. */
  readonly stop: (reason: StopReason) => void;
  /** Resolves when core has the last word. */
  readonly done: Promise<void>;
};

export function envelopeOf(parts: Pick<AttemptParts, 'name' | 'clock' | 'newId'>, about: AttemptAbout) {
  const { task, run, step, attempt, token } = about;
  return {
    protocol: protocolVersion,
    id: parts.newId(),
    sentAt: parts.clock.now().toISOString(),
    sender: parts.name,
    ...{ task, run, step, attempt, token },
  } as const;
}

/** Begins an attempt that the journal holds as claimed. */
export function beginAttempt(parts: AttemptParts, command: StartStep): Attempt {
  const { task, run, step, attempt, token } = command;
  const about = { task, run, step, attempt, token };
  const stopping: { reason?: StopReason; execution?: Execution } = {};
  const stop = (reason: StopReason): void => {
    stopping.reason ??= reason;
    stopping.execution?.stop();
  };
  return { about, stop, done: carryOut(parts, command, about, stopping, stop) };
}

async function carryOut(
  parts: AttemptParts,
  command: StartStep,
  about: AttemptAbout,
  stopping: { reason?: StopReason; execution?: Execution },
  stop: (reason: StopReason) => void,
): Promise<void> {
  const last = await attemptStep(parts, command, about, stopping, stop).catch((error: unknown): AgentEvent => {
    parts.log.error({ err: error, task: about.task }, 'an attempt broke');
    return { type: 'attempt.refused', ...envelopeOf(parts, about), ...faultOf(error) };
  });
  await sayLast(parts, about, last);
}

/** Writes the last word down and says it. A journal that cannot be written must not keep core waiting. */
export async function sayLast(
  parts: Pick<AttemptParts, 'journal' | 'sender' | 'log'>,
  about: AttemptAbout,
  event: AgentEvent,
): Promise<void> {
  const key = attemptKey(about);
  await parts.journal
    .ended(key, event)
    .catch((error: unknown) => parts.log.error({ err: error }, 'the journal cannot be written'));
  await parts.sender.send(event);
  await parts.journal
    .sent(key)
    .catch((error: unknown) => parts.log.error({ err: error }, 'the journal cannot be written'));
}

/** The last word on the attempt. What it throws, it throws before anything was started. */
async function attemptStep(
  parts: AttemptParts,
  command: StartStep,
  about: AttemptAbout,
  stopping: { reason?: StopReason; execution?: Execution },
  stop: (reason: StopReason) => void,
): Promise<AgentEvent> {
  const refused = (no: Refusal): AgentEvent => ({
    type: 'attempt.refused',
    ...envelopeOf(parts, about),
    kind: no.kind,
    reason: no.message,
  });
  const step = checkCommand(command, parts.pool, parts.clock.now());
  if ('kind' in step) return refused(step);
  const redactor = makeRedactor({ values: Object.values(command.secrets) });
  const checkout = await parts.repository.checkout(command.commit);
  try {
    const changed = await checkDigests(step, checkout.path);
    if (changed !== null) return refused(changed);
    const { secrets } = command;
    const execution = await parts.executor.prepare({
      attempt: attemptKey(about),
      step,
      checkout: checkout.path,
      secrets,
    });
    if ('kind' in execution) return refused({ ...execution, message: redactor.redact(execution.message) });
    stopping.execution = execution;
    try {
      await parts.journal.running(attemptKey(about), execution.mark);
    } catch (error) {
      execution.stop();
      throw error;
    }
    if (stopping.reason !== undefined) {
      execution.stop();
      return refused(neverStarted(stopping.reason));
    }
    return await watch(parts, about, execution, redactor, step.timeoutMs, () => stopping.reason, stop);
  } finally {
    await checkout.release().catch((error: unknown) => parts.log.warn({ err: error }, 'a checkout was not removed'));
  }
}

/** Runs it, streams what it prints, keeps the lease alive and the time limit. From here on the truth is in the result. */
async function watch(
  parts: AttemptParts,
  about: AttemptAbout,
  execution: Execution,
  redactor: Redactor,
  timeoutMs: number,
  stopReason: () => StopReason | undefined,
  stop: (reason: StopReason) => void,
): Promise<AgentEvent> {
  const envelope = () => envelopeOf(parts, about);
  const say = (event: AgentEvent) => parts.sender.send(event);
  const output = makeOutput({
    redactor,
    send: (chunk) => say({ type: 'attempt.output', ...envelope(), chunks: [chunk] }),
  });
  const progress = makeProgress({
    redactor,
    send: (progress) => say({ type: 'attempt.progress', ...envelope(), progress }),
  });
  const started = performance.now();
  void say({ type: 'attempt.started', ...envelope(), agent: parts.name }).catch(() => {});
  const heartbeat = setInterval(
    () => void say({ type: 'attempt.heartbeat', ...envelope() }).catch(() => {}),
    parts.heartbeatMs,
  );
  const limit = setTimeout(() => stop('timeout'), Math.min(timeoutMs, 2 ** 31 - 1));
  const result = await execution
    .run({ output: output.write, progress: progress.add, secrets: (values) => redactor.add(values) })
    .catch((error: unknown): ExecutionResult => {
      execution.stop();
      parts.log.error({ err: error, task: about.task }, 'an execution broke');
      return {
        type: 'lost',
        kind: 'STEP_UNKNOWN',
        message: 'The agent lost the step while it ran; nobody can say whether it was done.',
        recap: {},
        changed: {},
        notes: [],
        exitCode: null,
      };
    });
  clearTimeout(limit);
  clearInterval(heartbeat);
  await progress.end();
  const { chunks, ...sent } = await output.end();
  const ending = endingOf(result, stopReason(), timeoutMs);
  const { recap, exitCode } = result;
  const outcome: AttemptOutcome = {
    outcome: ending.outcome,
    error: ending.error === null ? null : { ...ending.error, message: redactor.redact(ending.error.message) },
    recap,
    changed: Object.fromEntries(
      Object.entries(result.changed).map(([host, names]) => [host, names.map(redactor.redact)]),
    ),
    notes: result.notes.map(redactor.redact),
    exitCode,
    durationMs: Math.round(performance.now() - started),
    output: sent,
  };
  return { type: 'attempt.finished', ...envelope(), result: outcome, chunks };
}

type Ending = {
  readonly outcome: AttemptOutcome['outcome'];
  readonly error: { readonly kind: ErrorName; readonly message: string } | null;
};

function endingOf(result: ExecutionResult, reason: StopReason | undefined, timeoutMs: number): Ending {
  switch (result.type) {
    case 'succeeded':
      return { outcome: 'succeeded', error: null };
    case 'failed':
      return { outcome: 'failed', error: { kind: result.kind, message: result.message } };
    case 'lost':
      return { outcome: 'unknown', error: { kind: result.kind, message: result.message } };
    case 'stopped': {
      const left = result.alive.length === 0 ? '' : ` These processes could not be ended: ${result.alive.join(', ')}.`;
      if (reason === 'timeout') {
        const message = `The step took longer than the ${spoken(timeoutMs)} it may, and was stopped part of the way.${left}`;
        return { outcome: 'failed', error: { kind: 'STEP_TIMEOUT', message } };
      }
      if (reason === 'shutdown')
        return {
          outcome: 'failed',
          error: {
            kind: 'STEP_FAILED',
            message: `The agent was shut down and stopped the step part of the way.${left}`,
          },
        };
      const error = left === '' ? null : { kind: 'STEP_FAILED' as const, message: `The step was cancelled.${left}` };
      return { outcome: 'cancelled', error };
    }
  }
}

function spoken(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

export function neverStarted(reason: StopReason): Refusal {
  const why = reason === 'cancelled' ? 'It was cancelled' : 'The agent was shut down';
  return refusal('NOT_STARTED', `${why} before the step was started. Nothing was done.`);
}

function faultOf(error: unknown): { readonly kind: string; readonly reason: string } {
  if (error instanceof ChiffonError) return { kind: error.kind, reason: `${error.message} Nothing was done.` };
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
    return { kind: 'DISK_FULL', reason: 'The disk of the agent’s folder is full. Nothing was done.' };
  return { kind: 'NOT_STARTED', reason: 'The agent could not start the step; its log says why. Nothing was done.' };
}
