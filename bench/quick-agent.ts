// The agent as `npm run agent` runs it, whose steps are over as soon as they begin: for what is measured around a step. It prints
// when its executor is told to begin. BENCH_EXECUTOR=prepares: Ansible's process is made for each step, and not let go.
import { openAgentLog } from '../agents/agent-log.ts';
import { startAgentProgram } from '../agents/compose.ts';
import type { Execution, ExecutionResult, Executor } from '../agents/runtime/executor.ts';
import { readAgentSettings } from '../agents/settings.ts';

const succeeded: ExecutionResult = { type: 'succeeded', recap: {}, changed: {}, notes: [], exitCode: 0 };

const nothing: Execution = {
  mark: { pid: 1, startTime: '1', bootId: 'none', tag: 'none' },
  run: async () => succeeded,
  stop: () => {},
  discard: async () => {},
};

function quick(ansible: Executor): Executor {
  const prepares = process.env.BENCH_EXECUTOR === 'prepares';
  return {
    ...ansible,
    prepare: async (order) => {
      const execution = prepares ? await ansible.prepare(order) : nothing;
      if ('kind' in execution) return execution;
      return {
        ...execution,
        run: async () => {
          if (prepares) process.stdout.write(`begins ${order.attempt} ${Date.now()}\n`);
          await execution.discard();
          return succeeded;
        },
      };
    },
  };
}

const settings = readAgentSettings(process.env, process.cwd());
await startAgentProgram(settings, openAgentLog(settings), () => process.exit(3), { executor: quick });
process.stdout.write('ready\n');
