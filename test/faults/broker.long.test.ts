// The slower ways in which a broker goes away: connections that fall silent without a word, an outage longer than a lease, memory.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { readLog } from '../services/bot-log.ts';
import { expectInvariants } from '../services/invariants.ts';
import { beginTalk, expectWholeTalk, finishTalk } from '../services/talk.ts';
import { until } from '../services/until.ts';
import type { BrokerLab } from './broker-lab.ts';
import { openBrokerLab } from './broker-lab.ts';

const leaseSeconds = 10;
let at: BrokerLab;
afterEach(() => at.dispose());

it.each([
  ['bot', 'bot'],
  ['agent', 'agent-nas'],
] as const)('the connection of the %s falls silent, and nobody is told', async (whose, home) => {
  at = await openBrokerLab();
  const task = await beginTalk(at.lab, at.desk);
  at.wires[whose].stall();
  await finishTalk(at.lab);
  // Its heartbeats tell; until then all that was said into it is lost.
  await until(
    async () => (await readLog(at.lab, home)).some(({ msg }) => msg === 'the connection to the message broker is lost'),
    { what: () => 'a lost connection in the log' },
  );
  at.wires[whose].resume();
  await expectWholeTalk(at.lab, at.desk, task);
  await expectInvariants(at.lab, { beginMark: 'talk-begins' });
});

it('the broker is away for longer than a lease: nobody could be heard, and nobody is given up', async () => {
  at = await openBrokerLab({ CHIFFON_LEASE_SECONDS: String(leaseSeconds) });
  const task = await beginTalk(at.lab, at.desk);
  await at.broker.stop();
  at.wires.agent.refuse();
  await longerThanALease();
  await at.broker.start();
  await until(
    async () => (await readLog(at.lab, 'bot')).some(({ msg }) => msg === 'connected to the message broker again'),
    { what: () => 'the bot’s connection' },
  );
  await agentComesLater(task);
  await finishTalk(at.lab);
  await expectWholeTalk(at.lab, at.desk, task);
  await expectInvariants(at.lab, { beginMark: 'talk-begins' });
});

it('the broker is short of memory and takes nothing, for longer than a lease: what was said meanwhile comes afterwards', async () => {
  at = await openBrokerLab({ CHIFFON_LEASE_SECONDS: String(leaseSeconds) });
  const task = await beginTalk(at.lab, at.desk);
  await at.broker.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1000');
  await until(
    async () =>
      (await readLog(at.lab, 'bot')).some(({ msg }) => msg === 'the message broker takes no messages for now'),
    { what: () => 'a blocked connection in the log' },
  );
  await finishTalk(at.lab);
  at.wires.agent.refuse();
  await longerThanALease();
  await at.broker.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1000000000');
  await agentComesLater(task);
  await expectWholeTalk(at.lab, at.desk, task);
  await expectInvariants(at.lab, { beginMark: 'talk-begins' });
});

/** The bot is heard again before the agent is: it has looked at the leases meanwhile, which it does four times in one. */
async function agentComesLater(task: TaskId): Promise<void> {
  await wait(leaseSeconds * 300);
  expect((await at.desk.history(task)).at(-1)).toMatchObject({ type: 'attempt.started' });
  at.wires.agent.resume();
}

/** That time goes by is the fault itself; there is no sign to wait for. */
const longerThanALease = () => wait(leaseSeconds * 1_000 * 1.7);
