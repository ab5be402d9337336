// A polite end in the middle of a step: the agent stops what runs and says so; the bot leaves the run alone, and the next one tells.
import { expect, it } from 'vitest';
import { until } from '../services/until.ts';
import { cardOf, sharedScene } from './scene.ts';

const scene = sharedScene({ withBot: false });

it('SIGTERM of the agent: the step ends with it, and nobody claims to know how far it came', async () => {
  const bot = scene.lab().bot();
  const agent = await scene.agent();
  const task = await scene.desk().order('hold on');
  await scene.marked('wait-begins');
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  // The bot's own Git may be at work on the record.
  await until(async () => (await scene.lab().strays()).length === 0);
  expect(await scene.desk().ends(task)).toBe('task.unknown');
  await scene.lab().release();
  expect(await cardOf(bot, task)).toMatch(/The agent was shut down and stopped the step part of the way/);
  expect(await scene.marks()).toEqual(['wait-begins']);
  bot.signal('SIGTERM');
  await bot.ended;
});

it('SIGTERM of the bot: the run goes on to its end, and the next bot tells it', async () => {
  const [lab, desk] = [scene.lab(), scene.desk()];
  const bot = lab.bot();
  await scene.agent();
  const task = await desk.order('hold on');
  await scene.marked('wait-begins');
  await desk.sees(task, 'attempt.started');
  bot.signal('SIGTERM');
  expect(await bot.ended).toBe(143);
  await lab.release();
  await scene.marked('wait-ends');
  await until(async () => (await lab.strays()).length === 0);
  expect((await desk.history(task)).at(-1)?.type).toBe('attempt.started');
  const next = lab.bot();
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await cardOf(next, task)).toMatch(/"state":"succeeded"/);
  expect(await scene.marks()).toEqual(['wait-begins', 'wait-ends']);
});

scene.recordHolds();
