// A planning that came to nothing, for a reason that no planner gave.
import type { Refusal } from '../../core/error.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';

export function refuse(state: TaskState, why: Refusal): TaskCommand {
  return {
    type: 'refuse',
    basis: planningBasis(state),
    kind: why.kind,
    reason: why.message,
    nearest: [],
    judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
  };
}
