// `npm run agent`: an agent in a process of its own. It needs the broker and its identity; commands, and the commit that each runs
// from, come over the bus.
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { keepHealthy } from '../adapters/health/keep-healthy.ts';
import { ChiffonError } from '../core/error.ts';
import { openAgentLog } from './agent-log.ts';
import { startAgentProgram } from './compose.ts';
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
  let isUp = false;
  let leave: (code: number) => void = () => {};
  const ending = new Promise<number>((resolve) => {
    leave = resolve;
  });
  // To the end: npm passes on what a service manager sends to all, and a second one must not cut the stop short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      const code = signal === 'SIGINT' ? 130 : 0;
      // A start that waits for the broker has nothing to put in order.
      if (!isUp) process.exit(code);
      leave(code);
    });
  const running = await startAgentProgram(settings, openAgentLog(settings), () => {
    process.stderr.write(`chiffon-agent: another process took the name ${identity.name} on the broker; leaving.\n`);
    leave(1);
  });
  isUp = true;
  say(`✓ ${identity.name} takes steps for the pool ${identity.pool}`);
  const stopHealth = keepHealthy(dataFolder, async () => running.connected());
  const code = await ending;
  say(running.agent.running() === 0 ? '… stopping' : '… stopping what runs, and telling how it ended');
  stopHealth();
  await running.close();
  return code;
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
