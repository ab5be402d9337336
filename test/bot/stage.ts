// The bot's side of the bus for tests: the real store and decider on PostgreSQL, the memory bus, real keys and signatures. Agents
// are voices that say what a test has them say, and hear what core tells them.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { MemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { openStore } from '../../adapters/postgres/open-store.ts';
import { appendToSystem } from '../../bot/append-to-system.ts';
import { listenToAgents } from '../../bot/dispatch/agent-events.ts';
import { openAgentRegistry } from '../../bot/dispatch/agent-registry.ts';
import { makeCoreVoice } from '../../bot/dispatch/core-voice.ts';
import { watchLeases } from '../../bot/dispatch/leases.ts';
import { makeSubmit } from '../../bot/submit.ts';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { envelopeOf } from '../../core/contracts/envelope.ts';
import type { AgentMessage, CoreMessage } from '../../core/contracts/messages.ts';
import { coreMessageSchema } from '../../core/contracts/messages.ts';
import { openMessage } from '../../core/contracts/open-message.ts';
import { controlQueue } from '../../core/contracts/queues.ts';
import { newKeyPair, publicKeyText, signed, toPublicKey } from '../../core/contracts/signature.ts';
import type { TaskId } from '../../core/ids.ts';
import { toActorId, toConversationId, toRunId } from '../../core/ids.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import type { TaskEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { liveAttempt, planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy } from '../builders/plan.ts';
import { until } from '../services/until.ts';
import { freshDatabase } from '../setup/postgres.ts';

export type Stage = Awaited<ReturnType<typeof openStage>>;
export type Voice = Awaited<ReturnType<Stage['agent']>>;

export const person = { id: toActorId('terminal:local'), name: 'local', roles: [] };
export const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
const clock = { now: () => new Date() };
const later = () => new Date(Date.now() + 3_600_000).toISOString();

const migrated = {
  name: 'bot',
  make: async (databaseUrl: string) => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-template-'));
    await (await openStore({ dataFolder, databaseUrl })).close();
    await rm(dataFolder, { recursive: true });
  },
};

type Speech = AgentMessage extends infer Each
  ? Each extends AgentMessage
    ? Omit<Each, keyof ReturnType<typeof envelopeOf>>
    : never
  : never;

export type StageOptions = {
  readonly leaseMs?: number;
  readonly unclaimedMs?: number;
  readonly repository?: InfrastructureRepository;
  /** The store as what listens to agents sees it. */
  readonly through?: (store: Store) => Store;
  /** The bus as the leases see it. */
  readonly throughBus?: (bus: MemoryBus) => Bus;
};

export async function openStage(options: StageOptions = {}) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'chiffon-bot-'));
  const database = await freshDatabase(migrated);
  const opened = await openStore({ dataFolder, databaseUrl: database.url });
  const store = options.through?.(opened) ?? opened;
  const bus = makeMemoryBus({ redeliveryMs: 1 });
  const signingKey = newKeyPair().privateKey;
  const leaseMs = options.leaseMs ?? 60_000;
  const submit = makeSubmit({ log: opened, clock });
  const voice = makeCoreVoice({ bus, signingKey, clock, newId: randomUUID, leaseMs });
  const registry = await openAgentRegistry(opened);
  const closes: (() => Promise<unknown>)[] = [
    () => rm(dataFolder, { recursive: true }),
    database.drop,
    () => opened.close(),
    () => bus.close(),
  ];

  const leases = watchLeases({
    ...{ store, submit, newId: randomUUID, log, leaseMs },
    bus: options.throughBus?.(bus) ?? bus,
    ...(options.unclaimedMs !== undefined && { unclaimedMs: options.unclaimedMs }),
  });
  closes.push(async () => leases.stop());
  const repository = options.repository ?? notUsed();
  const parts = {
    bus,
    store,
    submit: makeSubmit({ log: store, clock }),
    leases,
    voice,
    registry,
    repository,
    clock,
    log,
  };
  closes.push(await listenToAgents(parts));

  const act = async (task: TaskId, ...commands: readonly TaskCommand[]): Promise<TaskState> => {
    for (const command of commands) {
      const submitted = await submit(task, person.id, command);
      if (submitted.type === 'refusal') throw new Error(`${command.type}: ${submitted.message}`);
    }
    return stateOf(task);
  };
  const stateOf = async (task: TaskId) => replay(task, await opened.readTask(task));

  /** A task up to its approval. */
  const approved = async (change: Partial<Plan> = {}): Promise<TaskState> => {
    const task = await opened.nextTask();
    const received = await act(task, {
      ...{ type: 'receive', conversation: toConversationId('terminal:local'), requester: person.id },
      ...{ request: 'deploy grafana', messageId: `m${task}` },
    });
    const plan = aPlan({ task, expiresAt: later(), ...change });
    return act(
      task,
      { type: 'propose', basis: planningBasis(received), plan, policy: aPolicy() },
      { type: 'approve', person, policy: aPolicy(), on: {}, now: clock.now().toISOString() },
    );
  };

  return {
    ...{ store: opened, bus, submit, voice, registry, leases, signingKey, clock, act, stateOf, approved },
    /** A task with an attempt that is out for an agent to take. */
    granted: async (change: Partial<Plan> = {}) => {
      const state = await approved(change);
      const run = toRunId(randomUUID());
      const planHash = state.proposal?.planHash;
      if (planHash === undefined) throw new Error('no plan');
      const begun = await act(state.task, { type: 'start-run', run, planHash, now: clock.now().toISOString() });
      return aboutOf(begun);
    },
    eventsOf: async (task: TaskId): Promise<readonly TaskEvent[]> =>
      (await opened.readTask(task)).map(({ event }) => event),
    /** Resolves when everything that was said to core so far has been handled. */
    heard: async () => {
      const mark = { type: 'test.mark', id: randomUUID() };
      await bus.publish('core.events', mark);
      await until(() => bus.putAside('core.events').some((each) => isSame(each, mark)), { everyMs: 2 });
    },
    /** Messages that were put aside, without the tests' own marks. */
    putAside: () => bus.putAside('core.events').filter((each) => !isMark(each)),
    revoke: (name: string) =>
      appendToSystem({ log: opened, clock }, person.id, { type: 'agent.revoked', name, reason: 'test' }),
    /** An agent's voice; enrolled unless told otherwise. */
    agent: async (name: string, { pool = 'ansible', enrolled = true } = {}) => {
      const pair = newKeyPair();
      if (enrolled)
        await appendToSystem({ log: opened, clock }, person.id, {
          type: 'agent.enrolled',
          ...{ name, pool, publicKey: publicKeyText(pair.publicKey) },
        });
      const told: CoreMessage[] = [];
      closes.push(
        await bus.consume(controlQueue(name), async (raw) => {
          const message = openMessage(raw, {
            schema: coreMessageSchema,
            keyOf: () => toPublicKey(publicKeyText(signingKey)),
            addresses: [`agent:${name}`],
            now: clock.now,
          });
          if (message.type === 'refusal') throw new Error(message.message);
          told.push(message);
          return 'done';
        }),
      );
      const instance = randomUUID();
      const word = (about: AttemptAbout, speech: Speech) =>
        signed({ ...envelopeOf({ name, clock, newId: randomUUID }, 'core', about), ...speech }, pair.privateKey);
      return {
        ...{ name, instance, told, word },
        say: async (about: AttemptAbout, speech: Speech) => {
          const message = word(about, speech);
          await bus.publish('core.events', message);
          return message;
        },
        /** Resolves when core has told it so much of this type. */
        isTold: (type: CoreMessage['type'], times = 1) =>
          until(() => told.filter((each) => each.type === type).length >= times, {
            everyMs: 2,
            timeoutMs: 10_000,
            what: () => `${type}, ${times} times (${told.map((each) => each.type).join(' ')})`,
          }),
        claim: (about: AttemptAbout) =>
          bus.publish('core.events', word(about, { type: 'attempt.claimed', pool, instance })),
        started: (about: AttemptAbout) =>
          bus.publish('core.events', word(about, { type: 'attempt.started', instance })),
      };
    },
    close: async () => {
      for (const each of closes.splice(0).reverse()) await each();
    },
  };
}

/** Lines with a digest and a count, as an agent tells of them. */
export function lastWord(
  instance: string,
  output: { readonly lines: number; readonly bytes: number; readonly chunks: number },
  change: { readonly resent?: number; readonly outcome?: 'succeeded' | 'failed' | 'cancelled' } = {},
): Extract<Speech, { type: 'attempt.finished' }> {
  const { outcome = 'succeeded', resent = 0 } = change;
  const error = outcome === 'failed' ? { kind: 'STEP_FAILED', message: 'It failed.' } : null;
  return {
    type: 'attempt.finished',
    ...{ instance, resent, chunks: output.chunks },
    result: {
      ...{ outcome, error, recap: {}, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
      output: { sha256: 'a'.repeat(64), lines: output.lines, bytes: output.bytes },
    },
  };
}

export function aboutOf(state: TaskState): AttemptAbout {
  const live = liveAttempt(state);
  if (live === undefined || state.run === null) throw new Error(`task #${state.task} has no live attempt`);
  return { task: state.task, run: state.run, step: live.step, attempt: live.attempt, token: live.token };
}

function isMark(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'test.mark';
}

function isSame(one: unknown, mark: { readonly id: string }): boolean {
  return typeof one === 'object' && one !== null && 'id' in one && one.id === mark.id;
}

/** For tests in which no commit is asked for. */
function notUsed(): InfrastructureRepository {
  const no = () => {
    throw new Error('this test has no repository');
  };
  return new Proxy({} as InfrastructureRepository, { get: () => no });
}
