// An approved plan's start: when it is its turn on its hosts, and when what would run now is still what was approved.
import { ChiffonError } from '../../core/error.ts';
import { toActorId, toRunId } from '../../core/ids.ts';
import type { Contender } from '../../core/task/host-queue.ts';
import { hostsOf, tasksBefore } from '../../core/task/host-queue.ts';
import type { Proposal, TaskState } from '../../core/task/state.ts';
import type { Standing } from './contenders.ts';
import type { DispatchParts } from './dispatch-parts.ts';
import { whatChanged } from './recheck.ts';

const actor = toActorId('system:dispatcher');

/** The task as it is since then; null where nothing started. Only the one leading dispatcher comes here, so two starts never look at the same time. */
export async function startRun(
  parts: DispatchParts,
  standing: Standing,
  proposal: Proposal,
): Promise<TaskState | null> {
  const { state, approvedAt } = standing;
  // Who was approved before it may not be known yet. Its approval is an event that comes here, too.
  if (approvedAt > parts.contenders.knownTo()) return null;
  const own = { task: state.task, hosts: hostsOf(proposal.plan), begun: false, approvedAt };
  const before = tasksBefore(own, await parts.contenders.all(standing));
  if (before.length > 0) {
    await parts.submit(state.task, actor, { type: 'queue', planHash: proposal.planHash, behind: before });
    return null;
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
    { known: state },
  );
  return submitted.type === 'accepted' ? submitted.state : null;
}

/** Plans that wait for their turn, in the order of their approvals: each may be the next one now. */
export async function waitingForTheirTurn(parts: DispatchParts): Promise<readonly Contender[]> {
  const waiting = (await parts.contenders.all()).filter(({ begun }) => !begun);
  return waiting.toSorted((one, other) => one.approvedAt - other.approvedAt);
}
