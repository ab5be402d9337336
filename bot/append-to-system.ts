// The system's own stream: what belongs to no task, such as a refused message, an enrolment, core's key.
import type { ActorId } from '../core/ids.ts';
import { systemTask } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import type { TaskEvent } from '../core/task/event.ts';

/** Appends to the system's stream, whatever others append there meanwhile; with a key, once for ever. */
export async function appendToSystem(
  parts: { readonly log: Pick<EventLog, 'append' | 'versionOf'>; readonly clock: Clock },
  actor: ActorId,
  event: TaskEvent,
  once?: string,
): Promise<void> {
  for (;;) {
    const result = await parts.log.append({
      task: systemTask,
      expectedVersion: await parts.log.versionOf(systemTask),
      actor,
      at: parts.clock.now().toISOString(),
      events: [event],
      once,
    });
    if (result.type !== 'conflict') return;
  }
}
