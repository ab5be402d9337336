// A retry is planned by nobody: its plan is what was left of the failed one, if that still holds where main stands now.
import { ChiffonError, refusal } from '../../core/error.ts';
import { buildRetry } from '../../core/plan/build-retry.ts';
import type { Plan, RetryOf } from '../../core/plan/plan.ts';
import { expiryMs } from '../../core/policy/policy.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { whatMoved } from '../dispatch/recheck.ts';
import type { ReadPolicy } from '../policy-file.ts';
import { refuse } from './refuse.ts';

export async function planRetry(
  parts: {
    readonly store: Pick<EventLog, 'readTask'>;
    readonly repository: InfrastructureRepository;
    readonly readPolicy: ReadPolicy;
    readonly clock: Clock;
  },
  state: TaskState,
  retryOf: RetryOf,
  previous: Plan | null,
): Promise<TaskCommand> {
  const history = await parts.store.readTask(retryOf.task);
  const { proposal } = replay(retryOf.task, history);
  const ending = history.findLast(({ event }) => event.type === 'task.failed')?.event;
  if (proposal === null || proposal.planHash !== retryOf.planHash || ending?.type !== 'task.failed')
    throw new ChiffonError('INTERNAL', `The failed plan of #${retryOf.task} is not in the record as it was.`);
  const policy = await parts.readPolicy();
  const plan = buildRetry({
    ...{ task: state.task, retryOf, failed: proposal.plan, reason: ending.reason, previous },
    policyVersion: policy.version,
    expiresAt: new Date(parts.clock.now().getTime() + expiryMs(policy)).toISOString(),
    revision: state.revision + 1,
  });
  // What the recheck before the run would refuse is said before anybody approves it.
  const moved = await whatMoved(plan, parts.repository, `after #${retryOf.task} was planned`);
  if (moved !== null) return refuse(state, refusal('RETRY_NOT_POSSIBLE', `${moved} Make the request again.`));
  return { type: 'propose', basis: planningBasis(state), plan, policy };
}
