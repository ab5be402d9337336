// An attempt has an end, whatever its agent or anybody else says; and time in which the bus took nothing is not counted.
import { afterEach, expect, it } from 'vitest';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { Bus } from '../../core/ports/bus.ts';
import { until } from '../services/until.ts';
import type { Stage, Voice } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let agent: Voice;
let speaking: NodeJS.Timeout | undefined;
afterEach(async () => {
  clearInterval(speaking);
  await stage.close();
});

/** Marks go every 250 ms. */
const leaseMs = 600;

/** A bus that takes no mark for a while, as one that is short of memory; it is connected all the time. */
type Wire = { takes: boolean; waiting: (() => void)[]; marks: number };
let wire: Wire;
const throughBus = (bus: Bus): Bus => ({
  ...bus,
  publish: async (queue, message) => {
    if (!wire.takes) await new Promise<void>((resolve) => wire.waiting.push(resolve));
    await bus.publish(queue, message);
    wire.marks += 1;
  },
});

async function begin(): Promise<AttemptAbout> {
  wire = { takes: true, waiting: [], marks: 0 };
  stage = await openStage({ leaseMs, throughBus });
  agent = await stage.agent('nas');
  const about = await stage.granted();
  await agent.claim(about);
  await agent.started(about);
  await stage.heard();
  return about;
}

/** The agent is heard of all the time. */
function keepSpeaking(about: AttemptAbout): void {
  speaking = setInterval(() => void agent.say(about, { type: 'attempt.heartbeat' }), 50);
}

async function takeNothingFor(ms: number): Promise<void> {
  const sinceMs = performance.now();
  wire.takes = false;
  await until(() => performance.now() - sinceMs > ms, { everyMs: 20 });
  const before = wire.marks;
  wire.takes = true;
  for (const goOn of wire.waiting.splice(0)) goOn();
  await until(() => wire.marks > before, { everyMs: 5 });
  await stage.heard();
}

const isOver = async ({ task }: AttemptAbout) => (await stage.stateOf(task)).status === 'unknown';
const ends = (about: AttemptAbout) => until(() => isOver(about), { timeoutMs: 10_000, everyMs: 10 });

it('an attempt whose agent goes on and on ends as unknown, and says so', async () => {
  const about = await begin();
  stage.leases.heard(about, { inMs: 100 });
  keepSpeaking(about);
  await ends(about);
  expect((await stage.eventsOf(about.task)).at(-1)).toMatchObject({
    type: 'task.unknown',
    reason: expect.stringContaining('goes on with it beyond all its time'),
  });
});

it('its claim and its start, said again, give it no more time', async () => {
  const about = await begin();
  stage.leases.heard(about, { inMs: 100 });
  keepSpeaking(about);
  await agent.claim(about);
  await agent.started(about);
  await ends(about);
});

it('a bus that took nothing for a while takes neither an agent’s lease nor a run’s time', async () => {
  const about = await begin();
  stage.leases.heard(about, { inMs: 100 });
  const sinceMs = performance.now();
  await takeNothingFor(3 * leaseMs);
  expect(await isOver(about)).toBe(false);
  await ends(about);
  expect(performance.now() - sinceMs).toBeGreaterThan(4 * leaseMs);
});
