// Approved plans become runs, runs become commands on the bus, the last step's success becomes a merge.
// Each event is handled at least once: every effect here is refused or deduplicated when it comes a second time.
import type { Logger } from 'pino';
import type { StartStep } from '../../core/contracts/messages.ts';
import { protocolVersion } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toRunId } from '../../core/ids.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Attempt, TaskState } from '../../core/task/state.ts';
import { liveAttempt, nextStep } from '../../core/task/state.ts';
import { whatChanged } from '../dispatch/recheck.ts';
import { openSecrets } from '../planning/request-secrets.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Submit } from '../submit.ts';

const dispatcher = toActorId('system:dispatcher');
const commandLifetimeMs = 24 * 3_600_000;
const moves: ReadonlySet<TaskEventType> = new Set([
  'plan.approved',
  'run.started',
  'attempt.granted',
  'attempt.finished',
  'run.resumed',
  'cancel.requested',
]);

export type DispatchParts = {
  readonly store: Store;
  readonly submit: Submit;
  readonly bus: Bus;
  readonly repository: InfrastructureRepository;
  readonly readPolicy: ReadPolicy;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
};

export function makeDispatchHandler(parts: DispatchParts) {
  return async (stored: StoredEvent): Promise<void> => {
    if ((finalEventTypes as readonly string[]).includes(stored.event.type))
      return parts.store.forgetSecrets(stored.task);
    if (!moves.has(stored.event.type)) return;
    await moveOn(parts, stored.task, stored.event.type === 'cancel.requested');
  };
}

/** Brings a task one move further from where it stands now, whatever event woke us. */
export async function moveOn(parts: DispatchParts, task: TaskId, cancelAsked: boolean): Promise<void> {
  const state = replay(task, await parts.store.readTask(task));
  if (state.proposal === null) return;
  if (state.status === 'approved') return start(parts, state);
  if (state.status !== 'running' || state.run === null) return;
  const live = liveAttempt(state);
  if (live !== undefined)
    return cancelAsked
      ? sendCancel(parts, state, live)
      : live.phase === 'granted'
        ? sendStart(parts, state, live)
        : undefined;
  if (nextStep(state) > state.proposal.plan.steps.length) return merge(parts, state);
  await parts.submit(task, dispatcher, { type: 'grant-attempt', run: state.run });
}

async function start(parts: DispatchParts, state: TaskState): Promise<void> {
  const { proposal } = state;
  if (proposal === null) return;
  const changed = await whatChanged(proposal.plan, parts.repository, parts.readPolicy).catch((error: unknown) => {
    parts.log.error({ err: error, task: state.task }, 'the recheck before dispatch failed');
    return error instanceof ChiffonError ? error.message : 'It could not be checked again that the plan still holds.';
  });
  const now = parts.clock.now().toISOString();
  await parts.submit(
    state.task,
    dispatcher,
    changed === null
      ? { type: 'start-run', run: toRunId(parts.newId()), planHash: proposal.planHash, now }
      : { type: 'withdraw', planHash: proposal.planHash, reason: changed },
  );
}

async function sendStart(parts: DispatchParts, state: TaskState, live: Attempt): Promise<void> {
  const { proposal, run } = state;
  const step = proposal?.plan.steps[live.step - 1];
  if (proposal === null || run === null || step === undefined) return;
  const secrets = await openSecrets(parts.store, step.vars);
  if (secrets === undefined) {
    const reason = `A secret that step ${live.step} needs is gone or is not the one that was approved. Nothing ran; ask again.`;
    await parts.submit(state.task, dispatcher, {
      type: 'attempt-refused',
      run,
      token: live.token,
      kind: 'PLAN_CHANGED',
      reason,
    });
    return;
  }
  const now = parts.clock.now();
  const message: StartStep = {
    type: 'step.start',
    ...envelope(parts, state, live, run),
    plan: proposal.plan,
    planHash: proposal.planHash,
    commit: proposal.plan.commit,
    secrets,
    expiresAt: new Date(now.getTime() + commandLifetimeMs).toISOString(),
  };
  await parts.bus.publish(`agent.${step.agent}`, message);
}

async function sendCancel(parts: DispatchParts, state: TaskState, live: Attempt): Promise<void> {
  const step = state.proposal?.plan.steps[live.step - 1];
  if (step === undefined || state.run === null) return;
  await parts.bus.publish(`agent-control.${step.agent}`, {
    type: 'step.cancel',
    ...envelope(parts, state, live, state.run),
    reason: state.cancel?.reason ?? '',
  });
}

/** The message's id comes from the attempt, so that an agent knows a second copy when it sees one. */
function envelope(parts: DispatchParts, state: TaskState, live: Attempt, run: StartStep['run']) {
  return {
    protocol: protocolVersion,
    id: `${run}.${live.token}.${state.cancel === null ? 'start' : 'cancel'}`,
    sentAt: parts.clock.now().toISOString(),
    sender: 'core',
    task: state.task,
    run,
    step: live.step,
    attempt: live.attempt,
    token: live.token,
  } as const;
}

async function merge(parts: DispatchParts, state: TaskState): Promise<void> {
  const { proposal, run } = state;
  if (proposal === null || run === null || proposal.plan.branch === null) return;
  await parts.submit(
    state.task,
    dispatcher,
    await mergeCommand(parts, run, proposal.plan.branch, proposal.plan.commit),
  );
}

/** A remote that is away pauses the run, with every step done: `resume` tries the merge again. */
async function mergeCommand(
  parts: DispatchParts,
  run: StartStep['run'],
  branch: string,
  commit: StartStep['commit'],
): Promise<TaskCommand> {
  try {
    const result = await parts.repository.merge({ branch, commit });
    if (result.type === 'refused') return { type: 'merge-refused', run, reason: result.reason };
    const into = (await parts.repository.refresh()).branch;
    const { link, pushed, note } = result;
    return { type: 'merged', run, into, commit: result.commit, link, pushed, note };
  } catch (error) {
    if (!(error instanceof ChiffonError && error.retryable)) throw error;
    parts.log.warn({ err: error }, 'the merge has to be tried again');
    return { type: 'pause', reason: `every step is done, but the change is not merged yet. ${error.message}` };
  }
}
