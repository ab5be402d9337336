// Named points at which a test's bot or agent is killed or stopped: the process does it to itself, exactly there. Read from
// FAULT_POINT in the environment of the test's own processes; the program knows nothing of it.
import { z } from 'zod';
import type { Executor } from '../../agents/runtime/executor.ts';
import type { Bus } from '../../core/ports/bus.ts';

export const faultPointSchema = z.object({
  /** `publish` and `handle` are about a message on the bus, `prepare` and `run` about a step's execution. */
  at: z.enum(['publish', 'handle', 'prepare', 'run']),
  when: z.enum(['before', 'after']),
  /** The message's type. */
  type: z.string().optional(),
  /** The how-manieth time; the first by default. */
  nth: z.number().default(1),
  signal: z.enum(['SIGKILL', 'SIGSTOP']).default('SIGKILL'),
});
export type FaultPoint = z.input<typeof faultPointSchema>;

export function openFaultPoints(text: string | undefined): {
  readonly bus: (bus: Bus) => Bus;
  readonly executor: (executor: Executor) => Executor;
} {
  const point = text === undefined ? undefined : faultPointSchema.parse(JSON.parse(text));
  let seen = 0;

  function reached(at: string, when: string, message?: unknown): void {
    if (point === undefined || point.at !== at || point.when !== when) return;
    if (point.type !== undefined && typeOf(message) !== point.type) return;
    seen += 1;
    if (seen === point.nth) process.kill(process.pid, point.signal);
  }

  return {
    bus: (bus) => ({
      ...bus,
      publish: async (queue, message) => {
        reached('publish', 'before', message);
        await bus.publish(queue, message);
        reached('publish', 'after', message);
      },
      consume: (queue, handler) =>
        bus.consume(queue, async (message) => {
          reached('handle', 'before', message);
          const handled = await handler(message);
          reached('handle', 'after', message);
          return handled;
        }),
      consumeMany: (queue, atMost, handler) =>
        bus.consumeMany(queue, atMost, async (messages) => {
          for (const message of messages) reached('handle', 'before', message);
          const handled = await handler(messages);
          for (const message of messages) reached('handle', 'after', message);
          return handled;
        }),
    }),
    executor: (executor) => ({
      ...executor,
      prepare: async (order) => {
        reached('prepare', 'before');
        const execution = await executor.prepare(order);
        reached('prepare', 'after');
        if ('kind' in execution) return execution;
        return {
          ...execution,
          run: async (report) => {
            reached('run', 'before');
            const result = await execution.run(report);
            reached('run', 'after');
            return result;
          },
        };
      },
    }),
  };
}

function typeOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
}
