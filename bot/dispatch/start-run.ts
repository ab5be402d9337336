// An approved plan's start: when it is its turn on its hosts, and when what would run now is still what was approved.
import { ChiffonError } from '../../core/error.ts';
import { toActorId, toRunId } from '../../core/ids.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Contender } from '../../core/task/host-queue.ts';
import { hostsOf, tasksBefore } from '../../core/task/host-queue.ts';
import type { Proposal, TaskState } from '../../core/task/state.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { whatChanged } from './recheck.ts';

const actor = toActorId('system:dispatcher');
/** Runs under way or waiting for their turn: a homelab has a handful. */
const contendersAtMost = 1_000;

/** Whether it started. Only the one leading dispatcher comes here, so two starts never look at the same time. */
export async function startRun(parts: DispatchParts, state: TaskState, proposal: Proposal): Promise<boolean> {
  const before = await tasksBeforeIt(parts, state);
  if (before.length > 0) {
    await parts.submit(state.task, actor, { type: 'queue', planHash: proposal.planHash, behind: before });
    return false;
  }
  const changed = await whatChanged(proposal.plan, parts.repository, parts.readPolicy).catch((error: unknown) => {
    parts.log.error({ err: error, task: state.task }, 'the recheck before dispatch failed');
    return error instanceof ChiffonError ? error.message : 'It could not be checked again that the plan still holds.';
  });
  const now = parts.clock.now().toISOString();
  const submitted = await parts.submit(
    state.task,
    actor,
    changed === null
      ? { type: 'start-run', run: toRunId(parts.newId()), planHash: proposal.planHash, now }
      : { type: 'withdraw', planHash: proposal.planHash, reason: changed },
  );
  return submitted.type === 'accepted';
}

/** Plans that wait for their turn, in the order of their approvals: each may be the next one now. */
export async function waitingForTheirTurn(parts: DispatchParts): Promise<readonly Contender[]> {
  const waiting = (await contenders(parts)).filter(({ begun }) => !begun);
  return waiting.toSorted((one, other) => one.approvedAt - other.approvedAt);
}

async function tasksBeforeIt(parts: DispatchParts, state: TaskState) {
  const all = await contenders(parts);
  const own = all.find(({ task }) => task === state.task);
  return own === undefined ? [] : tasksBefore(own, all);
}

async function contenders(parts: DispatchParts): Promise<readonly Contender[]> {
  await parts.tasksAreCurrent();
  const rows = await parts.store.listTasks({ states: ['approved', 'running', 'paused'], limit: contendersAtMost });
  const found = await Promise.all(
    rows.map(async ({ task }): Promise<Contender[]> => {
      const history = await parts.store.readTask(task);
      const { proposal, status } = replay(task, history);
      const approvedAt = history.findLast(({ event }) => event.type === 'plan.approved')?.seq;
      const begun = status === 'running' || status === 'paused';
      return proposal === null || approvedAt === undefined || !(begun || status === 'approved')
        ? []
        : [{ task, hosts: hostsOf(proposal.plan), begun, approvedAt }];
    }),
  );
  return found.flat();
}
