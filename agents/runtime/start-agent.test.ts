import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import type { AgentEvent, StartStep } from '../../core/contracts/messages.ts';
import { agentEventSchema, protocolVersion } from '../../core/contracts/messages.ts';
import { refusal } from '../../core/error.ts';
import { toRunId } from '../../core/ids.ts';
import { planHash } from '../../core/plan/plan-hash.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { aPlan, aStep } from '../../test/builders/plan.ts';
import { scriptedExecutor } from '../../test/fakes/scripted-executor.ts';
import type { Executor } from './executor.ts';
import type { Agent, AgentOptions } from './start-agent.ts';
import { startAgent } from './start-agent.ts';

const now = new Date('2026-01-01T12:00:00Z');
/** A condition, with time for a busy machine. */
const eventually = <T>(check: () => T) => vi.waitUntil(check, { timeout: 8_000, interval: 2 });

const disposals: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-runtime-'));
  disposals.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function open(executor: Executor, options: Partial<AgentOptions> = {}) {
  const bus = options.bus ?? makeMemoryBus();
  const told: AgentEvent[] = [];
  await bus.consume('core.events', async (message) => {
    told.push(agentEventSchema.parse(message));
    return 'done';
  });
  const folder = options.folder ?? (await aFolder());
  const agent: Agent = await startAgent({
    ...{ bus, pool: 'ansible', name: 'one', executor, folder, newId: randomUUID, log: pino({ level: 'silent' }) },
    repository: { checkout: async () => ({ path: folder, leftOut: [], release: async () => {} }) },
    clock: { now: () => now },
    ...options,
  });
  await agent.ready;
  disposals.push(async () => {
    await agent.close();
    await bus.close();
  });
  const types = () => told.map(({ type }) => type);
  const last = (order: StartStep) =>
    told.find(({ type, run }) => run === order.run && (type === 'attempt.finished' || type === 'attempt.refused'));
  return {
    bus,
    told,
    types,
    agent,
    folder,
    lastWord: (order: StartStep) => eventually(() => last(order)),
  };
}

function anOrder(change: Partial<StartStep> = {}): StartStep {
  const plan = aPlan({ steps: [aStep({ digests: [] })] });
  return {
    ...{ type: 'step.start', protocol: protocolVersion, id: randomUUID(), sentAt: now.toISOString(), sender: 'core' },
    ...{ task: plan.task, run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 },
    ...{ plan, planHash: planHash(plan), commit: plan.commit, secrets: {}, expiresAt: '2026-01-01T13:00:00.000Z' },
    ...change,
  };
}

function cancelOf({ protocol, task, run, step, attempt, token, sentAt, sender }: StartStep) {
  return {
    type: 'step.cancel',
    id: randomUUID(),
    reason: '',
    ...{ protocol, task, run, step, attempt, token, sentAt, sender },
  };
}

describe('an agent', () => {
  it('says that it starts, what it does, and how it ended, in this order', async () => {
    const executor = scriptedExecutor({
      run: async (report) => {
        report.progress({ number: 1, at: now.toISOString(), kind: 'task', host: null, name: 'Say' });
        await report.output(Buffer.from('hello\n'));
      },
    });
    const { bus, types, lastWord } = await open(executor);
    const order = anOrder();
    await bus.publish('agent.ansible', order);
    await lastWord(order);
    expect(types()).toEqual(['attempt.started', 'attempt.progress', 'attempt.output', 'attempt.finished']);
  });

  it('hides secrets in output, progress, notes, names and messages', async () => {
    const executor = scriptedExecutor({
      run: async (report) => {
        report.secrets(['learned-on-the-way']);
        const text = 'hunter2-hunter2 and learned-on-the-way';
        report.progress({ number: 1, at: now.toISOString(), kind: 'task', host: null, name: text });
        await report.output(Buffer.from(`${text}\n`));
        return {
          type: 'failed',
          kind: 'STEP_FAILED',
          message: text,
          recap: {},
          changed: { host: [text] },
          notes: [text],
          exitCode: 2,
        };
      },
    });
    const { bus, told, lastWord } = await open(executor);
    const order = anOrder({ secrets: { ref: 'hunter2-hunter2' } });
    await bus.publish('agent.ansible', order);
    await lastWord(order);
    expect(JSON.stringify(told)).not.toMatch(/hunter2|learned/);
    expect(JSON.stringify(told).match(/\[redacted\] and \[redacted\]/g)).toHaveLength(5);
  });

  it('passes on a refusal, and starts nothing for a plan that is not the approved one', async () => {
    const executor = scriptedExecutor({ refuse: refusal('DISK_FULL', 'Full.') });
    const { bus, lastWord } = await open(executor);
    const full = anOrder();
    await bus.publish('agent.ansible', full);
    expect(await lastWord(full)).toMatchObject({ type: 'attempt.refused', kind: 'DISK_FULL', reason: 'Full.' });
    const other = anOrder({ planHash: planHash(aPlan({ request: 'another' })) });
    await bus.publish('agent.ansible', other);
    expect(await lastWord(other)).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
    const late = anOrder({ expiresAt: '2026-01-01T11:59:59.000Z' });
    await bus.publish('agent.ansible', late);
    expect(await lastWord(late)).toMatchObject({ type: 'attempt.refused', kind: 'EXPIRED' });
    expect(executor.orders).toHaveLength(1);
  });

  it('runs as many steps at once as it has slots, and leaves the rest in the queue for others', async () => {
    const gate = Promise.withResolvers<void>();
    const executor = scriptedExecutor({ run: () => gate.promise });
    const { bus, lastWord } = await open(executor, { concurrency: 2 });
    const orders = [anOrder(), anOrder(), anOrder()];
    for (const order of orders) await bus.publish('agent.ansible', order);
    await eventually(() => executor.running() === 2);
    const seen: unknown[] = [];
    const stop = await bus.consume('agent.ansible', async (message) => {
      seen.push(message);
      return 'again';
    });
    await eventually(() => seen.length > 0);
    await stop();
    gate.resolve();
    for (const order of orders) expect((await lastWord(order)).type).toBe('attempt.finished');
    expect(executor.orders).toHaveLength(3);
  });

  it('cancels a step that runs, by its own name’s queue too', async () => {
    const executor = scriptedExecutor({ run: (_report, _order, stopped) => stopped });
    const { bus, lastWord } = await open(executor);
    for (const queue of ['agent-control.ansible', 'agent-control.one'] as const) {
      const order = anOrder();
      await bus.publish('agent.ansible', order);
      await eventually(() => executor.running() === 1);
      await bus.publish(queue, cancelOf(order));
      expect(await lastWord(order)).toMatchObject({ type: 'attempt.finished', result: { outcome: 'cancelled' } });
    }
  });

  it('keeps its lease alive while a step is silent', async () => {
    const gate = Promise.withResolvers<void>();
    const { bus, types, lastWord } = await open(scriptedExecutor({ run: () => gate.promise }), { heartbeatMs: 2 });
    const order = anOrder();
    await bus.publish('agent.ansible', order);
    await eventually(() => types().filter((type) => type === 'attempt.heartbeat').length >= 3);
    gate.resolve();
    await lastWord(order);
  });

  it('keeps what it has to say while the bus is away', async () => {
    const memory = makeMemoryBus();
    let away = true;
    const bus: Bus = {
      ...memory,
      publish: async (queue, message) => {
        if (away && queue === 'core.events') throw new Error('the broker is away');
        return memory.publish(queue, message);
      },
    };
    const executor = scriptedExecutor({ run: (report) => report.output(Buffer.from('hello\n')) });
    const { types, lastWord } = await open(executor, { bus });
    const order = anOrder();
    await bus.publish('agent.ansible', order);
    await eventually(() => executor.orders.length === 1);
    away = false;
    await lastWord(order);
    expect(types()).toEqual(['attempt.started', 'attempt.output', 'attempt.finished']);
  });

  it('tells of a fault in the executor as of a step that nobody knows about', async () => {
    const executor = scriptedExecutor({
      run: async () => {
        throw new Error('broken');
      },
    });
    const { bus, lastWord } = await open(executor);
    const order = anOrder();
    await bus.publish('agent.ansible', order);
    expect(await lastWord(order)).toMatchObject({
      type: 'attempt.finished',
      result: { outcome: 'unknown', error: { kind: 'STEP_UNKNOWN' } },
    });
  });

  it('stopped while it prepares a step, never runs it', async () => {
    const executor = scriptedExecutor();
    const gate = Promise.withResolvers<void>();
    const folder = await aFolder();
    const repository: AgentOptions['repository'] = {
      checkout: async () => {
        await gate.promise;
        return { path: folder, leftOut: [], release: async () => {} };
      },
    };
    const { bus, lastWord } = await open(executor, { folder, repository });
    const order = anOrder();
    await bus.publish('agent.ansible', order);
    await bus.publish('agent-control.one', cancelOf(order));
    const handled = Promise.withResolvers<void>();
    setImmediate(() => setImmediate(() => setImmediate(handled.resolve)));
    await handled.promise;
    gate.resolve();
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
    expect(executor.running()).toBe(0);
  });
});

describe('after a restart, an agent', () => {
  it('ends what is left of a step that ran, says that nobody knows, and runs it no more', async () => {
    const folder = await aFolder();
    const stuck = scriptedExecutor({ run: () => new Promise<void>(() => {}) });
    const first = makeMemoryBus();
    const order = anOrder();
    // This agent is never closed: it is as good as dead.
    await startAgent({
      ...{
        bus: first,
        pool: 'ansible',
        name: 'one',
        executor: stuck,
        folder,
        newId: randomUUID,
        log: pino({ level: 'silent' }),
      },
      repository: { checkout: async () => ({ path: folder, leftOut: [], release: async () => {} }) },
      clock: { now: () => now },
    });
    await first.publish('agent.ansible', order);
    await eventually(() => stuck.running() === 1);

    const executor = scriptedExecutor();
    const { bus, told, lastWord } = await open(executor, { folder });
    expect(await lastWord(order)).toMatchObject({
      type: 'attempt.finished',
      result: { outcome: 'unknown' },
      chunks: 0,
    });
    expect(executor.ended.map(({ tag }) => tag)).toEqual([`${order.run}.1`]);
    await bus.publish('agent.ansible', order);
    await eventually(() => told.length === 2);
    expect(told[1]).toEqual(told[0]);
    expect(executor.orders).toEqual([]);
  });
});
