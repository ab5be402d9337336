// An agent holds an attempt while it is heard from. One that falls silent ends as `unknown`: nobody can say what it did.
import type { Logger } from 'pino';
import type { AgentEvent } from '../../core/contracts/messages.ts';
import type { RunId, TaskId } from '../../core/ids.ts';
import { toActorId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import { liveAttempt } from '../../core/task/state.ts';
import type { Submit } from '../submit.ts';

export type Leases = {
  /** Any word of an agent renews its lease. */
  readonly heard: (event: Pick<AgentEvent, 'task' | 'run' | 'token' | 'type'>) => void;
  readonly stop: () => void;
};

type Held = { readonly task: TaskId; readonly run: RunId; readonly token: number; heardAt: number };

const leaseActor = toActorId('system:leases');

/** `leaseMs`: how long an agent may be silent. Attempts that were started before this process are held from now on. */
export function watchLeases(parts: {
  readonly store: Store;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly leaseMs: number;
}): Leases {
  const held = new Map<string, Held>();
  const heard: Leases['heard'] = (event) => {
    const key = `${event.run}.${event.token}`;
    if (event.type === 'attempt.finished' || event.type === 'attempt.refused') held.delete(key);
    else held.set(key, { task: event.task, run: event.run, token: event.token, heardAt: parts.clock.now().getTime() });
  };
  const check = async (): Promise<void> => {
    const now = parts.clock.now().getTime();
    for (const [key, lease] of held) {
      if (now - lease.heardAt < parts.leaseMs) continue;
      held.delete(key);
      const state = replay(lease.task, await parts.store.readTask(lease.task));
      const live = liveAttempt(state);
      if (live === undefined || live.token !== lease.token) continue;
      const stored = await parts.store.outputExtent(lease.run, live.step, live.attempt);
      await parts.submit(lease.task, leaseActor, {
        type: 'attempt-finished',
        run: lease.run,
        token: lease.token,
        result: {
          outcome: 'unknown',
          error: {
            kind: 'STEP_UNKNOWN',
            message: `The agent has not been heard of for ${Math.round(parts.leaseMs / 1000)} s; nobody can say whether step ${live.step} was done.`,
          },
          recap: {},
          changed: {},
          notes: [],
          exitCode: null,
          durationMs: 0,
          output: { sha256: '', lines: stored.lines, bytes: stored.bytes },
        },
      });
    }
  };
  const timer = setInterval(
    () => void check().catch((error: unknown) => parts.log.error({ err: error }, 'the lease check failed')),
    Math.max(250, parts.leaseMs / 4),
  ).unref();
  return { heard, stop: () => clearInterval(timer) };
}
