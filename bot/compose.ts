// Puts the parts together for each command. The only file beside main.ts that knows which adapter stands behind which port.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import pino from 'pino';
import { openAuditRepository } from '../adapters/git/open-audit.ts';
import { openInfrastructureRepository } from '../adapters/git/open-infrastructure.ts';
import { looksLikeUrl } from '../adapters/git/repository-url.ts';
import { makeMemoryBus } from '../adapters/memory-bus/memory-bus.ts';
import type { checkDatabase as CheckDatabaseFunction } from '../adapters/postgres/check-database.ts';
import { openStore } from '../adapters/postgres/open-store.ts';
import type { checkBroker as CheckBrokerFunction } from '../adapters/rabbitmq/check-broker.ts';
import type { TerminalChat, TerminalOptions } from '../adapters/terminal/terminal-chat.ts';
import { makeTerminalChat } from '../adapters/terminal/terminal-chat.ts';
import { makeAnsibleExecutor } from '../agents/ansible/executor.ts';
import type { Agent, AgentOptions } from '../agents/runtime/start-agent.ts';
import { startAgent } from '../agents/runtime/start-agent.ts';
import { newIdentity, toIdentity } from '../core/contracts/identity.ts';
import { newKeyPair, toPublicKey } from '../core/contracts/signature.ts';
import { planByRules } from '../core/planner/plan-by-rules.ts';
import type { Planner } from '../core/planner/planner.ts';
import type { Bus } from '../core/ports/bus.ts';
import type { Chat } from '../core/ports/chat.ts';
import type { Store } from '../core/ports/event-log.ts';
import type { AuditRepository, InfrastructureRepository } from '../core/ports/repository.ts';
import type { ReadPolicy } from './policy-file.ts';
import { openPolicyFile } from './policy-file.ts';
import type { Settings } from './settings.ts';
import { hasPlatform } from './settings.ts';
import { claimSigningKey, openSigningKey } from './signing-key.ts';
import type { Bot } from './start-bot.ts';
import { startBot } from './start-bot.ts';

export const clock = { now: () => new Date() };
export const newId = () => randomUUID();

type CheckDatabase = typeof CheckDatabaseFunction;
type CheckBroker = typeof CheckBrokerFunction;

/** What takes longer than this is told. */
const sayAfterMs = 1_500;
const root = resolve(import.meta.dirname, '..');
/** The first tier alone; the local model and Claude will stand behind the same port. */
export const planner: Planner = async (input) => planByRules(input);

export { keepHealthy } from '../adapters/health/keep-healthy.ts';
export { wantsColours } from '../adapters/terminal/wants-colours.ts';
export type { TerminalChat };

export function openTerminal(options: TerminalOptions): TerminalChat {
  return makeTerminalChat(options);
}

/** `to`: a terminal's screen is for its person, so the log goes into the data folder; a service's goes to who supervises it. */
export function openLog(settings: Settings, to: 'file' | 'stderr'): Logger {
  const destination = pino.destination(
    to === 'stderr'
      ? { dest: 2, sync: true }
      : { dest: join(settings.dataFolder, 'chiffon.log'), mkdir: true, sync: true, mode: 0o600 },
  );
  return pino({ level: settings.logLevel, base: { pid: process.pid } }, destination);
}

function repositorySource({ infraRepo, startedIn }: Settings): string | undefined {
  return infraRepo === undefined || looksLikeUrl(infraRepo) ? infraRepo : resolve(startedIn, infraRepo);
}

export function openRepository(settings: Settings): Promise<InfrastructureRepository> {
  return openInfrastructureRepository({
    source: repositorySource(settings),
    branch: settings.infraBranch,
    samplePath: join(root, 'ansible', 'homelab'),
    dataFolder: settings.dataFolder,
    clock,
  });
}

export function openAudit(settings: Settings): Promise<AuditRepository> {
  return openAuditRepository({ folder: join(settings.dataFolder, 'audit'), signingKey: settings.auditSigningKey });
}

export async function openDataFolder(settings: Settings): Promise<void> {
  await mkdir(settings.dataFolder, { recursive: true, mode: 0o700 });
}

export function openSettingsStore(settings: Settings): Promise<Store & { readonly notes: readonly string[] }> {
  return openStore({
    databaseUrl: settings.databaseUrl,
    databaseMigrationUrl: settings.databaseMigrationUrl,
    secretKey: settings.secretKey,
    dataFolder: settings.dataFolder,
  });
}

export function readSettingsPolicy(settings: Settings): Promise<ReadPolicy> {
  return openPolicyFile(settings.policyFile, settings.rabbitmqUrl !== undefined || hasPlatform(settings));
}

/** For `doctor`; libraries of services that are not used are not loaded. */
export async function checkDatabase(...args: Parameters<CheckDatabase>): ReturnType<CheckDatabase> {
  return (await import('../adapters/postgres/check-database.ts')).checkDatabase(...args);
}
export async function checkBroker(...args: Parameters<CheckBroker>): ReturnType<CheckBroker> {
  return (await import('../adapters/rabbitmq/check-broker.ts')).checkBroker(...args);
}

export type Running = {
  readonly bot: Bot;
  readonly store: Store;
  readonly repository: InfrastructureRepository;
  readonly notes: readonly string[];
  /** Agents are processes of their own: a run goes on when this process ends. */
  readonly hasServices: boolean;
  readonly connected: () => boolean;
  /** Stops everything; with services a run goes on, without them it ends here. */
  readonly close: () => Promise<void>;
};

/** What a test puts between the bot and its surroundings. */
export type BotSeams = { readonly bus?: (bus: Bus) => Bus; readonly store?: (store: Store) => Store };

/** The program: with services the bot alone, without them everything in one process. */
export async function startProgram(
  settings: Settings,
  chats: readonly Chat[],
  log: Logger,
  seams: BotSeams = {},
): Promise<Running> {
  await openDataFolder(settings);
  const closes: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of closes.splice(0).toReversed()) await each();
  };
  try {
    const opened = await openSettingsStore(settings);
    closes.push(() => opened.close());
    const store = seams.store?.(opened) ?? opened;
    const [repository, audit, readPolicy, bus, keys] = await Promise.all([
      openRepository(settings),
      openAudit(settings),
      readSettingsPolicy(settings),
      openBus(settings, log, seams),
      openKeys(settings, store),
    ]);
    closes.push(() => bus.close());
    const { leaseMs } = settings;
    const bot = await startBot({
      ...{ store, bus, chats, repository, audit, planner, readPolicy, clock, newId, log, leaseMs },
      ...keys,
    });
    closes.push(() => bot.stop());
    if (keys.identity !== undefined) {
      const agent = await startOwnAgent(settings, { bus, repository, identity: keys.identity, log });
      closes.push(() => agent.close());
    }
    const hasServices = settings.rabbitmqUrl !== undefined;
    return { bot, store, repository, notes: opened.notes, hasServices, connected: bus.connected, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBus(settings: Settings, log: Logger, seams: BotSeams): Promise<Bus> {
  if (settings.rabbitmqUrl === undefined) return makeMemoryBus();
  // Loaded when it is used: it would cost every other start its time.
  const { openRabbitBus } = await import('../adapters/rabbitmq/open-bus.ts');
  const said = setTimeout(() => process.stderr.write('… waiting for the message broker\n'), sayAfterMs);
  const opening = openRabbitBus({ url: settings.rabbitmqUrl, name: `bot ${settings.terminalName}`, role: 'core', log });
  const bus = await opening.finally(() => clearTimeout(said));
  return seams.bus?.(bus) ?? bus;
}

/** Without services the keys are made for this process: what it signs never leaves it. */
async function openKeys(settings: Settings, store: Store) {
  if (settings.rabbitmqUrl !== undefined) {
    const signingKey = await openSigningKey(settings.signingKeyFile);
    await claimSigningKey(signingKey, { log: store, clock, path: settings.signingKeyFile });
    return { signingKey };
  }
  const signingKey = newKeyPair().privateKey;
  const { file, publicKey } = newIdentity('embedded', 'ansible', signingKey);
  const identity = toIdentity(file);
  const own = {
    name: identity.name,
    pool: identity.pool,
    key: toPublicKey(publicKey),
    since: clock.now().toISOString(),
  };
  return { signingKey, identity, ownAgents: [own] };
}

function startOwnAgent(
  settings: Settings,
  parts: Pick<AgentOptions, 'bus' | 'repository' | 'identity' | 'log'>,
): Promise<Agent> {
  return startAgent({
    ...parts,
    executor: makeAnsibleExecutor({
      ansiblePlaybook: settings.ansiblePlaybook,
      workFolder: join(settings.dataFolder, 'agent', 'work'),
      homelabState: join(settings.dataFolder, 'homelab-state'),
      log: parts.log,
    }),
    folder: join(settings.dataFolder, 'agent'),
    clock,
    newId,
  });
}
