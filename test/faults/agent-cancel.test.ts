// A cancel meets a step in each of its phases: before anybody took it, claimed, running, ending. There is one end, it is true, and
// nothing is left running.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

let lab: Lab;
let desk: Desk;
let agent: LabProcess | undefined;
let marked = 0;
beforeAll(async () => {
  lab = await openLab();
  desk = openDesk(lab);
  lab.bot();
});
beforeEach(async () => {
  marked = (await lab.marks()).length;
});
afterEach(() => agent?.kill());
afterAll(() => lab?.dispose());

const marksSince = async () => (await lab.marks()).slice(marked);
const isMarked = (line: string) =>
  until(async () => (await marksSince()).includes(line), { what: () => `the mark ${line}` });
const nothingLeft = () =>
  until(async () => (await lab.strays()).length === 0, { timeoutMs: 30_000, what: () => 'nothing left running' });

it('before an agent took it: the task is over at once, and the agent that comes later starts nothing', async () => {
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.granted');
  await desk.cancel(task);
  expect(await desk.ends(task)).toBe('task.cancelled');
  agent = await lab.agent();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect(await marksSince()).toEqual(['elsewhere']);
});

it('while an agent holds it and prepares: it is told, and nothing is done', async () => {
  agent = await lab.agent('nas', { fault: { at: 'prepare', when: 'before', signal: 'SIGSTOP' } });
  const task = await desk.order('leave mark');
  await desk.sees(task, 'attempt.claimed');
  await agent.stopped();
  await desk.cancel(task);
  const { seq } = await lab.store.head();
  // The bus has the cancel for the agent.
  await until(async () => (await lab.store.checkpoint('dispatch')) >= seq);
  agent.signal('SIGCONT');
  expect(await desk.ends(task)).toBe('task.cancelled');
  expect(await marksSince()).toEqual([]);
});

it('while a child ignores every polite signal and has moved to a session of its own: it is gone all the same', async () => {
  agent = await lab.agent();
  const task = await desk.order('run away');
  await isMarked('away');
  await desk.cancel(task);
  expect(await desk.ends(task)).toBe('task.cancelled');
  await nothingLeft();
});

/** When the cancel is said, counted from what can be seen. */
const moments: readonly (readonly [
  string,
  (release: () => Promise<void>, cancel: () => Promise<void>) => Promise<void>,
])[] = [
  [
    'and the end after it',
    async (release, cancel) => {
      await cancel();
      await release();
    },
  ],
  ['at the same moment', async (release, cancel) => void (await Promise.all([release(), cancel()]))],
  [
    'when the last task is done',
    async (release, cancel) => {
      await release();
      await isMarked('wait-ends');
      await cancel();
    },
  ],
];

it.each(moments)('racing the end of the playbook, %s: one end, and a true one', async (_when, race) => {
  await lab.holdAgain();
  agent = await lab.agent();
  const task = await desk.order('hold on');
  await isMarked('wait-begins');
  await race(lab.release, async () => void (await desk.cancel(task)));
  const end = await desk.ends(task);
  await nothingLeft();
  if (end === 'task.succeeded') expect(await marksSince()).toEqual(['wait-begins', 'wait-ends']);
  else expect(end).toBe('task.cancelled');
});

it('and the record holds after all of it', () => expectInvariants(lab));
