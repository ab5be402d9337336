// An executor that does what a test says, for the agent's runtime without Ansible: steps wait until the test lets them go on.
import type {
  Execution,
  ExecutionResult,
  Executor,
  ProcessMark,
  Report,
  StepOrder,
} from '../../agents/runtime/executor.ts';
import type { Refusal } from '../../core/error.ts';

const nothing = { recap: {}, changed: {}, notes: [], exitCode: 0 };

export type ScriptedExecutor = Executor & {
  readonly orders: readonly StepOrder[];
  readonly running: () => number;
  /** How often a step was told to begin. */
  readonly started: () => number;
  /** Marks that were handed to endLeftover. */
  readonly ended: readonly ProcessMark[];
  readonly discarded: () => number;
};

export function scriptedExecutor(
  script: {
    readonly refuse?: Refusal;
    /** What a step does; it succeeds when this resolves, unless it gives a result. */
    readonly run?: (
      report: Report,
      order: StepOrder,
      stopped: Promise<void>,
    ) => Promise<ExecutionResult> | Promise<void>;
  } = {},
): ScriptedExecutor {
  const orders: StepOrder[] = [];
  const ended: ProcessMark[] = [];
  let running = 0;
  let started = 0;
  let discarded = 0;
  return {
    orders,
    ended,
    running: () => running,
    started: () => started,
    discarded: () => discarded,
    async prepare(order): Promise<Execution | Refusal> {
      orders.push(order);
      if (script.refuse !== undefined) return script.refuse;
      const stopped = Promise.withResolvers<void>();
      let wasStopped = false;
      return {
        mark: { pid: 1, startTime: '1', bootId: 'x', tag: order.attempt },
        async run(report) {
          running += 1;
          started += 1;
          const result = await script.run?.(report, order, stopped.promise);
          running -= 1;
          return (
            result ?? (wasStopped ? { type: 'stopped', alive: [], ...nothing } : { type: 'succeeded', ...nothing })
          );
        },
        stop() {
          wasStopped = true;
          stopped.resolve();
        },
        async discard() {
          discarded += 1;
        },
      };
    },
    async endLeftover(mark) {
      ended.push(mark);
    },
    async removeLeftoverFiles() {},
  };
}
