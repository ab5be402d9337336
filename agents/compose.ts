// Puts an agent's parts together: the broker, its copy of the commits it was sent, Ansible.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { openReplica } from '../adapters/git/open-replica.ts';
import { openRabbitBus } from '../adapters/rabbitmq/open-bus.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Clock } from '../core/ports/clock.ts';
import { makeAnsibleExecutor } from './ansible/executor.ts';
import type { Executor } from './runtime/executor.ts';
import type { Agent } from './runtime/start-agent.ts';
import { startAgent } from './runtime/start-agent.ts';
import type { AgentSettings } from './settings.ts';

/** What a test puts between the agent and its surroundings. */
export type AgentSeams = {
  readonly bus?: (bus: Bus) => Bus;
  readonly executor?: (executor: Executor) => Executor;
  readonly clock?: Clock;
};

export type RunningAgent = {
  readonly agent: Agent;
  readonly connected: () => boolean;
  readonly close: () => Promise<void>;
};

/** What takes longer than this is told. */
const sayAfterMs = 1_500;

const asItIs = <T>(part: T): T => part;

/** Resolves when it takes commands. Throws BUS_FAILED, BUS_NAME_TAKEN, DATA_FOLDER_IN_USE. */
export async function startAgentProgram(
  settings: AgentSettings,
  log: Logger,
  onNameLost: () => void,
  seams: AgentSeams = {},
): Promise<RunningAgent> {
  const { identity, dataFolder, concurrency } = settings;
  const folder = join(dataFolder, 'agent');
  const wrapBus = seams.bus ?? asItIs;
  const wrapExecutor = seams.executor ?? asItIs;
  const said = setTimeout(() => process.stderr.write('… waiting for the message broker\n'), sayAfterMs);
  const opening = openRabbitBus({ url: settings.rabbitmqUrl, name: `agent ${identity.name}`, role: 'agent', log });
  const bus = wrapBus(await opening.finally(() => clearTimeout(said)));
  try {
    const replica = await openReplica({ folder: join(folder, 'replica') });
    const executor = makeAnsibleExecutor({
      ansiblePlaybook: settings.ansiblePlaybook,
      workFolder: join(folder, 'work'),
      homelabState: join(dataFolder, 'homelab-state'),
      log,
    });
    const agent = await startAgent({
      ...{ bus, identity, folder, log, concurrency, onNameLost, executor: wrapExecutor(executor) },
      repository: { checkout: (commit) => replica.checkout(commit), replica },
      clock: seams.clock ?? { now: () => new Date() },
      newId: () => randomUUID(),
    });
    const close = async (): Promise<void> => {
      await agent.close();
      await bus.close();
    };
    await agent.ready.catch(async (error: unknown) => {
      await agent.close();
      throw error;
    });
    return { agent, connected: bus.connected, close };
  } catch (error) {
    await bus.close();
    throw error;
  }
}
