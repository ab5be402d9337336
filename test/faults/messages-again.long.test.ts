// Messages that come as no honest sender sends them, in the middle of a run: none that can be handled, and real ones ten times and
// in any order. What they cost at length is in messages.long.test.ts; those of a forger are in forged.test.ts.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { newKeyPair, signed } from '../../core/contracts/signature.ts';
import type { Queue } from '../../core/ports/bus.ts';
import type { Desk } from '../services/desk.ts';
import { openDesk } from '../services/desk.ts';
import { expectInvariants } from '../services/invariants.ts';
import type { Lab, LabProcess } from '../services/lab.ts';
import { openLab } from '../services/lab.ts';
import { beginTalk, expectWholeTalk, finishTalk, talkPlaybook } from '../services/talk.ts';
import { until } from '../services/until.ts';
import type { WireTap } from '../services/wire-tap.ts';
import { openWireTap } from '../services/wire-tap.ts';
import { cardOf } from './scene.ts';
import type { Recorded, WireRecord } from './wire-record.ts';
import { recordWire } from './wire-record.ts';

const queues: readonly Queue[] = ['core.events', 'agent.ansible.high', 'agent.ansible.normal', 'agent-control.nas'];
const messageSchema = z.looseObject({ signature: z.string() });
const { privateKey: anotherKey } = newKeyPair();

let lab: Lab;
let desk: Desk;
let bot: LabProcess;
let tap: WireTap;
let wire: WireRecord;
beforeAll(async () => {
  lab = await openLab({ files: talkPlaybook });
  desk = openDesk(lab);
  [tap, wire] = await Promise.all([openWireTap(lab.env.RABBITMQ_URL ?? ''), recordWire(lab)]);
  bot = lab.bot();
  // With a second slot it takes commands while it runs one.
  await Promise.all([bot.shows(/Ask for a change/), lab.agent('nas', { env: { CHIFFON_AGENT_CONCURRENCY: '2' } })]);
});
afterAll(async () => {
  await wire.stop();
  await tap.close();
  await lab.dispose();
});

it('each real message ten times more, in any order, during the run and after it, is as if it had come once', async () => {
  const task = await beginTalk(lab, desk);
  const during = wire.heard();
  expect(new Set(during.map(({ queue }) => queue))).toEqual(
    new Set(['core.events', 'agent.ansible.normal', 'agent-control.nas']),
  );
  await Promise.all([sayAgain(during, 1), finishTalk(lab)]);
  await expectWholeTalk(lab, desk, task);

  const all = wire.heard();
  for (const type of ['step.start', 'step.go', 'commit.pack', 'attempt.settled', 'attempt.claimed', 'attempt.finished'])
    expect(all.map(({ body }) => body).join('\n')).toContain(`"type":"${type}"`);
  await sayAgain(all, 2);
  // What is ordered now goes through the same queues, behind all that.
  const next = await desk.order('leave mark');
  expect(await desk.ends(next)).toBe('task.succeeded');
  await expectWholeTalk(lab, desk, task);
  expect(await lab.marks()).toEqual(['talk-begins', 'talk-waits', 'talk-ends', 'mark']);
  await cardOf(bot, task);
  expect(await tap.read('chiffon.dead')).toEqual([]);
  await expectInvariants(lab, { beginMark: 'talk-begins' });
});

it('messages that nobody can handle, on every queue in the middle of a run, are put aside, and the run goes on', async () => {
  const before = (await lab.marks()).length;
  const task = await beginTalk(lab, desk);
  for (const queue of queues)
    for (const message of ['no JSON at all', null, { type: 'core.mark' }, signedByAnother(queue)])
      await tap.write(queue, message, 3);
  let aside: readonly string[] = [];
  await until(
    async () => {
      aside = (await tap.read('chiffon.dead')).map(({ from }) => from);
      return aside.length >= 12 * queues.length;
    },
    { everyMs: 200, what: () => `all put aside (${aside.join(' ')})` },
  );
  expect(aside.toSorted()).toEqual(queues.flatMap((queue) => Array<string>(12).fill(queue)).toSorted());
  await finishTalk(lab);
  await expectWholeTalk(lab, desk, task);
  expect((await lab.marks()).slice(before)).toEqual(['talk-begins', 'talk-waits', 'talk-ends']);
  await cardOf(bot, task);
  await expectInvariants(lab, { beginMark: 'talk-begins' });
});

async function sayAgain(messages: readonly Recorded[], seed: number): Promise<void> {
  const ten = Array.from({ length: 10 }, () => messages).flat();
  const [shuffled = []] = fc.sample(fc.shuffledSubarray(ten, { minLength: ten.length }), { seed, numRuns: 1 });
  await Promise.all(shuffled.map(({ queue, body }) => tap.write(queue, body)));
}

/** A real message that went through this queue; through the one for later steps go the same as through the other. */
function signedByAnother(queue: Queue): unknown {
  const like = queue === 'agent.ansible.high' ? 'agent.ansible.normal' : queue;
  const bodies = wire.heard().flatMap((each) => (each.queue === like ? [each.body] : []));
  const real = bodies.find((body) => body.includes('"signature"'));
  const { signature: _, ...message } = messageSchema.parse(JSON.parse(real ?? '{}'));
  return signed(message, anotherKey);
}
