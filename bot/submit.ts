// The one way in which anything changes: load a task, decide, append. A conflict reads again and decides again.
import type { Refusal } from '../core/error.ts';
import { ChiffonError, refusal } from '../core/error.ts';
import type { ActorId, ConversationId, TaskId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog, Fence } from '../core/ports/event-log.ts';
import type { TaskCommand } from '../core/task/command.ts';
import { decide } from '../core/task/decide.ts';
import type { StoredEvent } from '../core/task/event.ts';
import { evolve, replay } from '../core/task/evolve.ts';
import type { TaskState } from '../core/task/state.ts';

export type Submitted =
  | { readonly type: 'accepted'; readonly state: TaskState; readonly events: readonly StoredEvent[] }
  /** This message has had its effect already: it made or changed that task. */
  | { readonly type: 'repeated'; readonly task: TaskId }
  | Refusal;
/**
 * `known`: the task as it was read a moment ago. What it decides is appended on exactly that, or it is read again.
 * `message`: the key (`messageKey`) of what a person said or tapped, which has the effect of once, however often it comes.
 */
export type Submit = (
  task: TaskId,
  actor: ActorId,
  command: TaskCommand,
  given?: { readonly known?: TaskState; readonly message?: string },
) => Promise<Submitted>;

const attemptsAtMost = 50;

/** Refused commands of persons are kept in the task's own stream. With a fence, only while that leadership stands. */
export function makeSubmit(parts: { readonly log: EventLog; readonly clock: Clock; readonly fence?: Fence }): Submit {
  const { log, clock, fence } = parts;
  return async (task, actor, command, { known, message } = {}) => {
    const once = onceKeys(command, message);
    for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
      const isKnown = known !== undefined && attempt === 0;
      const state = isKnown ? known : replay(task, await log.readTask(task));
      const decision = decide(state, command);
      // A no, or nothing to do, may be out of date: only an append is checked against the log.
      if (isKnown && (decision.type === 'refusal' || decision.events.length === 0)) continue;
      const at = clock.now().toISOString();
      if (decision.type === 'refusal') {
        // What it did itself may be why it cannot be done now.
        const before = message === undefined ? undefined : await log.usedFor(message);
        if (before !== undefined) return { type: 'repeated', task: before };
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
          // Under a key of its own: what was refused may be done when it comes again.
          once: message === undefined ? undefined : refusedKey(message),
        });
        if (kept.type !== 'conflict') return decision;
        continue;
      }
      if (decision.events.length === 0) return { type: 'accepted', state, events: [] };
      const result = await log.append({
        ...{ task, actor, at, fence, expectedVersion: state.version, events: decision.events },
        // No key is no list of none: then the log need not look whether one was used.
        once: once.length === 0 ? undefined : once,
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

/** One for all that comes of a message, whatever is read out of it: the second time it may read as something else. */
export function messageKey(from: { readonly conversation: ConversationId; readonly messageId: string }): string {
  return `message:${from.conversation}:${from.messageId}`;
}

/** Of the record that a message was refused. */
export function refusedKey(message: string): string {
  return `refused:${message}`;
}

/** A platform may deliver a message twice, and to two bots; and two persons may try one task again at the same time. */
function onceKeys(command: TaskCommand, message: string | undefined): readonly string[] {
  if (command.type !== 'receive') return message === undefined ? [] : [message];
  const { retry } = command;
  return [message ?? messageKey(command), ...(retry === undefined ? [] : [`retry:${retry.of.task}:${retry.number}`])];
}

function isPersons(command: TaskCommand): boolean {
  const persons = ['approve', 'reject', 'change', 'cancel', 'answer', 'resume', 'retry', 'withdraw-approval'];
  return persons.includes(command.type);
}
