// The result card: how a task ended, what changed on which host, and how to undo it. Told from the log alone.

import type { ErrorName } from '../../core/error.ts';
import { errorCode, errorTable } from '../../core/error.ts';
import { toActorId } from '../../core/ids.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { ResultView } from '../../core/ports/chat.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { retryOf } from '../../core/task/retry.ts';
import type { TaskState } from '../../core/task/state.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';

const nobody = toActorId('system:nobody');

type StepResult = ResultView['steps'][number];
type Ending = Extract<TaskEvent, { type: 'task.succeeded' | 'task.failed' | 'task.cancelled' | 'task.unknown' }>;

export function resultView(
  state: TaskState,
  history: readonly StoredEvent[],
  ending: Ending,
  repository: string,
): ResultView {
  const plan = state.proposal?.plan ?? null;
  const steps = plan === null ? [] : plan.steps.map((step) => stepResult(state, step.number, step.title));
  const retry = retryOf(state);
  const started = history.find((stored) => stored.event.type === 'run.started');
  const ended = history.at(-1);
  const kind = 'kind' in ending ? knownKind(ending.kind) : ending.type === 'task.unknown' ? 'STEP_UNKNOWN' : null;
  const merge = history.map((stored) => stored.event).find((event) => event.type === 'change.merged');
  return {
    type: 'result',
    task: state.task,
    request: withoutPlaceholders(state.request),
    requester: state.requester ?? nobody,
    state:
      ending.type === 'task.succeeded'
        ? 'succeeded'
        : ending.type === 'task.failed'
          ? 'failed'
          : ending.type === 'task.cancelled'
            ? 'cancelled'
            : 'unknown',
    text: [sentence(ending, steps, merge !== undefined), ...(merge?.note === undefined ? [] : [merge.note])].join(' '),
    code: kind === null ? null : errorCode(kind),
    advice: kind === null ? null : errorTable[kind].advice,
    steps,
    durationMs: started === undefined || ended === undefined ? 0 : Date.parse(ended.at) - Date.parse(started.at),
    costMicroUsd: plan?.costMicroUsd ?? 0,
    commit:
      merge === undefined
        ? null
        : { sha: merge.commit, link: merge.link, repository, branch: merge.into, pushed: merge.pushed },
    undo: plan === null ? [] : undo(plan, merge, steps),
    approvedBy: [...(state.proposal?.approvals ?? [])],
    retryFrom: retry.type === 'retry' ? retry.of.fromStep : null,
  };
}

function sentence(ending: Ending, steps: readonly StepResult[], merged: boolean): string {
  switch (ending.type) {
    case 'task.succeeded': {
      const changes = steps.flatMap((step) => step.hosts).reduce((sum, host) => sum + host.changed, 0);
      if (changes === 0 && !merged) return 'Nothing had to change: everything was as asked already.';
      const hosts = new Set(
        steps.flatMap((step) => step.hosts.filter((host) => host.changed > 0).map((host) => host.host)),
      );
      const onHosts =
        changes === 0
          ? 'Nothing had to change on the hosts'
          : `${changes} ${changes === 1 ? 'change' : 'changes'} on ${[...hosts].join(', ')}`;
      return merged ? `${onHosts}; the configuration is committed.` : `${onHosts}.`;
    }
    case 'task.cancelled': {
      const done = steps.filter((step) => step.state === 'succeeded').length;
      const part = done === 0 ? 'no step was finished' : `${done} of ${steps.length} steps had been done`;
      return `Cancelled by ${ending.actor}${ending.reason === '' ? '' : ` (${ending.reason})`}; ${part}.`;
    }
    default:
      return withoutPlaceholders(ending.reason);
  }
}

function stepResult(state: TaskState, number: number, title: string): StepResult {
  const attempt = state.attempts.findLast((candidate) => candidate.step === number);
  const result = attempt?.result ?? null;
  if (result === null) return { number, title, state: 'not started', durationMs: 0, hosts: [], notes: [], lines: 0 };
  return {
    number,
    title,
    state: result.outcome,
    durationMs: result.durationMs,
    hosts: Object.entries(result.recap).map(([host, counts]) => ({
      host,
      ok: counts.ok,
      changed: counts.changed,
      failed: counts.failed,
      unreachable: counts.unreachable,
      changes: result.changed[host] ?? [],
    })),
    notes: result.notes,
    lines: result.output.lines,
  };
}

function undo(
  plan: Plan,
  merge: Extract<TaskEvent, { type: 'change.merged' }> | undefined,
  steps: readonly StepResult[],
): readonly string[] {
  const touched = steps.some((step) => step.state !== 'not started' && step.hosts.some((host) => host.changed > 0));
  const lines: string[] = [];
  if (merge !== undefined)
    lines.push(
      `git revert ${merge.commit.slice(0, 8)} in the infrastructure repository takes the configuration back; then ask for the same again.`,
    );
  if (merge === undefined && plan.branch !== null && steps.some((step) => step.state !== 'not started'))
    lines.push(`The configuration of main is as it was; the change lies on branch ${plan.branch}.`);
  if (touched)
    lines.push(
      'Chiffon does not undo what a playbook did on a host by itself: ask for the opposite action, if the catalogue has one.',
    );
  return lines;
}

function knownKind(kind: string): ErrorName {
  return kind in errorTable ? (kind as ErrorName) : 'STEP_FAILED';
}
