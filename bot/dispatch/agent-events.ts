// What agents say, taken from the bus into the log, the output store and the live progress.
import type { Logger } from 'pino';
import type { AgentEvent } from '../../core/contracts/messages.ts';
import { agentEventSchema } from '../../core/contracts/messages.ts';
import { toActorId } from '../../core/ids.ts';
import type { Bus, Handled } from '../../core/ports/bus.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { AttemptOutcome } from '../../core/task/event.ts';
import type { LiveProgress } from '../live-progress.ts';
import type { Submit } from '../submit.ts';
import type { Leases } from './leases.ts';

type Parts = {
  readonly bus: Bus;
  readonly store: Store;
  readonly submit: Submit;
  readonly progress: LiveProgress;
  readonly leases: Leases;
  readonly log: Logger;
};

/** Begins to listen; returns how to stop. A message is done when what it says is stored. */
export function listenToAgents(parts: Parts): Promise<() => Promise<void>> {
  return parts.bus.consume('core.events', async (message): Promise<Handled> => {
    const parsed = agentEventSchema.safeParse(message);
    if (!parsed.success) {
      parts.log.warn({ err: parsed.error }, 'a message on the bus is not in the protocol');
      return 'poison';
    }
    parts.leases.heard(parsed.data);
    await take(parts, parsed.data);
    return 'done';
  });
}

async function take(parts: Parts, event: AgentEvent): Promise<void> {
  const agent = toActorId(`agent:${event.sender}`);
  const { run, token } = event;
  switch (event.type) {
    case 'attempt.heartbeat':
      return;
    case 'attempt.progress':
      return parts.progress.advance(event.task, event.step, event.progress);
    case 'attempt.output':
      await parts.store.appendOutput(
        event.chunks.map((chunk) => ({ run, step: event.step, attempt: event.attempt, ...chunk })),
      );
      return parts.progress.addLines(
        event.task,
        event.step,
        event.chunks.reduce((sum, chunk) => sum + chunk.lines, 0),
      );
    case 'attempt.started':
      await parts.submit(event.task, agent, { type: 'attempt-started', run, token, agent: event.agent });
      return;
    case 'attempt.refused':
      await parts.submit(event.task, agent, {
        type: 'attempt-refused',
        run,
        token,
        kind: event.kind,
        reason: event.reason,
      });
      return;
    case 'attempt.finished':
      await parts.submit(event.task, agent, {
        type: 'attempt-finished',
        run,
        token,
        result: await withWholeOutput(parts, event),
      });
  }
}

/** A success whose output did not arrive whole is not shown as one. */
async function withWholeOutput(
  parts: Parts,
  event: Extract<AgentEvent, { type: 'attempt.finished' }>,
): Promise<AttemptOutcome> {
  const { result } = event;
  // Of an attempt that nobody saw the end of, the agent knows no count to compare with.
  if (result.outcome === 'unknown') return result;
  const stored = await parts.store.outputExtent(event.run, event.step, event.attempt);
  if (
    stored.contiguous === event.chunks &&
    stored.lines === result.output.lines &&
    stored.bytes === result.output.bytes
  )
    return result;
  const message = `Only ${stored.lines} of ${result.output.lines} lines of output arrived, so the result “${result.outcome}” cannot be trusted.`;
  parts.log.error({ task: event.task, stored, said: result.output }, message);
  return {
    ...result,
    outcome: result.outcome === 'succeeded' ? 'unknown' : result.outcome,
    error: { kind: 'OUTPUT_INCOMPLETE', message },
  };
}
