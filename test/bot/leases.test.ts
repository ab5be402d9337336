// When an agent's silence ends its attempt: judged by the order of the queue and the steady clock, never by the time of day.
import { afterEach, expect, it, vi } from 'vitest';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { until } from '../services/until.ts';
import type { Stage, StageOptions, Voice } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let agent: Voice;
afterEach(async () => {
  vi.useRealTimers();
  await stage.close();
});

/** Marks go every 250 ms. */
const leaseMs = 600;

async function open(options: StageOptions = {}): Promise<AttemptAbout> {
  stage = await openStage({ leaseMs, ...options });
  agent = await stage.agent('nas');
  const about = await stage.granted();
  await agent.claim(about);
  await agent.started(about);
  await stage.heard();
  return about;
}

const isOver = async ({ task }: AttemptAbout) => (await stage.stateOf(task)).status === 'unknown';
const ends = (about: AttemptAbout) => until(() => isOver(about), { timeoutMs: 10_000, everyMs: 10 });

/** The bus as the bot sees it, with a switch, and with what was sent over it. */
function switched(isAway: () => boolean, hold: () => Promise<void> = async () => {}) {
  const marks: unknown[] = [];
  const through = (bus: Bus): Bus => ({
    ...bus,
    connected: () => !isAway() && bus.connected(),
    publish: async (queue, message) => {
      if (isAway()) throw new ChiffonError('BUS_FAILED', 'The bus is away.');
      await hold();
      marks.push(message);
      await bus.publish(queue, message);
    },
  });
  return { marks, through };
}

it('an attempt whose agent is silent ends as unknown, after its lease and not before, and says so', async () => {
  const sinceMs = performance.now();
  const about = await open();
  await ends(about);
  expect(performance.now() - sinceMs).toBeGreaterThan(leaseMs);
  expect((await stage.eventsOf(about.task)).slice(-2)).toMatchObject([
    { type: 'attempt.finished', result: { outcome: 'unknown', error: { kind: 'STEP_UNKNOWN' } } },
    {
      type: 'task.unknown',
      reason: expect.stringMatching(/^The agent “nas” has not been heard of for 1 s; nobody can say/),
    },
  ]);
});

it('any word of the agent renews the lease', async () => {
  const { marks, through } = switched(() => false);
  const about = await open({ throughBus: through });
  agent = await stage.agent('second');
  const other = await stage.granted();
  await agent.claim(other);
  // Spoken for as long as the silent one needs to end.
  let enough = false;
  const speaking = (async () => {
    while (!enough) {
      await agent.say(other, { type: 'attempt.heartbeat' });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  await ends(about);
  await until(() => marks.length > 6, { everyMs: 10 });
  expect((await stage.stateOf(other.task)).status).toBe('running');
  enough = true;
  await speaking;
});

it('a backlog in front of the mark is no silence: what the agent said before it is heard first', async () => {
  const marks: (() => void)[] = [];
  const { through } = switched(
    () => false,
    () => new Promise((resolve) => marks.push(resolve)),
  );
  const about = await open({ throughBus: through });
  // The marks are sent and stand behind a long backlog: longer than the lease.
  await until(() => marks.length > 4, { everyMs: 10 });
  expect(await isOver(about)).toBe(false);
  // The first one was sent within the lease: late as it comes, it says nothing of the time after it.
  marks[0]?.();
  await stage.heard();
  expect(await isOver(about)).toBe(false);
  await agent.say(about, { type: 'attempt.heartbeat' });
  const saidMs = performance.now();
  for (const letGo of marks) letGo();
  await stage.heard();
  expect(await isOver(about)).toBe(false);
  await until(
    () => {
      for (const letGo of marks) letGo();
      return isOver(about);
    },
    { timeoutMs: 10_000, everyMs: 10 },
  );
  expect(performance.now() - saidMs).toBeGreaterThan(leaseMs);
});

it('a mark of another bot, or a forged one, says nothing', async () => {
  let sent = 0;
  const { through } = switched(
    () => false,
    () => {
      sent += 1;
      return new Promise(() => {});
    },
  );
  const about = await open({ throughBus: through });
  // The lease is over, and no mark of our own comes through.
  await until(() => sent > 4, { everyMs: 10 });
  for (const id of ['forged', '00000000-0000-4000-8000-000000000000'])
    await stage.bus.publish('core.events', { type: 'core.mark', id });
  await stage.heard();
  expect(await isOver(about)).toBe(false);
  expect(stage.putAside()).toEqual([]);
});

it('a bus that was away gives every attempt its whole lease again', async () => {
  let away = false;
  const { marks, through } = switched(() => away);
  const about = await open({ throughBus: through });
  await until(() => marks.length > 0, { everyMs: 5 });
  away = true;
  const sinceMs = performance.now();
  await until(() => performance.now() - sinceMs > 2 * leaseMs, { everyMs: 20 });
  const before = marks.length;
  away = false;
  const backMs = performance.now();
  await until(() => marks.length > before, { everyMs: 5 });
  await stage.heard();
  expect(await isOver(about)).toBe(false);
  await ends(about);
  expect(performance.now() - backMs).toBeGreaterThan(leaseMs);
});

it('a wall clock that jumps ends nothing', async () => {
  const { marks, through } = switched(() => false);
  const about = await open({ leaseMs: 2_000, throughBus: through });
  for (const at of ['2036-01-01T00:00:00Z', '1990-01-01T00:00:00Z']) {
    vi.setSystemTime(new Date(at));
    const before = marks.length;
    await until(() => marks.length > before, { everyMs: 5 });
    await stage.heard();
    expect(await isOver(about)).toBe(false);
  }
});

it('an attempt that no agent takes in its time ends with NO_AGENT', async () => {
  stage = await openStage({ leaseMs: 1_000, unclaimedMs: 300 });
  const about = await stage.granted();
  stage.leases.granted(about);
  await until(async () => (await stage.stateOf(about.task)).status === 'failed', { timeoutMs: 10_000 });
  expect((await stage.eventsOf(about.task)).at(-1)).toMatchObject({ type: 'task.failed', kind: 'NO_AGENT' });
});

it('a lease that runs out while the log cannot be written ends when it can', async () => {
  let away = true;
  let tried = 0;
  const about = await open({
    through: (store) => ({
      ...store,
      outputExtent: async (...args) => {
        tried += 1;
        if (away) throw new ChiffonError('DATABASE_FAILED', 'The database is away.');
        return store.outputExtent(...args);
      },
    }),
  });
  await until(() => tried > 0, { everyMs: 5 });
  away = false;
  await ends(about);
});
