// A bot that is told to stop leaves, whatever its services do at that moment: a service manager would kill it otherwise.
import { afterEach, expect, it } from 'vitest';
import { openDesk } from '../services/desk.ts';
import type { Lab } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { until } from '../services/until.ts';
import type { OwnBroker } from '../setup/rabbitmq.ts';
import { ownBroker } from '../setup/rabbitmq.ts';

const leaveMs = 15_000;
let lab: Lab;
let broker: OwnBroker | undefined;
afterEach(async () => {
  await lab.dispose();
  await broker?.drop();
  broker = undefined;
});

async function left(bot: ReturnType<Lab['bot']>, sinceMs: number): Promise<number | string> {
  const code = await bot.ended;
  expect(performance.now() - sinceMs).toBeLessThan(leaveMs);
  return code;
}

it('with a step to hand out and a broker that is gone, a bot that is told to stop leaves; the next one hands the step out', async () => {
  broker = await ownBroker();
  lab = await openLab({ rabbitmqUrl: broker.url });
  const bot = lab.bot();
  await bot.shows(/Ask for a change in your own words/);
  const desk = openDesk(lab);
  const task = await desk.ask('leave mark');
  await desk.sees(task, 'plan.proposed');
  await broker.stop();
  await desk.approve(task);
  await desk.sees(task, 'attempt.granted');
  const sinceMs = performance.now();
  bot.signal('SIGTERM');
  expect(await left(bot, sinceMs)).toBe(143);

  await broker.start();
  lab.bot();
  await lab.agent();
  await desk.ends(task);
  expect((await desk.history(task)).at(-1)).toMatchObject({ type: 'task.succeeded' });
  expect(await lab.marks()).toEqual(['mark']);
});

it('a bot that waits for its broker at the start leaves, too', async () => {
  lab = await openLab({ rabbitmqUrl: 'amqp://guest:guest@127.0.0.1:1' });
  const bot = lab.bot();
  await until(async () => (await lab.events()).some(({ event }) => event.type === 'core.key'));
  const sinceMs = performance.now();
  bot.signal('SIGTERM');
  await left(bot, sinceMs);
});
