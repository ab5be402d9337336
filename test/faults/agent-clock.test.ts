// The agent's clock is wrong by hours, or jumps: the step is done once, or refused in words that name the clock. It never runs twice.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

const hours = 3_600_000;
let lab: Lab;
let desk: Desk;
let bot: LabProcess;
let agent: LabProcess | undefined;
let marked = 0;
beforeAll(async () => {
  lab = await openLab();
  desk = openDesk(lab);
  bot = lab.bot();
});
beforeEach(async () => {
  marked = (await lab.marks()).length;
});
afterEach(() => agent?.kill());
afterAll(() => lab?.dispose());

const offsetFile = () => join(lab.folder, 'clock-offset');
const setClock = (ms: number) => writeFile(offsetFile(), String(ms));
const marksSince = async () => (await lab.marks()).slice(marked);

async function start(offsetMs: number, fault?: FaultPoint): Promise<LabProcess> {
  await setClock(offsetMs);
  return lab.agent('nas', { env: { CLOCK_OFFSET_FILE: offsetFile() }, ...(fault && { fault }) });
}

it('two hours fast: it refuses the command as too old by its clock, at once and in words; and the card says so', async () => {
  agent = await start(2 * hours);
  const task = await desk.order('leave mark');
  expect(await desk.ends(task)).toBe('task.failed');
  expect(await marksSince()).toEqual([]);
  const card = () => bot.views().find((view) => view.type === 'result' && view.task === task);
  await until(() => card() !== undefined);
  expect(JSON.stringify(card())).toMatch(/was good until .* and the agent’s clock says .* Nothing was done/);
});

it('two hours slow: the step is done, once', async () => {
  agent = await start(-2 * hours);
  const task = await desk.order('leave mark');
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['mark']);
});

it('jumping ahead between core’s word and the start: the word is too old, and the step is refused', async () => {
  agent = await start(0, { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' });
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.claimed');
  await agent.stopped();
  await setClock(2 * hours);
  agent.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.failed');
  expect(await marksSince()).toEqual([]);
});

it('jumping back between core’s word and the start: core is asked again, and the step is done, once', async () => {
  agent = await start(0, { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' });
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.claimed');
  await agent.stopped();
  await setClock(-2 * hours);
  agent.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['mark']);
});

it.each([2 * hours, -2 * hours])(
  'jumping by %i ms between a death and the next life: the step is done once',
  async (offset) => {
    const mortal = await start(0, { at: 'publish', when: 'before', type: 'attempt.finished' });
    const task = await desk.order('leave mark');
    expect(await mortal.ended).toBe('SIGKILL');
    agent = await start(offset);
    expect(await desk.ends(task)).toBe('task.succeeded');
    expect(await marksSince()).toEqual(['mark']);
  },
);

it('and the record holds after all of it', () => expectInvariants(lab));
