// The one way in which anything changes: load a task, decide, append. A conflict reads again and decides again.
import type { Refusal } from '../core/error.ts';
import { ChiffonError, refusal } from '../core/error.ts';
import type { ActorId, TaskId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog, Fence } from '../core/ports/event-log.ts';
import type { TaskCommand } from '../core/task/command.ts';
import { decide } from '../core/task/decide.ts';
import type { StoredEvent } from '../core/task/event.ts';
import { evolve, replay } from '../core/task/evolve.ts';
import type { TaskState } from '../core/task/state.ts';

export type Submitted =
  | { readonly type: 'accepted'; readonly state: TaskState; readonly events: readonly StoredEvent[] }
  /** This message made that task already. */
  | { readonly type: 'repeated'; readonly task: TaskId }
  | Refusal;
/** `known`: the task as it was read a moment ago. What it decides is appended on exactly that, or it is read again. */
export type Submit = (task: TaskId, actor: ActorId, command: TaskCommand, known?: TaskState) => Promise<Submitted>;

const attemptsAtMost = 50;

/** Refused commands of persons are kept in the task's own stream. With a fence, only while that leadership stands. */
export function makeSubmit(parts: { readonly log: EventLog; readonly clock: Clock; readonly fence?: Fence }): Submit {
  const { log, clock, fence } = parts;
  return async (task, actor, command, known) => {
    for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
      const isKnown = known !== undefined && attempt === 0;
      const state = isKnown ? known : replay(task, await log.readTask(task));
      const decision = decide(state, command);
      // A no, or nothing to do, may be out of date: only an append is checked against the log.
      if (isKnown && (decision.type === 'refusal' || decision.events.length === 0)) continue;
      const at = clock.now().toISOString();
      if (decision.type === 'refusal') {
        if (!isPersons(command) || state.status === 'none') return decision;
        const kept = await log.append({
          task,
          expectedVersion: state.version,
          actor,
          at,
          fence,
          events: [
            { type: 'command.refused', actor, command: command.type, kind: decision.kind, reason: decision.message },
          ],
        });
        if (kept.type === 'appended') return decision;
        continue;
      }
      if (decision.events.length === 0) return { type: 'accepted', state, events: [] };
      const result = await log.append({
        ...{ task, actor, at, fence, expectedVersion: state.version, events: decision.events },
        once: onceKeys(command),
      });
      if (result.type === 'appended')
        return { type: 'accepted', state: decision.events.reduce(evolve, state), events: result.events };
      if (result.type === 'repeated') return { type: 'repeated', task: result.task };
      if (state.status === 'none') return refusal('WRONG_STATE', 'That task number was taken in the meantime.');
    }
    throw new ChiffonError(
      'DATABASE_FAILED',
      `Task #${task} was changed by others all the time; nothing was decided. Try again.`,
    );
  };
}

/** A platform may deliver a message twice, and to two bots; and two persons may try one task again at the same time. */
function onceKeys(command: TaskCommand): readonly string[] {
  if (command.type !== 'receive') return [];
  const message = `message:${command.conversation}:${command.messageId}`;
  return command.retry === undefined ? [message] : [message, `retry:${command.retry.of.task}:${command.retry.number}`];
}

function isPersons(command: TaskCommand): boolean {
  const persons = ['approve', 'reject', 'change', 'cancel', 'answer', 'resume', 'retry', 'withdraw-approval'];
  return persons.includes(command.type);
}
