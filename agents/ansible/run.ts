// One run of ansible-playbook as it is seen from outside: takes what it prints and tells, and says how it ended.
import type { Logger } from 'pino';
import type { Step } from '../../core/plan/plan.ts';
import type { ExecutionResult, Report } from '../runtime/executor.ts';
import { plainText } from '../runtime/plain-text.ts';
import { diagnoseFailures, diagnoseOutput } from './diagnose.ts';
import { makeEventReader, progressOf } from './run-events.ts';
import { makeRunFacts } from './run-facts.ts';

export type FollowedRun = {
  readonly reportTo: (report: Report) => void;
  /** Bytes from the event descriptor. */
  readonly events: (bytes: Uint8Array) => void;
  /** Bytes that Ansible printed. */
  readonly output: (bytes: Uint8Array) => Promise<void>;
  readonly guardReported: () => boolean;
  /** After its end. `stopped`: whether somebody asked for it. */
  readonly result: (stopped: boolean) => ExecutionResult;
};

const tailBytes = 16 * 1024;

export function followRun(parts: {
  readonly step: Step;
  readonly checkout: string;
  readonly log: Logger;
}): FollowedRun {
  const { step, checkout } = parts;
  const run = makeRunFacts();
  let report: Report | undefined;
  let tail: Buffer = Buffer.alloc(0);
  const reader = makeEventReader({
    event: (event) => {
      run.add(event);
      const progress = progressOf(event);
      if (progress !== null) report?.progress(progress);
    },
    secrets: (values) => report?.secrets(values),
  });

  function result(stopped: boolean): ExecutionResult {
    const guard = reader.guard();
    const facts = { ...run.facts(), exitCode: guard?.exit ?? null };
    if (guard === undefined) {
      if (stopped) return { type: 'stopped', alive: [], ...facts };
      return {
        type: 'lost',
        kind: 'STEP_UNKNOWN',
        message: 'Somebody ended the process that watches over Ansible; nobody can say how far the step came.',
        ...facts,
      };
    }
    const endedWell = guard.exit === 0 && run.complete();
    // Asked to stop, but done before: then the truth is that it is done.
    if (guard.stopped !== null && !endedWell) return { type: 'stopped', alive: guard.alive, ...facts };
    if (guard.exit === 0) return afterSuccess(facts);
    if (guard.exit === null)
      return {
        type: 'lost',
        kind: 'STEP_UNKNOWN',
        message: `Signal ${guard.signal} ended Ansible; nobody can say how far the step came.`,
        ...facts,
      };
    const failures = run.failures();
    const why =
      failures.length > 0
        ? diagnoseFailures(failures, checkout)
        : diagnoseOutput(plainText(tail.toString()), guard.exit, checkout);
    return { type: 'failed', ...why, ...facts };
  }

  /** Ansible ends with 0 when it did nothing, too: a success needs hosts on which something was done, and all the events. */
  function afterSuccess(facts: ReturnType<typeof run.facts> & { exitCode: number | null }): ExecutionResult {
    if (!run.complete() || reader.gap())
      return {
        type: 'lost',
        kind: 'OUTPUT_INCOMPLETE',
        message: 'Ansible ended well, but some of what it told did not arrive, so the result cannot be trusted.',
        ...facts,
      };
    const touched = Object.keys(facts.recap);
    if (touched.length === 0) {
      const why =
        run.playsWithoutHosts().length > 0
          ? {
              kind: 'NO_HOSTS' as const,
              message: `Ansible found no host for “${run.playsWithoutHosts().join('”, “')}”, so nothing was done.`,
            }
          : {
              kind: 'STEP_FAILED' as const,
              message: `Ansible found nothing to do${step.tags.length > 0 ? ` with the tags ${step.tags.join(', ')}` : ''}; no task ran on any host.`,
            };
      return { type: 'failed', ...why, ...facts };
    }
    const missing = step.hosts.filter((host) => !touched.includes(host));
    const beyond = touched.filter((host) => !step.hosts.includes(host) && !(step.controller && host === 'localhost'));
    const notes = [
      ...(missing.length > 0 ? [`Ansible did nothing on ${missing.join(', ')}, which the plan names.`] : []),
      ...(beyond.length > 0 ? [`Ansible also worked on ${beyond.join(', ')}, which the plan does not name.`] : []),
      ...facts.notes,
    ];
    return { type: 'succeeded', ...facts, notes };
  }

  return {
    reportTo: (to) => {
      report = to;
    },
    events: reader.push,
    output: async (bytes) => {
      tail = Buffer.concat([tail, bytes]).subarray(-tailBytes);
      await report?.output(bytes);
    },
    guardReported: () => reader.guard() !== undefined,
    result,
  };
}
