// A step that runs: streams what it prints, keeps its lease alive, holds it to its time limit, and makes the result of its end.
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { AgentMessage, AttemptOutcome, LastWord } from '../../core/contracts/messages.ts';
import { longestSentence } from '../../core/contracts/messages.ts';
import type { ErrorName } from '../../core/error.ts';
import type { Attempt, AttemptParts, Prepared, Stopping, StopReason } from './attempt-parts.ts';
import type { ExecutionResult } from './executor.ts';
import { makeOutput } from './output.ts';
import { makeProgress } from './progress.ts';
import type { Spool } from './spool.ts';

type Watched = AttemptParts &
  Prepared & {
    readonly about: AttemptAbout;
    readonly spool: Spool;
    readonly stopping: Stopping;
    readonly stop: Attempt['stop'];
  };

const longestTimer = 2 ** 31 - 1;

/** The last word. */
export async function watch(parts: Watched): Promise<LastWord> {
  const { execution, redactor, step, outbox } = parts;
  const envelope = () => parts.voice.envelope(parts.about);
  // Onto the disk: a step does not wait for the bus.
  const output = makeOutput({ redactor, send: outbox.output });
  const progress = makeProgress({
    redactor,
    send: (progress) => outbox.say({ type: 'attempt.progress', ...envelope(), progress }),
  });
  const mention = (message: AgentMessage): void => void outbox.say(message).catch(() => {});

  const startedAt = performance.now();
  mention({ type: 'attempt.started', ...envelope(), instance: parts.instance });
  const limit = setTimeout(() => parts.stop('timeout'), Math.min(step.timeoutMs, longestTimer));
  const result = await execution
    .run({ output: output.write, progress: progress.add, secrets: (values) => redactor.add(values) })
    .catch((error: unknown): ExecutionResult => {
      parts.log.error({ err: error, task: parts.about.task }, 'an execution broke');
      execution.stop();
      return lost;
    });
  clearTimeout(limit);
  progress.end();
  const kept = await output
    .end()
    .then(async (sums) => {
      await parts.spool.sync();
      return sums;
    })
    .catch((error: unknown) => {
      parts.log.error({ err: error, task: parts.about.task }, 'output could not be kept');
      return undefined;
    });
  const { chunks, ...sent } = kept ?? { chunks: parts.spool.count(), ...noSums };

  const redact = (text: string) => clip(redactor.redact(text));
  const ending = kept === undefined ? outputLost : endingOf(result, parts.stopping.reason, step.timeoutMs);
  const outcome: AttemptOutcome = {
    outcome: ending.outcome,
    error: ending.error === null ? null : { kind: ending.error.kind, message: redact(ending.error.message) },
    recap: result.recap,
    changed: Object.fromEntries(Object.entries(result.changed).map(([host, names]) => [host, names.map(redact)])),
    notes: result.notes.map(redact),
    exitCode: result.exitCode,
    durationMs: Math.round(performance.now() - startedAt),
    output: sent,
  };
  return { type: 'attempt.finished', ...envelope(), instance: parts.instance, result: outcome, chunks, resent: 0 };
}

const lost: ExecutionResult = {
  type: 'lost',
  kind: 'STEP_UNKNOWN',
  message: 'The agent lost the step while it ran; nobody can say whether it was done.',
  recap: {},
  changed: {},
  notes: [],
  exitCode: null,
};

/** As long as core takes it. */
function clip(text: string): string {
  return text.length <= longestSentence ? text : `${text.slice(0, longestSentence - 1)}…`;
}

const noSums = { sha256: '', lines: 0, bytes: 0 };

type Ending = {
  readonly outcome: AttemptOutcome['outcome'];
  readonly error: { readonly kind: ErrorName; readonly message: string } | null;
};

const outputLost: Ending = {
  outcome: 'unknown',
  error: {
    kind: 'DISK_FULL',
    message: 'The agent could not keep what the step printed, and stopped it; nobody can say how far it came.',
  },
};

function endingOf(result: ExecutionResult, reason: StopReason | undefined, timeoutMs: number): Ending {
  switch (result.type) {
    case 'succeeded':
      return { outcome: 'succeeded', error: null };
    case 'failed':
      return { outcome: 'failed', error: { kind: result.kind, message: result.message } };
    case 'lost':
      return { outcome: 'unknown', error: { kind: result.kind, message: result.message } };
    case 'stopped':
      return stoppedFor(reason, timeoutMs, result.alive);
  }
}

function stoppedFor(reason: StopReason | undefined, timeoutMs: number, alive: readonly number[]): Ending {
  const left = alive.length === 0 ? '' : ` These processes could not be ended: ${alive.join(', ')}.`;
  switch (reason) {
    case 'timeout': {
      const message = `The step took longer than the ${spoken(timeoutMs)} it may, and was stopped part of the way.${left}`;
      return { outcome: 'failed', error: { kind: 'STEP_TIMEOUT', message } };
    }
    case 'shutdown': {
      const message = `The agent was shut down and stopped the step part of the way; nobody can say how far it came.${left}`;
      return { outcome: 'unknown', error: { kind: 'STEP_UNKNOWN', message } };
    }
    case 'cancelled':
      return {
        outcome: 'cancelled',
        error: left === '' ? null : { kind: 'STEP_FAILED', message: `The step was cancelled.${left}` },
      };
    case undefined: {
      const message = `Something outside Chiffon stopped the step part of the way.${left}`;
      return { outcome: 'failed', error: { kind: 'STEP_FAILED', message } };
    }
  }
}

function spoken(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
