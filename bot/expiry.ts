// Ends the plans that nobody approved in time. Looks at the open tasks now and then; an approval checks its own hour anyway.
import type { Logger } from 'pino';
import { toActorId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Store } from '../core/ports/event-log.ts';
import { replay } from '../core/task/evolve.ts';
import type { Submit } from './submit.ts';

const expiry = toActorId('system:expiry');

/** One look now; then each `everyMs`. Returns how to stop. */
export async function watchExpiry(parts: {
  readonly store: Store;
  readonly submit: Submit;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs: number;
}): Promise<() => void> {
  const look = async (): Promise<void> => {
    const now = parts.clock.now().toISOString();
    for (const row of await parts.store.listTasks({ open: true, limit: 1_000 })) {
      if (row.state !== 'proposed') continue;
      const state = replay(row.task, await parts.store.readTask(row.task));
      if (state.status === 'proposed' && state.proposal !== null && now >= state.proposal.plan.expiresAt)
        await parts.submit(row.task, expiry, { type: 'expire', now });
    }
  };
  await look();
  const timer = setInterval(
    () => void look().catch((error: unknown) => parts.log.error({ err: error }, 'the look for expired plans failed')),
    parts.everyMs,
  ).unref();
  return () => clearInterval(timer);
}
