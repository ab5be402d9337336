// The one way in which anything changes: load a task, decide, append. A conflict reads again and decides again.
import type { Refusal } from '../core/error.ts';
import { ChiffonError, refusal } from '../core/error.ts';
import type { ActorId, TaskId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { TaskCommand } from '../core/task/command.ts';
import { decide } from '../core/task/decide.ts';
import type { StoredEvent } from '../core/task/event.ts';
import { evolve, replay } from '../core/task/evolve.ts';
import type { TaskState } from '../core/task/state.ts';

export type Submitted =
  | { readonly type: 'accepted'; readonly state: TaskState; readonly events: readonly StoredEvent[] }
  | Refusal;
export type Submit = (task: TaskId, actor: ActorId, command: TaskCommand) => Promise<Submitted>;

const attemptsAtMost = 50;

/** `record` keeps refused commands of persons in the task's own stream. */
export function makeSubmit({ log, clock }: { readonly log: EventLog; readonly clock: Clock }): Submit {
  return async (task, actor, command) => {
    for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
      const state = replay(task, await log.readTask(task));
      const decision = decide(state, command);
      const at = clock.now().toISOString();
      if (decision.type === 'refusal') {
        if (!isPersons(command) || state.status === 'none') return decision;
        const kept = await log.append({
          task,
          expectedVersion: state.version,
          actor,
          at,
          events: [
            { type: 'command.refused', actor, command: command.type, kind: decision.kind, reason: decision.message },
          ],
        });
        if (kept.type === 'appended') return decision;
        continue;
      }
      if (decision.events.length === 0) return { type: 'accepted', state, events: [] };
      const result = await log.append({ task, expectedVersion: state.version, actor, at, events: decision.events });
      if (result.type === 'appended')
        return { type: 'accepted', state: decision.events.reduce(evolve, state), events: result.events };
      if (state.status === 'none') return refusal('WRONG_STATE', 'That task number was taken in the meantime.');
    }
    throw new ChiffonError(
      'DATABASE_FAILED',
      `Task #${task} was changed by others all the time; nothing was decided. Try again.`,
    );
  };
}

function isPersons(command: TaskCommand): boolean {
  return ['approve', 'reject', 'change', 'cancel', 'answer', 'resume'].includes(command.type);
}
