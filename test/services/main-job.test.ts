// The main job on services: a bot and an agent as processes of their own, which share nothing but the broker.
import { afterEach, expect, it } from 'vitest';
import { expectInvariants } from './invariants.ts';
import type { Lab } from './lab.ts';
import { openLab } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

it('a request is planned by the bot and run by an agent that knows only the broker and its identity', async () => {
  lab = await openLab();
  const bot = lab.bot();
  const agent = await lab.agent('nas', { env: { DATABASE_URL: '', INFRA_REPO: '', CHIFFON_SIGNING_KEY: '' } });
  bot.say('leave mark');
  await lab.happens('plan.proposed');
  bot.say('approve');
  await lab.happens('task.succeeded');
  expect(await lab.marks()).toEqual(['mark']);
  await bot.shows(/"type":"result"/);
  expect(bot.views().filter((view) => view.type === 'result')).toMatchObject([{ state: 'succeeded' }]);
  const types = (await lab.events()).map(({ event }) => event.type);
  expect(types.indexOf('attempt.claimed')).toBeLessThan(types.indexOf('attempt.started'));
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
  bot.signal('SIGTERM');
  await bot.ended;
  expect(await lab.alive()).toEqual([]);
  await expectInvariants(lab);
});
