// Real services for a benchmark: a durable PostgreSQL and a broker of its own, and the laboratory of the tests on them.
import { join } from 'node:path';
import { execa } from 'execa';
import type { Lab, LabOptions, LabProcess } from '../test/services/lab.ts';
import { openLab } from '../test/services/lab.ts';
import { until } from '../test/services/until.ts';
import { startPostgres } from '../test/setup/postgres-server.ts';
import { startRabbit } from '../test/setup/rabbitmq-server.ts';

export async function onServices<T>(
  options: Pick<LabOptions, 'files' | 'env'>,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const [postgres, rabbit] = await Promise.all([startPostgres({ durable: true }), startRabbit()]);
  let lab: Lab | undefined;
  try {
    lab = await openLab({
      databaseUrl: postgres.url,
      rabbitmqUrl: `${rabbit.url}/%2f`,
      ...options,
      env: { LOG_LEVEL: 'info', ...options.env },
    });
    return await work(lab);
  } finally {
    await lab?.dispose();
    await Promise.all([postgres.stop(), rabbit.end()]);
  }
}

export type QuickAgent = Pick<LabProcess, 'pid' | 'output' | 'signal'> & AsyncDisposable;

/** quick-agent.ts as a process, enrolled; resolves when it takes commands. */
export async function startQuickAgent(
  lab: Lab,
  executor: 'prepares' | 'nothing',
  env: Readonly<Record<string, string>> = {},
): Promise<QuickAgent> {
  const identity = join(lab.folder, 'quick.agent-identity.json');
  const enrolled = await lab.program(['agents', 'enroll', 'quick', '--output', identity]);
  if (enrolled.exitCode !== 0) throw new Error(`enrolling failed: ${enrolled.stdout}`);
  const child = execa(process.execPath, [join(import.meta.dirname, 'quick-agent.ts')], {
    cwd: lab.folder,
    env: {
      ...lab.env,
      CHIFFON_HOME: join(lab.folder, 'agent-quick'),
      CHIFFON_AGENT_IDENTITY: identity,
      BENCH_EXECUTOR: executor,
      ...env,
    },
    ...{ reject: false, cleanup: true, all: true, buffer: false },
  });
  let text = '';
  child.all.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await until(() => /^ready$/m.test(text), { what: () => `an agent that is ready: ${text}` });
  return {
    pid: child.pid ?? 0,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}
