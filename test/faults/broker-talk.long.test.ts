// The broker goes away in the middle of a run, in every way there is: the playbook goes on, and what it prints arrives whole, in
// order and once. The slower ways are in broker.long.test.ts.
import { afterAll, beforeAll, it } from 'vitest';
import { expectInvariants } from '../services/invariants.ts';
import { beginTalk, expectWholeTalk, finishTalk } from '../services/talk.ts';
import type { BrokerLab } from './broker-lab.ts';
import { openBrokerLab } from './broker-lab.ts';

let at: BrokerLab;
beforeAll(async () => {
  at = await openBrokerLab();
});
afterAll(() => at.dispose());

it.each<readonly [string, (during: () => Promise<void>) => Promise<void>]>([
  [
    'is stopped, and is back after the playbook has ended',
    async (during) => {
      await at.broker.stop();
      await during();
      await at.broker.start();
    },
  ],
  [
    'is killed, and is back while the playbook prints',
    async (during) => {
      await at.broker.kill();
      await Promise.all([at.broker.start(), during()]);
    },
  ],
  [
    'loses the bot’s connection',
    async (during) => {
      at.wires.bot.refuse();
      await during();
      at.wires.bot.resume();
    },
  ],
  [
    'loses the agent’s connection',
    async (during) => {
      at.wires.agent.refuse();
      await during();
      at.wires.agent.resume();
    },
  ],
])('the broker %s', async (_, harm) => {
  const task = await beginTalk(at.lab, at.desk);
  await harm(() => finishTalk(at.lab));
  await expectWholeTalk(at.lab, at.desk, task);
  await expectInvariants(at.lab, { beginMark: 'talk-begins' });
});
