// A stage for the agent's runtime: an agent with a scripted executor, core's side of the protocol, and what the agent told it.
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { vi } from 'vitest';
import type { MemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import type { Executor } from '../../agents/runtime/executor.ts';
import type { Agent, AgentOptions } from '../../agents/runtime/start-agent.ts';
import { startAgent } from '../../agents/runtime/start-agent.ts';
import type { AgentMessage, LastWord, StartStep } from '../../core/contracts/messages.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { aPlan, aStep } from '../builders/plan.ts';
import type { CoreSide } from './core-side.ts';
import { coreSide } from './core-side.ts';

export const now = new Date('2026-01-01T12:00:00Z');

/** A condition, with time for a busy machine. */
export const eventually = <T>(check: () => T) => vi.waitUntil(check, { timeout: 8_000, interval: 1 });

const disposals: (() => Promise<unknown>)[] = [];
export async function closeStages(): Promise<void> {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
}

export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-runtime-'));
  disposals.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type Stage = {
  readonly bus: MemoryBus;
  readonly core: CoreSide;
  readonly agent: Agent;
  readonly folder: string;
  /** What the agent has said, in order; without its claims and heartbeats unless asked for. */
  readonly told: readonly AgentMessage[];
  readonly types: () => readonly string[];
  readonly anOrder: CoreSide['order'] extends (plan: never, change?: infer Change) => StartStep
    ? (change?: Change) => StartStep
    : never;
  readonly start: CoreSide['start'];
  readonly lastWord: (order: StartStep) => Promise<LastWord>;
  /** The agent's folder as it lies on the disk right now, in a place of its own: a crash at this moment. */
  readonly crashed: () => Promise<string>;
};

export type StageOptions = Partial<AgentOptions> & {
  /** An earlier stage, whose core and bus go on. */
  readonly after?: Stage;
  /** The bus as the agent sees it. */
  readonly through?: (bus: MemoryBus) => Bus;
  /** False: core does not say that it has recorded an end. */
  readonly settles?: boolean;
};

export async function openStage(executor: Executor, options: StageOptions = {}): Promise<Stage> {
  const { after, through, settles = true, ...agentOptions } = options;
  const bus = makeMemoryBus();
  const clock = options.clock ?? { now: () => now };
  const core = coreSide(bus, { now: () => now, ...(after && { signingKey: after.core.signingKey }) });
  core.settles = settles;
  const told: AgentMessage[] = [];
  await core.listen((message) => void told.push(message));
  const folder = options.folder ?? (await aFolder());
  const agent = await startAgent({
    ...{ bus: through?.(bus) ?? bus, identity: core.identity, executor, folder, clock, newId: randomUUID },
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    repository: { checkout: async () => ({ path: folder, leftOut: [], release: async () => {} }) },
    ...agentOptions,
  });
  disposals.push(async () => {
    await agent.close();
    await bus.close();
  });
  await agent.ready;
  const found = (order: StartStep) =>
    told.find(
      (message): message is LastWord =>
        message.run === order.run && (message.type === 'attempt.finished' || message.type === 'attempt.refused'),
    );
  return {
    ...{ bus, core, agent, folder, told },
    types: () => told.map(({ type }) => type).filter((type) => type !== 'attempt.claimed'),
    anOrder: (change) => core.order(aPlan({ steps: [aStep({ digests: [] })] }), change),
    start: core.start,
    lastWord: async (order) => {
      const last = await eventually(() => found(order));
      if (last === undefined) throw new Error('no last word came');
      return last;
    },
    crashed: async () => {
      const copy = await aFolder();
      await cp(folder, copy, { recursive: true, filter: (path) => !path.includes('agent.lock') });
      return copy;
    },
  };
}
