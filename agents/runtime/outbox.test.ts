// What a step printed and the bus has not taken waits on the disk; the step itself waits only where the disk gets short.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { makeMemoryBus } from '../../adapters/memory-bus/memory-bus.ts';
import { toRunId, toTaskId } from '../../core/ids.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { coreSide } from '../../test/fakes/core-side.ts';
import { aFolder, closeStages, now } from '../../test/fakes/stage.ts';
import { makeOutbox } from './outbox.ts';
import { openSpool } from './spool.ts';
import { makeVoice } from './voice.ts';

const never = new AbortController().signal;
afterEach(closeStages);

const about = { task: toTaskId(7), run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 };
const chunk = (seq: number) => ({ seq, text: `${'x'.repeat(999)}\n`, lines: 1 });

/** An outbox whose bus takes nothing until it is let. */
async function openOutbox(spareBytes: number) {
  const bus = makeMemoryBus();
  const way = Promise.withResolvers<void>();
  const shut: Bus = {
    ...bus,
    publish: async (queue, message) => {
      await way.promise;
      return bus.publish(queue, message);
    },
  };
  const { identity } = coreSide(bus, { now: () => now });
  const log = pino({ level: 'silent' });
  const voice = makeVoice({
    ...{ bus: shut, identity, clock: { now: () => now }, newId: randomUUID, log, signal: never },
  });
  const spool = await openSpool(join(await aFolder(), 'x.jsonl'));
  const outbox = makeOutbox({
    ...{ voice, about, spool: Promise.resolve(spool), limits: { backlogBytes: 3_000, spareBytes } },
  });
  return { outbox, spool, letThrough: () => way.resolve() };
}

describe('a step whose output the bus does not take', () => {
  it('goes on while its disk has room', async () => {
    const { outbox, spool, letThrough } = await openOutbox(0);
    for (let seq = 1; seq <= 20; seq += 1) await outbox.output(chunk(seq));
    expect(spool.count()).toBe(20);
    letThrough();
  });

  it('waits once the disk gets short, until the bus has taken some of it', async () => {
    const { outbox, letThrough } = await openOutbox(Number.POSITIVE_INFINITY);
    for (const seq of [1, 2]) await outbox.output(chunk(seq));
    let waits = true;
    const third = outbox.output(chunk(3)).then(() => {
      waits = false;
    });
    // Nothing but the bus can end it; the disk is asked meanwhile, which takes turns of the event loop.
    for (let turns = 0; turns < 100; turns += 1) await turn();
    expect(waits).toBe(true);
    letThrough();
    await third;
  });
});
