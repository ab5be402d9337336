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
import { openStore } from '../adapters/postgres/open-store.ts';
import type { TerminalChat, TerminalOptions } from '../adapters/terminal/terminal-chat.ts';
import { makeTerminalChat } from '../adapters/terminal/terminal-chat.ts';
import { makeAnsibleExecutor } from '../agents/ansible/executor.ts';
import { startAgent } from '../agents/runtime/start-agent.ts';
import { planByRules } from '../core/planner/plan-by-rules.ts';
import type { Planner } from '../core/planner/planner.ts';
import type { Chat } from '../core/ports/chat.ts';
import type { Store } from '../core/ports/event-log.ts';
import type { AuditRepository, InfrastructureRepository } from '../core/ports/repository.ts';
import { openPolicyFile } from './policy-file.ts';
import type { Settings } from './settings.ts';
import type { Bot } from './start-bot.ts';
import { startBot } from './start-bot.ts';

export const clock = { now: () => new Date() };
export const newId = () => randomUUID();

const root = resolve(import.meta.dirname, '..');
/** How long an agent may be silent before nobody can say what it did. */
const leaseMs = 60_000;

/** The first tier alone; the local model and Claude will stand behind the same port. */
export const planner: Planner = async (input) => planByRules(input);

export type { TerminalChat };

export function openTerminal(options: TerminalOptions): TerminalChat {
  return makeTerminalChat(options);
}

export function openLog(settings: Settings): Logger {
  const destination = pino.destination({
    dest: join(settings.dataFolder, 'chiffon.log'),
    mkdir: true,
    sync: true,
    mode: 0o600,
  });
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

export type Running = {
  readonly bot: Bot;
  readonly store: Store;
  readonly repository: InfrastructureRepository;
  readonly notes: readonly string[];
  /** Stops everything, the run of a live step too. */
  readonly close: () => Promise<void>;
};

/** The whole program in one process: embedded or served database, in-memory bus, Ansible agent. */
export async function startEmbedded(settings: Settings, chats: readonly Chat[], log: Logger): Promise<Running> {
  await openDataFolder(settings);
  const store = await openSettingsStore(settings);
  try {
    const [repository, audit, readPolicy] = await Promise.all([
      openRepository(settings),
      openAudit(settings),
      openPolicyFile(settings.policyFile),
    ]);
    const bus = makeMemoryBus();
    const bot = await startBot({
      store,
      bus,
      chats,
      repository,
      audit,
      planner,
      readPolicy,
      clock,
      newId,
      log,
      leaseMs,
    });
    const agent = await startAgent({
      bus,
      pool: 'ansible',
      name: 'embedded',
      executor: makeAnsibleExecutor({
        ansiblePlaybook: settings.ansiblePlaybook,
        workFolder: join(settings.dataFolder, 'agent', 'work'),
        homelabState: join(settings.dataFolder, 'homelab-state'),
        log,
      }),
      repository,
      folder: join(settings.dataFolder, 'agent'),
      clock,
      newId,
      log,
    });
    return {
      bot,
      store,
      repository,
      notes: store.notes,
      close: async () => {
        await agent.close();
        await bot.stop();
        await bus.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
