// Plans what waits for a plan: a new request, an answer, a change asked for, a plan withdrawn.
import type { Logger } from 'pino';
import { ChiffonError } from '../../core/error.ts';
import { toActorId } from '../../core/ids.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import { planningBasis } from '../../core/task/state.ts';
import type { PlanTask } from '../planning/plan-task.ts';
import type { Submit } from '../submit.ts';

const planner = toActorId('system:planner');
const triggers: ReadonlySet<TaskEventType> = new Set([
  'task.received',
  'question.answered',
  'changes.requested',
  'plan.withdrawn',
]);

export function makePlanningHandler(parts: {
  readonly store: EventLog;
  readonly submit: Submit;
  readonly planTask: PlanTask;
  readonly log: Logger;
}) {
  return async (stored: StoredEvent): Promise<void> => {
    if (!triggers.has(stored.event.type)) return;
    const events = await parts.store.readTask(stored.task);
    const state = replay(stored.task, events);
    // Something later may have been planned, answered or cancelled already: only what waits now is planned.
    if (state.status !== 'received' && state.status !== 'planning') return;
    const command = await parts.planTask(state, lastPlan(events)).catch((error: unknown) => {
      parts.log.error({ err: error, task: stored.task }, 'planning failed');
      const fault =
        error instanceof ChiffonError
          ? error
          : new ChiffonError(
              'INTERNAL',
              'Planning broke in a way that it should not have; the log file in the data folder says more.',
            );
      return {
        type: 'refuse',
        basis: planningBasis(state),
        kind: fault.kind,
        reason: fault.message,
        nearest: [],
        judged: { tier: 'rules', confidence: 0, why: [], costMicroUsd: 0 },
      } as const;
    });
    await parts.submit(stored.task, planner, command);
  };
}

function lastPlan(events: readonly StoredEvent[]): Plan | null {
  return events.reduce<Plan | null>((last, { event }) => (event.type === 'plan.proposed' ? event.plan : last), null);
}
