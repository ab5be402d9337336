// `npm run agent`: an agent in a process of its own. It needs the broker and its identity; commands, and the commit that each runs
// from, come over the bus.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Command } from 'commander';
import pino from 'pino';
import { openReplica } from '../adapters/git/open-replica.ts';
import { keepHealthy } from '../adapters/health/keep-healthy.ts';
import { openRabbitBus } from '../adapters/rabbitmq/rabbit-bus.ts';
import { ChiffonError } from '../core/error.ts';
import { makeAnsibleExecutor } from './ansible/executor.ts';
import { startAgent } from './runtime/start-agent.ts';
import type { AgentSettings } from './settings.ts';
import { readAgentSettings } from './settings.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const program = new Command('chiffon-agent')
  .description('Do the steps of approved plans: what core has signed, and nothing else.')
  .version(version)
  .option('--pool <pool>', 'the pool that it was enrolled for')
  .action(async (options: { pool?: string }) => {
    const settings = readAgentSettings(process.env, process.cwd());
    const { pool } = settings.identity;
    if (options.pool !== undefined && options.pool !== pool)
      throw new ChiffonError(
        'AGENT_IDENTITY',
        `This identity is for the pool ${pool}, not for ${options.pool}: enrol the agent again with --pool ${options.pool}.`,
      );
    process.exitCode = await run(settings);
  });

async function run(settings: AgentSettings): Promise<number> {
  const { identity, dataFolder } = settings;
  let leave: (code: number) => void = () => {};
  const ending = new Promise<number>((resolve) => {
    leave = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => leave(signal === 'SIGINT' ? 130 : 0));
  const log = pino(
    { level: settings.logLevel, base: { pid: process.pid, agent: identity.name } },
    pino.destination({ dest: join(dataFolder, 'agent.log'), mkdir: true, sync: true, mode: 0o600 }),
  );
  const folder = join(dataFolder, 'agent');
  const bus = await openRabbitBus({ url: settings.rabbitmqUrl, name: `agent ${identity.name}`, log });
  try {
    const replica = await openReplica({ folder: join(folder, 'replica') });
    const agent = await startAgent({
      ...{ bus, identity, folder, log, concurrency: settings.concurrency },
      executor: makeAnsibleExecutor({
        ansiblePlaybook: settings.ansiblePlaybook,
        workFolder: join(folder, 'work'),
        homelabState: join(dataFolder, 'homelab-state'),
        log,
      }),
      repository: { checkout: replica.checkout, replica },
      clock: { now: () => new Date() },
      newId: () => randomUUID(),
      onNameLost: () => {
        process.stderr.write(`chiffon-agent: another process took the name ${identity.name} on the broker; leaving.\n`);
        leave(1);
      },
    });
    try {
      await agent.ready;
      say(`✓ ${identity.name} takes steps for the pool ${identity.pool}`);
      const stopHealth = keepHealthy(dataFolder, async () => bus.connected());
      const code = await ending;
      say(agent.running() === 0 ? '… stopping' : '… stopping what runs, and telling how it ended');
      stopHealth();
      return code;
    } finally {
      await agent.close();
    }
  } finally {
    await bus.close();
  }
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(
    error instanceof ChiffonError
      ? `chiffon-agent: ${error.code}: ${error.message}\n`
      : `chiffon-agent: CHF-999: something broke that should not have: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
