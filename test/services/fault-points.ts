// Named points at which a test's bot or agent is killed or stopped: the process does it to itself, exactly there. Read from
// FAULT_POINT in the environment of the test's own processes; the program knows nothing of it.
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Executor } from '../../agents/runtime/executor.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { until } from './until.ts';

export const faultPointSchema = z.object({
  /** `publish` and `handle` are about a message on the bus, `append` and `output` about the log, `prepare` and `run` about a step. */
  at: z.enum(['publish', 'handle', 'append', 'output', 'prepare', 'run']),
  /** `unconfirmed`: a publish is on its way, and whether the broker has it is not known yet. */
  when: z.enum(['before', 'unconfirmed', 'after']),
  /** The message's or the event's type. */
  type: z.string().optional(),
  /** The task that it is about; any by default. */
  task: z.number().optional(),
  /** The how-manieth time; the first by default. */
  nth: z.number().default(1),
  /** A file that the point waits for, where it is about an append: the test says when. */
  gate: z.string().optional(),
  signal: z.enum(['SIGKILL', 'SIGSTOP']).default('SIGKILL'),
});
const aboutSchema = z.looseObject({ type: z.unknown().optional(), task: z.unknown().optional() });
export type FaultPoint = z.input<typeof faultPointSchema>;

export function openFaultPoints(text: string | undefined): {
  readonly bus: (bus: Bus) => Bus;
  readonly store: (store: Store) => Store;
  readonly executor: (executor: Executor) => Executor;
} {
  const point = text === undefined ? undefined : faultPointSchema.parse(JSON.parse(text));
  let seen = 0;

  function isReached(at: string, when: string, message?: unknown): boolean {
    if (point === undefined || point.at !== at || point.when !== when) return false;
    const { type, task } = aboutSchema.parse(message ?? {});
    if (point.type !== undefined && type !== point.type) return false;
    if (point.task !== undefined && task !== undefined && task !== point.task) return false;
    seen += 1;
    return seen === point.nth;
  }

  function reached(at: string, when: string, message?: unknown): void {
    if (isReached(at, when, message)) process.kill(process.pid, point?.signal);
  }

  async function reachedByAppend(when: string, message: unknown): Promise<void> {
    if (!isReached('append', when, message)) return;
    const gate = point?.gate;
    if (gate !== undefined) await until(() => existsSync(gate), { what: () => 'the gate of a fault point' });
    process.kill(process.pid, point?.signal);
  }

  return {
    bus: (bus) => ({
      ...bus,
      publish: async (queue, message) => {
        reached('publish', 'before', message);
        const published = bus.publish(queue, message);
        if (point?.when === 'unconfirmed') {
          published.catch(() => {});
          await written();
          reached('publish', 'unconfirmed', message);
        }
        await published;
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
    store: (store) => ({
      ...store,
      append: async (request) => {
        for (const event of request.events) await reachedByAppend('before', { ...event, task: request.task });
        const appended = await store.append(request);
        for (const event of request.events) await reachedByAppend('after', { ...event, task: request.task });
        return appended;
      },
      appendOutput: async (chunks) => {
        reached('output', 'before');
        await store.appendOutput(chunks);
        reached('output', 'after');
      },
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

/** A few turns of the event loop: what is published is with the kernel, and its confirm is still a round trip away. */
async function written(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
}
