// An agent that is held up past its lease (a stopped process, a machine that slept) and then goes on: core has ended the task by
// then, and what the agent still does and says must change nothing.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { TaskEvent } from '../../core/task/event.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

let lab: Lab;
let desk: Desk;
let bot: LabProcess;
let agent: LabProcess | undefined;
beforeAll(async () => {
  lab = await openLab({ env: { CHIFFON_LEASE_SECONDS: '5' } });
  desk = openDesk(lab);
  bot = lab.bot();
});
afterEach(() => agent?.kill());
afterAll(() => lab?.dispose());

const runOf = (history: readonly TaskEvent[]) => history.find((event) => event.type === 'run.started')?.run ?? 'no run';
const nothingLeft = () => until(async () => (await lab.strays()).length === 0, { timeoutMs: 30_000 });

it('a playbook that says nothing for longer than the lease keeps it: the agent speaks for it', async () => {
  agent = await lab.agent();
  const task = await desk.order('hold on');
  await until(async () => (await lab.marks()).includes('wait-begins'));
  const began = performance.now();
  await until(() => performance.now() - began > 7_000);
  await lab.release();
  expect(await desk.ends(task)).toBe('task.succeeded');
  await lab.holdAgain();
});

it.each<[string, FaultPoint]>([
  ['when its process waits for the word', { at: 'prepare', when: 'after', signal: 'SIGSTOP' }],
  ['with core’s word in its hands', { at: 'handle', when: 'before', type: 'step.go', signal: 'SIGSTOP' }],
])('stopped before it began, %s: it does not begin when it goes on, and takes the next step', async (_when, fault) => {
  const before = (await lab.marks()).length;
  agent = await lab.agent('nas', { fault });
  const task = await desk.order('leave mark');
  expect(await desk.ends(task)).toBe('task.unknown');
  agent.signal('SIGCONT');
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect((await lab.marks()).slice(before)).toEqual(['elsewhere']);
  expect(await lab.journal()).not.toContainEqual({
    type: 'started',
    key: expect.stringMatching(runOf(await desk.history(task))),
  });
  const types = (await desk.history(task)).map(({ type }) => type);
  expect(types.slice(-3)).toEqual(['attempt.claimed', 'attempt.finished', 'task.unknown']);
});

it('stopped in the middle of a playbook: its late words are refused, and it ends what still runs', async () => {
  const before = (await lab.marks()).length;
  agent = await lab.agent();
  const task = await desk.order('hold on');
  await until(async () => (await lab.marks()).slice(before).includes('wait-begins'));
  agent.signal('SIGSTOP');
  expect(await desk.ends(task)).toBe('task.unknown');
  const told = (await desk.history(task)).length;
  agent.signal('SIGCONT');
  await nothingLeft();
  await lab.release();
  const next = await desk.order('mark elsewhere');
  expect(await desk.ends(next)).toBe('task.succeeded');
  expect((await lab.marks()).slice(before)).toEqual(['wait-begins', 'elsewhere']);
  expect(await desk.history(task)).toHaveLength(told);
  const cards = bot.views().filter((view) => view.type === 'result' && view.task === task);
  expect(cards).toMatchObject([{ state: 'unknown' }]);
  expect(JSON.stringify(cards)).toMatch(/The agent “nas” has not been heard of for 5 s/);
});

it('and the record holds after all of it', () => expectInvariants(lab));
