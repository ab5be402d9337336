// The bot is killed at a named point while a task goes through, and started again; the task has to end as if nothing had happened.
// For crash-bot.test.ts and its long form.
import { expect, it } from 'vitest';
import type { FaultPoint } from '../services/fault-points.ts';
import { expectKilled } from './expect-killed.ts';
import type { Scene } from './scene.ts';
import { cardOf } from './scene.ts';

export function itSurvivesTheBot(scene: Scene, points: readonly (readonly [string, FaultPoint])[]): void {
  it.each(points)('%s', async (_when, fault) => {
    await surviveBotDeath(scene, fault);
  });
}

/** `mark`: the one line that the request's playbook leaves. Resolves to the task's events. */
export async function surviveBotDeath(
  scene: Scene,
  fault: FaultPoint,
  order: { readonly request: string; readonly mark?: string } = { request: 'leave mark', mark: 'mark' },
) {
  const [lab, desk] = [scene.lab(), scene.desk()];
  await scene.agent();
  const task = await desk.ask(order.request);
  const mortal = lab.bot({ fault: { ...fault, task } });
  await desk.sees(task, 'plan.proposed');
  await desk.approve(task);
  await expectKilled(mortal);
  const bot = lab.bot();
  expect(await desk.ends(task)).toBe('task.succeeded');
  expect(await cardOf(bot, task)).toMatch(/"state":"succeeded"/);
  await bot.kill();
  const history = await desk.history(task);
  const count = (type: (typeof history)[number]['type']) => history.filter((event) => event.type === type).length;
  expect([count('attempt.granted'), count('attempt.started'), count('attempt.finished')]).toEqual([1, 1, 1]);
  expect(await scene.marks()).toEqual(order.mark === undefined ? [] : [order.mark]);
  expect(await lab.strays()).toEqual([]);
  return history;
}
