import { createHash } from 'node:crypto';
import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { scriptedExecutor } from '../../test/fakes/scripted-executor.ts';
import { aFolder, closeStages, eventually, openStage } from '../../test/fakes/stage.ts';
import { openSpool } from './spool.ts';

afterEach(closeStages);

const chunk = (seq: number) => ({ seq, text: `line ${seq}\n`, lines: 1 });
const outputOf = (told: readonly AgentMessage[]) =>
  told.flatMap((message) => (message.type === 'attempt.output' ? message.chunks : []));

describe('a spool', () => {
  it('gives back what it was given, a few at a time, one at least', async () => {
    const spool = await openSpool(join(await aFolder(), 'x.jsonl'));
    for (let seq = 1; seq <= 5; seq += 1) await spool.append(chunk(seq));
    expect(await spool.read(0, 1)).toEqual([chunk(1)]);
    expect(await spool.read(1, 1_000)).toEqual([2, 3, 4, 5].map(chunk));
    expect(await spool.read(5, 1_000)).toEqual([]);
    expect(await spool.read(99, 1_000)).toEqual([]);
    await spool.close();
  });

  it('does not count a chunk that a crash tore, and goes on after the last whole one', async () => {
    const path = join(await aFolder(), 'x.jsonl');
    const first = await openSpool(path);
    for (const seq of [1, 2]) await first.append(chunk(seq));
    await first.close();
    await appendFile(path, '{"seq":3,"text":"li');
    const again = await openSpool(path);
    expect(again.count()).toBe(2);
    await again.append(chunk(3));
    expect(await again.read(0, 1_000)).toEqual([1, 2, 3].map(chunk));
    await again.close();
  });

  it('takes nothing more after a chunk that could not be kept', async () => {
    const spool = await openSpool(join(await aFolder(), 'x.jsonl'));
    await spool.append(chunk(1));
    await expect(spool.append({ ...chunk(2), lines: 1n as never })).rejects.toThrow();
    await expect(spool.append(chunk(3))).rejects.toThrow();
    expect(await spool.read(0, 1_000)).toEqual([chunk(1)]);
    await spool.close();
  });
});

/** A bus that an agent cannot reach. */
function awayBus() {
  const state = { away: true, tries: 0 };
  const through = (bus: Bus): Bus => ({
    ...bus,
    publish: async (queue, message) => {
      state.tries += 1;
      if (state.away && queue === 'core.events') throw new Error('the broker is away');
      return bus.publish(queue, message);
    },
  });
  return { state, through };
}

const lineOf = (index: number) => `line ${index} ${'x'.repeat(900)}\n`;

describe('output', () => {
  it('waits on the disk while the bus is away, and comes whole and in order afterwards', async () => {
    const { state, through } = awayBus();
    const printed = Promise.withResolvers<void>();
    const executor = scriptedExecutor({
      run: async (report) => {
        state.away = true;
        for (let index = 0; index < 4_000; index += 1) await report.output(Buffer.from(lineOf(index)));
        printed.resolve();
      },
    });
    const { start, folder, told, anOrder, lastWord } = await openStage(executor, { through });
    state.away = false;
    const order = anOrder();
    await start(order);
    await printed.promise;
    expect(outputOf(told)).toEqual([]);
    const [name] = await readdir(join(folder, 'output'));
    expect(name).toBe(`${order.run}.1.jsonl`);
    state.away = false;
    const last = await lastWord(order);
    const chunks = outputOf(told);
    expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => index + 1));
    const text = chunks.map((each) => each.text).join('');
    expect(text).toBe(Array.from({ length: 4_000 }, (_, index) => lineOf(index)).join(''));
    expect(last).toMatchObject({
      chunks: chunks.length,
      result: { output: { sha256: createHash('sha256').update(text).digest('hex'), lines: 4_000 } },
    });
    await eventually(async () => (await readdir(join(folder, 'output'))).length === 0);
  });

  it('is sent again from where core has it, with the last word as a new message that counts up', async () => {
    const executor = scriptedExecutor({
      run: async (report) => {
        for (let index = 0; index < 200; index += 1) await report.output(Buffer.from(lineOf(index)));
      },
    });
    const { start, core, folder, told, anOrder, lastWord } = await openStage(executor);
    core.settles = false;
    const order = anOrder();
    await start(order);
    const first = await lastWord(order);
    const sent = outputOf(told);
    const words = () => told.filter((message) => message.type === 'attempt.finished');
    for (const resent of [1, 2]) {
      const before = told.length;
      await core.tell(order, { type: 'output.wanted', after: 1 });
      await eventually(() => words().length === resent + 1);
      expect(outputOf(told.slice(before))).toEqual(sent.slice(1));
      expect(words().at(-1)).toMatchObject({ resent, chunks: sent.length });
    }
    expect(new Set(words().map(({ id }) => id)).size).toBe(3);
    expect(first).toMatchObject({ resent: 0 });
    await core.tell(order, { type: 'attempt.settled' });
    await eventually(async () => (await readdir(join(folder, 'output'))).length === 0);
    // And what comes late brings nothing back.
    await core.tell(order, { type: 'output.wanted', after: 0 });
    const next = anOrder();
    await start(next);
    await lastWord(next);
    expect(await readdir(join(folder, 'output'))).toEqual([`${next.run}.1.jsonl`]);
  });

  it('that core had not heard before a crash is there after it', async () => {
    const { state, through } = awayBus();
    const printed = Promise.withResolvers<void>();
    const executor = scriptedExecutor({
      run: async (report, _order, stopped) => {
        state.away = true;
        for (let index = 0; index < 300; index += 1) await report.output(Buffer.from(lineOf(index)));
        printed.resolve();
        await stopped;
      },
    });
    const first = await openStage(executor, { through });
    state.away = false;
    const order = first.anOrder();
    await first.start(order);
    await printed.promise;
    // The last lines may still be on their way to the disk; chunks of 64 KiB are there.
    const folder = await first.crashed();
    state.away = false;

    const second = scriptedExecutor();
    const { core, told, lastWord } = await openStage(second, { folder, after: first, settles: false });
    const last = await lastWord(order);
    expect(last).toMatchObject({ type: 'attempt.finished', resent: 0, result: { outcome: 'unknown' } });
    expect(outputOf(told)).toEqual([]);
    expect(second.ended.map(({ tag }) => tag)).toEqual([`${order.run}.1`]);
    await core.tell(order, { type: 'output.wanted', after: 0 });
    await eventually(() => told.some((message) => message.type === 'attempt.finished' && message.resent === 1));
    const chunks = outputOf(told);
    expect(chunks.length).toBeGreaterThan(2);
    expect(last).toMatchObject({ chunks: chunks.length });
    expect(
      Array.from({ length: 300 }, (_, index) => lineOf(index))
        .join('')
        .startsWith(chunks.map(({ text }) => text).join('')),
    ).toBe(true);
  });
});

describe('a crash before the start', () => {
  it('is told as a refusal: nothing was done', async () => {
    const executor = scriptedExecutor();
    const first = await openStage(executor);
    first.core.letGo = false;
    const order = first.anOrder();
    await first.start(order);
    await eventually(() => executor.orders.length === 1);
    const folder = await first.crashed();
    const second = scriptedExecutor();
    const stage = await openStage(second, { folder, after: first });
    expect(await stage.lastWord(order)).toMatchObject({ type: 'attempt.refused', kind: 'NOT_STARTED' });
    await stage.start(order);
    await eventually(() => stage.told.filter(({ type }) => type === 'attempt.refused').length === 2);
    expect(second.orders).toEqual([]);
  });
});
