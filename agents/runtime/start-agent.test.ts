import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { refusal } from '../../core/error.ts';
import { planHash } from '../../core/plan/plan-hash.ts';
import { aPlan } from '../../test/builders/plan.ts';
import { coreSide } from '../../test/fakes/core-side.ts';
import { scriptedExecutor } from '../../test/fakes/scripted-executor.ts';
import { aFolder, closeStages, eventually, now, openStage } from '../../test/fakes/stage.ts';
import type { AgentOptions } from './start-agent.ts';

afterEach(closeStages);

const hello = () => scriptedExecutor({ run: (report) => report.output(Buffer.from('hello\n')) });

describe('an agent', () => {
  it('claims, says that it starts, what it does, and how it ended, in this order', async () => {
    const executor = scriptedExecutor({
      run: async (report) => {
        report.progress({ number: 1, at: now.toISOString(), kind: 'task', host: null, name: 'Say' });
        await report.output(Buffer.from('hello\n'));
      },
    });
    const { start, told, types, lastWord, anOrder } = await openStage(executor);
    const order = anOrder();
    await start(order);
    await lastWord(order);
    expect(told[0]?.type).toBe('attempt.claimed');
    expect(types()).toEqual(['attempt.started', 'attempt.progress', 'attempt.output', 'attempt.finished']);
  });

  it('hides secrets in output, progress, notes, names and messages, and never has them on its disk', async () => {
    const executor = scriptedExecutor({
      run: async (report) => {
        report.secrets(['learned-on-the-way']);
        const text = 'hunter2-hunter2 and learned-on-the-way';
        report.progress({ number: 1, at: now.toISOString(), kind: 'task', host: null, name: text });
        await report.output(Buffer.from(`${text}\n`));
        return {
          ...{ type: 'failed', kind: 'STEP_FAILED', message: text, recap: {}, exitCode: 2 },
          ...{ changed: { host: [text] }, notes: [text] },
        };
      },
    });
    const { start, core, folder, told, lastWord, anOrder } = await openStage(executor);
    core.settles = false;
    const order = anOrder({ secrets: { ref: 'hunter2-hunter2' } });
    await start(order);
    await lastWord(order);
    expect(JSON.stringify(told)).not.toMatch(/hunter2|learned/);
    expect(JSON.stringify(told).match(/\[redacted\] and \[redacted\]/g)).toHaveLength(5);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
    const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
    expect(contents.join('')).toContain('[redacted]');
    for (const hidden of ['hunter2', 'learned', order.sealed]) expect(contents.join('')).not.toContain(hidden);
  });

  it('passes on a refusal, and starts nothing for a plan that is not the approved one', async () => {
    const executor = scriptedExecutor({ refuse: refusal('DISK_FULL', 'Full.') });
    const { start, lastWord, anOrder } = await openStage(executor);
    const full = anOrder();
    await start(full);
    expect(await lastWord(full)).toMatchObject({ type: 'attempt.refused', kind: 'DISK_FULL', reason: 'Full.' });
    const other = anOrder({ planHash: planHash(aPlan({ request: 'another' })) });
    await start(other);
    expect(await lastWord(other)).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
    expect(executor.orders).toHaveLength(1);
  });

  it('keeps its lease alive while a step is silent', async () => {
    const gate = Promise.withResolvers<void>();
    const { start, types, lastWord, anOrder } = await openStage(scriptedExecutor({ run: () => gate.promise }), {
      heartbeatMs: 2,
    });
    const order = anOrder();
    await start(order);
    await eventually(() => types().filter((type) => type === 'attempt.heartbeat').length >= 3);
    gate.resolve();
    await lastWord(order);
  });

  it('tells of a fault in the executor as of a step that nobody knows about', async () => {
    const executor = scriptedExecutor({
      run: async () => {
        throw new Error('broken');
      },
    });
    const { start, lastWord, anOrder } = await openStage(executor);
    const order = anOrder();
    await start(order);
    expect(await lastWord(order)).toMatchObject({
      type: 'attempt.finished',
      result: { outcome: 'unknown', error: { kind: 'STEP_UNKNOWN' } },
    });
  });

  it('refuses a step whose output it has no place for', async () => {
    const folder = await aFolder();
    const executor = hello();
    const { start, lastWord, anOrder } = await openStage(executor, { folder });
    await writeFile(join(folder, 'output'), 'in the way');
    const order = anOrder();
    await start(order);
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'PREPARE_FAILED' });
    expect(executor.orders).toEqual([]);
  });
});

describe('between claim and start, an agent', () => {
  it('never starts without core’s word, and asks again', async () => {
    const executor = hello();
    const { start, core, told, lastWord, anOrder } = await openStage(executor, {
      permission: { againMs: 2, validMs: 9_000 },
    });
    core.letGo = false;
    const order = anOrder();
    await start(order);
    const claims = () => told.filter(({ type }) => type === 'attempt.claimed').map(({ id }) => id);
    await eventually(() => claims().length >= 3);
    expect(new Set(claims()).size).toBe(claims().length);
    expect(executor.started()).toBe(0);
    core.letGo = true;
    expect((await lastWord(order)).type).toBe('attempt.finished');
    expect(executor.started()).toBe(1);
  });

  it('does not take the word for another life, or for another token, for its own', async () => {
    const executor = hello();
    const { start, core, told, anOrder } = await openStage(executor);
    core.letGo = false;
    const order = anOrder();
    await start(order);
    const claim = await eventually(() => told.find(({ type }) => type === 'attempt.claimed'));
    await core.tell(order, { type: 'step.go', claim: 'of another life' });
    await core.tell({ ...order, token: 2 }, { type: 'step.go', claim: claim?.id ?? '' });
    await core.tell({ ...order, run: anOrder().run }, { type: 'step.go', claim: claim?.id ?? '' });
    // The cancel comes after them on the same queue: they have been heard by then.
    await core.cancel(order);
    await eventually(() => told.some(({ type }) => type === 'attempt.refused'));
    expect(executor.started()).toBe(0);
  });

  it('gives up when core has not answered until the command’s time is over', async () => {
    let at = now;
    const executor = hello();
    const stage = await openStage(executor, {
      clock: { now: () => at },
      permission: { againMs: 2, validMs: 9_000 },
    });
    stage.core.letGo = false;
    const order = stage.anOrder();
    await stage.start(order);
    await eventually(() => executor.orders.length === 1);
    at = new Date(now.getTime() + 3_600_000);
    expect(await stage.lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'EXPIRED' });
    expect(executor.discarded()).toBe(1);
  });
});

describe('a cancel', () => {
  const waiting = () => scriptedExecutor({ run: (_report, _order, stopped) => stopped });

  it('that comes before its command lets nothing start', async () => {
    const executor = waiting();
    const { start, core, lastWord, anOrder } = await openStage(executor);
    const order = anOrder();
    await core.cancel(order);
    const other = anOrder();
    await core.cancel(other);
    await start(order);
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
    expect(executor.orders).toEqual([]);
  });

  it('while the step is prepared lets nothing start', async () => {
    const executor = waiting();
    const gate = Promise.withResolvers<void>();
    const folder = await aFolder();
    const asked = Promise.withResolvers<void>();
    const repository: AgentOptions['repository'] = {
      checkout: async () => {
        asked.resolve();
        await gate.promise;
        return { path: folder, leftOut: [], release: async () => {} };
      },
    };
    const { start, core, lastWord, anOrder } = await openStage(executor, { folder, repository });
    const order = anOrder();
    await start(order);
    await asked.promise;
    await core.cancel(order);
    await core.tell(order, { type: 'step.go', claim: 'heard after the cancel' });
    await eventually(() => true);
    gate.resolve();
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
    expect(executor.started()).toBe(0);
  });

  it('while it waits for core’s word leaves nothing of the step', async () => {
    const executor = waiting();
    const { start, core, lastWord, anOrder } = await openStage(executor);
    core.letGo = false;
    const order = anOrder();
    await start(order);
    await eventually(() => executor.orders.length === 1);
    await core.cancel(order);
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
    expect([executor.started(), executor.discarded()]).toEqual([0, 1]);
  });

  it('while the step runs ends it, and one after its end changes nothing', async () => {
    const executor = waiting();
    const { start, core, told, lastWord, anOrder } = await openStage(executor);
    const order = anOrder();
    await start(order);
    await eventually(() => executor.running() === 1);
    await core.cancel(order);
    expect(await lastWord(order)).toMatchObject({ type: 'attempt.finished', result: { outcome: 'cancelled' } });
    const before = told.length;
    await core.cancel(order);
    const next = anOrder();
    await start(next);
    await eventually(() => executor.running() === 1);
    await core.cancel(next);
    await lastWord(next);
    expect(told.slice(before).every(({ run }) => run === next.run)).toBe(true);
  });
});

describe('slots', () => {
  it('take as many steps at once as there are, of both queues, and leave the rest for others', async () => {
    const gate = Promise.withResolvers<void>();
    const executor = scriptedExecutor({ run: () => gate.promise });
    const { start, bus, lastWord, anOrder } = await openStage(executor, { concurrency: 2 });
    const orders = [anOrder(), anOrder(), anOrder()];
    const [first, second, third] = orders;
    if (!first || !second || !third) throw new Error('three orders');
    await start(first, 'high');
    await start(second, 'normal');
    await start(third, 'normal');
    await eventually(() => executor.running() === 2);
    const seen: unknown[] = [];
    const stop = await bus.consume('agent.ansible.normal', async (message) => {
      seen.push(message);
      return 'again';
    });
    await eventually(() => seen.length > 0);
    await stop();
    gate.resolve();
    for (const order of orders) expect((await lastWord(order)).type).toBe('attempt.finished');
    expect(executor.orders).toHaveLength(3);
  });

  it('go to the steps of runs that have begun first, and a step that waits is never sent back and forth', async () => {
    const gates = Array.from({ length: 30 }, () => Promise.withResolvers<void>());
    let at = 0;
    const executor = scriptedExecutor({ run: async () => gates[at++]?.promise });
    // What waits in a broker's queue comes a moment after the consumer.
    const { start, bus, lastWord, anOrder } = await openStage(executor, {
      through: (real) => ({
        ...real,
        consume: (queue, handler) =>
          real.consume(queue, async (message) => {
            if (queue === 'agent.ansible.high') await wait(3);
            return handler(message);
          }),
      }),
    });
    const busy = anOrder();
    await start(busy);
    await eventually(() => executor.running() === 1);
    const normal = anOrder();
    await start(normal, 'normal');
    const high = Array.from({ length: 25 }, () => anOrder());
    for (const order of high) await start(order, 'high');
    for (const gate of gates) gate.resolve();
    await lastWord(normal);
    expect(executor.orders.map(({ attempt }) => attempt)).toEqual([busy, ...high, normal].map(({ run }) => `${run}.1`));
    expect(bus.putAside('agent.ansible.normal')).toEqual([]);
  });

  it('are not taken by what comes while the agent closes', async () => {
    const executor = hello();
    const { start, agent, anOrder, bus } = await openStage(executor);
    const closing = agent.close();
    await start(anOrder());
    await closing;
    expect(executor.orders).toEqual([]);
    expect(bus.putAside('agent.ansible.normal')).toEqual([]);
  });
});

describe('one identity, one folder', () => {
  it('refuses the folder of another agent', async () => {
    const first = await openStage(hello());
    await first.agent.close();
    const other = coreSide(first.bus, { agent: 'two' });
    await expect(openStage(hello(), { folder: first.folder, identity: other.identity })).rejects.toMatchObject({
      kind: 'DATA_FOLDER_IN_USE',
    });
  });

  it('refuses a second process under the same name on the bus, and it takes no command', async () => {
    const first = await openStage(hello());
    const bus = makeMemoryBus();
    const taken = { ...bus, hold: first.bus.hold };
    const executor = hello();
    await expect(openStage(executor, { through: () => taken })).rejects.toMatchObject({ kind: 'BUS_NAME_TAKEN' });
    expect(executor.orders).toEqual([]);
  });
});
