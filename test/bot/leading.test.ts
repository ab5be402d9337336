// Work that one bot at a time does: it begins, ends, and stops in every phase, and nothing waits for what may never come.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openAuditRepository } from '../../adapters/git/open-audit.ts';
import { leadWork } from '../../bot/leading/lead-work.ts';
import { makeProgressed } from '../../bot/leading/progressed.ts';
import { whileLeading } from '../../bot/leading/while-leading.ts';
import { makeReadRepository } from '../../bot/planning/read-repository.ts';
import { startProjector } from '../../bot/projectors/projector.ts';
import { poolQueue } from '../../core/contracts/queues.ts';
import { ChiffonError } from '../../core/error.ts';
import { planByRules } from '../../core/planner/plan-by-rules.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { LeaderElection, Store } from '../../core/ports/event-log.ts';
import { aPolicy, aStep } from '../builders/plan.ts';
import { makeLab, makeScratch } from '../git/scratch.ts';
import { until } from '../services/until.ts';
import type { Stage } from './stage.ts';
import { log, openStage } from './stage.ts';

const scratch = makeScratch();
let stage: Stage;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await stage.close();
});

const soon = <T>(look: () => T) => until(look, { everyMs: 2, timeoutMs: 10_000 });
/** For what must not happen while everything else that is under way goes on. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const away = () => new ChiffonError('DATABASE_FAILED', 'The database is away.');
const gate = () => Promise.withResolvers<void>();

describe('leading', () => {
  it('ends its work before another one leads', async () => {
    stage = await openStage();
    const [ending, said] = [gate(), [] as string[]];
    const first = whileLeading({
      ...{ name: 'work', store: stage.store, log },
      begin: async () => async () => {
        said.push('first ends');
        await ending.promise;
        said.push('first has ended');
      },
    });
    await first.begun;
    const second = whileLeading({
      ...{ name: 'work', store: stage.store, log },
      begin: async () => {
        said.push('second begins');
        return async () => {};
      },
    });
    const stopping = first.stop();
    await soon(() => said.length === 1);
    await turns();
    expect(said).toEqual(['first ends']);
    ending.resolve();
    await stopping;
    await second.begun;
    expect(said).toEqual(['first ends', 'first has ended', 'second begins']);
    await second.stop();
  });

  it('that is given up from within ends the work, and leads again', async () => {
    stage = await openStage();
    const said: string[] = [];
    let giveUp = (): void => {};
    const led = whileLeading({
      ...{ name: 'work', store: stage.store, log },
      begin: async ({ token }, _over, give) => {
        said.push(`begins ${token}`);
        giveUp = give;
        return async () => void said.push(`ends ${token}`);
      },
    });
    await led.begun;
    giveUp();
    await soon(() => said.length === 3);
    expect(said).toEqual(['begins 1', 'ends 1', 'begins 2']);
    await led.stop();
  });

  it('that is lost ends the work, and leads again with a higher token', async () => {
    stage = await openStage();
    const losing = new AbortController();
    const store: LeaderElection = {
      lead: async (name, signal) => {
        const leadership = await stage.store.lead(name, signal);
        return { ...leadership, lost: AbortSignal.any([leadership.lost, losing.signal]) };
      },
    };
    const said: (number | string)[] = [];
    const led = whileLeading({
      ...{ name: 'work', store, log },
      begin: async ({ token }, over) => {
        said.push(token);
        return async () => void said.push(`ends, ${over.aborted}`);
      },
    });
    await led.begun;
    losing.abort();
    await soon(() => said.length > 3);
    const [one, end, two] = said;
    expect(end).toBe('ends, true');
    expect(Number(two)).toBeGreaterThan(Number(one));
    await led.stop();
  });

  it('that cannot begin is tried again', async () => {
    stage = await openStage();
    let tries = 0;
    const led = whileLeading({
      ...{ name: 'work', store: stage.store, log },
      begin: async () => {
        tries += 1;
        if (tries < 3) throw away();
        return async () => {};
      },
    });
    await led.begun;
    expect(tries).toBe(3);
    await led.stop();
  });

  it('stops while it waits, while it begins, and where its end fails', async () => {
    stage = await openStage();
    const parts = { name: 'work', store: stage.store, log };
    const first = whileLeading({
      ...parts,
      begin: async () => () => Promise.reject(new Error('it does not end well')),
    });
    await first.begun;
    const waiting = whileLeading({ ...parts, begin: async () => async () => {} });
    await waiting.stop();
    await waiting.begun;
    await first.stop();
    let beginning = false;
    const third = whileLeading({
      ...parts,
      begin: (_, over) => {
        beginning = true;
        return new Promise((_resolve, reject) => over.addEventListener('abort', () => reject(away())));
      },
    });
    await soon(() => beginning);
    await third.stop();
  });
});

describe('how far projectors have come', () => {
  async function append() {
    await stage.approved();
    return (await stage.store.head()).seq;
  }

  it('is asked of the one that runs here', async () => {
    stage = await openStage();
    const progressed = makeProgressed(stage.store);
    await append();
    const letGo = gate();
    const projector = startProjector({ name: 'table', store: stage.store, log, handle: () => letGo.promise });
    stops.push(projector.stop);
    progressed.runs('table', projector);
    let reached = false;
    const caughtUp = progressed.caughtUp(['table']).then(() => {
      reached = true;
    });
    await turns();
    expect(reached).toBe(false);
    letGo.resolve();
    await caughtUp;
  });

  it('is told by the checkpoint of one that runs elsewhere, also when it has just moved there', async () => {
    stage = await openStage();
    const progressed = makeProgressed(stage.store);
    const seq = await append();
    const letGo = gate();
    const projector = startProjector({ name: 'table', store: stage.store, log, handle: () => letGo.promise });
    const gone = progressed.runs('table', projector);
    let reached = false;
    const caughtUp = progressed.caughtUp(['table']).then(() => {
      reached = true;
    });
    gone();
    const stopping = projector.stop();
    letGo.resolve();
    await stopping;
    await turns();
    expect(reached).toBe(false);
    await stage.store.saveCheckpoint('table', seq);
    await caughtUp;
    await progressed.caughtUp(['table']);
  });

  it('is waited for only while the leadership lasts', async () => {
    stage = await openStage();
    await append();
    const over = new AbortController();
    const waiting = makeProgressed(stage.store).caughtUp(['nowhere'], over.signal);
    over.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'FENCED' });
  });
});

it('a projector whose database is away at its start begins when it is back, and ends no process', async () => {
  let tries = 0;
  stage = await openStage();
  const { seq } = (await stage.approved()) && (await stage.store.head());
  const store: Store = {
    ...stage.store,
    checkpoint: async (name) => {
      tries += 1;
      if (tries < 3) throw away();
      return stage.store.checkpoint(name);
    },
  };
  const seen: number[] = [];
  const projector = startProjector({ name: 'late', store, log, handle: async (stored) => void seen.push(stored.seq) });
  stops.push(projector.stop);
  await projector.caughtUp();
  expect(seen.at(-1)).toBe(seq);
});

describe('the work on tasks', () => {
  const never = new Promise<never>(() => {});

  async function work(change: { readonly store?: Partial<Store>; readonly bus?: Partial<Bus> }) {
    const { repository, head } = await makeLab(scratch);
    const planned = gate();
    const led = leadWork({
      ...{
        store: { ...stage.store, ...change.store },
        bus: { ...stage.bus, ...change.bus },
        chats: [],
        repository,
        log,
      },
      planner: async (input) => {
        await planned.promise;
        return planByRules(input);
      },
      ...{ readPolicy: async () => aPolicy(), signingKey: stage.signingKey, newId: randomUUID, leaseMs: 60_000 },
      ...{
        readRepository: makeReadRepository(repository),
        progressed: makeProgressed(stage.store),
        clock: stage.clock,
      },
      audit: await openAuditRepository({ folder: scratch.path('audit') }),
    });
    const commit = head();
    return {
      led,
      /** Before the planner says anything. */
      approved: async () => {
        const state = await stage.approved({ baseCommit: commit, commit, steps: [aStep({ digests: [] })] });
        planned.resolve();
        return state;
      },
    };
  }

  it('stops although the table of tasks, for which it waits, cannot be written', async () => {
    stage = await openStage();
    let tries = 0;
    const store = {
      saveTask: async () => {
        tries += 1;
        throw away();
      },
    };
    const { led, approved } = await work({ store });
    await led.begun;
    await approved();
    await soon(() => tries > 2);
    await led.stop();
    // At a take-over, too, where the beginning waits for it.
    tries = 0;
    const next = await work({ store });
    await soon(() => tries > 1);
    await next.led.stop();
  });

  it('stops although the bus takes nothing, and is taken over when it does', async () => {
    stage = await openStage();
    let asked = false;
    const publish = (queue: string) => {
      asked ||= queue.startsWith('agent.');
      return never;
    };
    const first = await work({ bus: { publish } });
    await first.led.begun;
    const { task } = await first.approved();
    await soon(() => asked);
    await first.led.stop();
    const deaf = await work({ bus: { consumeMany: () => never } });
    await turns();
    await deaf.led.stop();
    let sent: unknown;
    stops.push(
      await stage.bus.consume(poolQueue('ansible', 'normal'), async (message) => {
        sent = message;
        return 'done';
      }),
    );
    const next = await work({});
    await soon(() => sent !== undefined);
    expect(sent).toMatchObject({ type: 'step.start', task });
    await next.led.stop();
  });
});

describe('a projector whose work can wait', () => {
  const patient = { ...{ name: 'patient', log }, calmMs: 3_600_000 };

  it('does it at once when somebody waits for it, and not when it ends', async () => {
    stage = await openStage();
    const { store, approved } = stage;
    const seen: number[] = [];
    const read = Promise.withResolvers<void>();
    const projector = startProjector({
      ...patient,
      store: { ...store, readAfter: (...which) => store.readAfter(...which).finally(() => read.resolve()) },
      handle: async (stored) => void seen.push(stored.seq),
    });
    await approved();
    await read.promise;
    expect(seen).toEqual([]);
    await projector.caughtUp();
    expect(seen).toHaveLength((await store.head()).seq);
    await approved();
    await projector.stop();
    expect(seen.length).toBeLessThan((await store.head()).seq);
  });
});
