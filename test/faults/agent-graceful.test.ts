// A polite end in the middle of a step: the agent stops what runs and says so; the bot leaves the run alone, and the next one tells.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';

let lab: Lab;
let desk: Desk;
beforeAll(async () => {
  lab = await openLab();
  desk = openDesk(lab);
});
afterAll(() => lab?.dispose());

const isMarked = (line: string) => until(async () => (await lab.marks()).includes(line));

it('SIGTERM of the agent: the step ends with it, and nobody claims to know how far it came', async () => {
  const bot = lab.bot();
  const agent = await lab.agent();
  const task = await desk.order('hold on');
  await isMarked('wait-begins');
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  expect(await lab.strays()).toEqual([]);
  expect(await desk.ends(task)).toBe('task.unknown');
  await lab.release();
  const card = () => bot.views().find((view) => view.type === 'result' && view.task === task);
  await until(() => card() !== undefined);
  expect(JSON.stringify(card())).toMatch(/The agent was shut down and stopped the step part of the way/);
  expect(await lab.marks()).toEqual(['wait-begins']);
  bot.signal('SIGTERM');
  await bot.ended;
});

it('SIGTERM of the bot: the run goes on to its end, and the next bot tells it', async () => {
  await lab.holdAgain();
  const before = (await lab.marks()).length;
  const marksSince = async () => (await lab.marks()).slice(before);
  const bot = lab.bot();
  const agent = await lab.agent();
  const task = await desk.order('hold on');
  await until(async () => (await marksSince()).includes('wait-begins'));
  await desk.sees(task, 'attempt.started');
  bot.signal('SIGTERM');
  expect(await bot.ended).toBe(143);
  await lab.release();
  await until(async () => (await marksSince()).includes('wait-ends'));
  expect((await desk.history(task)).at(-1)?.type).toBe('attempt.started');
  const next = lab.bot();
  expect(await desk.ends(task)).toBe('task.succeeded');
  await next.shows(/"type":"result"/);
  expect(next.views().filter((view) => view.type === 'result')).toMatchObject([{ task, state: 'succeeded' }]);
  expect(await marksSince()).toEqual(['wait-begins', 'wait-ends']);
  await agent.kill();
});

it('and the record holds after all of it', () => expectInvariants(lab));
