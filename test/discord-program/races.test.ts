// Several people at once, and the same click more than once, on the real log: one decision, one run, and a true answer for everybody.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InteractionHandle } from '../discord/handles.ts';
import type { SeenMessage } from '../discord/seen.ts';
import type { WorldEvent } from '../discord/world.ts';
import type { Service } from '../e2e/service.ts';
import type { Stored } from '../e2e/stored.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

let stage: Stage;
let service: Service;
/** What each test expects of the log, which can be read once the bot has ended. */
const laterOn: ((log: Stored) => void)[] = [];
const taskOf = ({ content }: SeenMessage): number => Number(/#(\d+) /.exec(content)?.[1]);
const types = (log: Stored, task: number) => log.of(task).map(({ type }) => type);
const times = (log: Stored, task: number, type: string) => types(log, task).filter((each) => each === type).length;
const told = async (pressed: InteractionHandle): Promise<string> => {
  await pressed.until(({ replies }) => replies.some(({ loading }) => !loading), 'a private answer');
  expect(pressed.replies.every(({ ephemeral }) => ephemeral)).toBe(true);
  return pressed.replies.map(({ content }) => content).join('\n');
};

beforeAll(async () => {
  stage = await openStage();
  service = await stage.start();
});

afterAll(async () => {
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  const log = await stage.stored();
  for (const expectLog of laterOn) expectLog(log);
  expect((await stage.program('audit', 'verify')).stdout).toMatch(/The record holds/);
  stage.discord.assertNoViolations();
  await stage[Symbol.asyncDispose]();
});

it('of two approvers at the same moment, where one is enough, one approves and the other is told that it is decided', async () => {
  const { ada, bob } = stage;
  const card = await stage.ask(ada, 'leave a mark');
  const pressed = await Promise.all([ada.press(card.id, 'Approve'), bob.press(card.id, 'Approve')]);
  await stage.result(card);
  await stage.discord.until(() => pressed.filter(({ replies }) => replies.length > 0).length === 1, 'an answer to one');
  const late = pressed.find(({ replies }) => replies.length > 0);
  expect(late === undefined ? '' : await told(late)).toMatch(
    /#1 .*(approved|running|decided|done|succeeded|waits for no)/i,
  );
  expect(pressed.every(({ acknowledgement }) => acknowledgement !== undefined)).toBe(true);
  expect(await stage.marks()).toEqual(['mark']);
  laterOn.push((log) => {
    expect(times(log, 1, 'approval.given')).toBe(1);
    expect(times(log, 1, 'command.refused')).toBe(1);
    expect(times(log, 1, 'run.started')).toBe(1);
  });
});

it('of two approvers at the same moment, where two are needed, both count', async () => {
  const { ada, bob, discord } = stage;
  await stage.setPolicy(`approvers:\n  - {who: ['discord:${ada.id}', 'discord:${bob.id}'], needs: 2}\n`);
  const card = await stage.ask(ada, 'mark elsewhere');
  expect(card.content).toMatch(/Needs 2 of /);
  const pressed = await Promise.all([ada.press(card.id, 'Approve'), bob.press(card.id, 'Approve')]);
  expect((await stage.result(card)).content).toMatch(/succeeded/);
  expect(pressed.flatMap(({ replies }) => replies)).toEqual([]);
  const notices = (await discord.channel(card.id).messages()).filter(({ content }) => /1 more to go/.test(content));
  expect(notices).toHaveLength(1);

  // One person twice is one person.
  const again = await stage.ask(bob, 'mark elsewhere');
  await ada.press(again.id, 'Approve');
  const counted = await stage.becomes(again, ({ content }) => /given by/.test(content), 'an approval on the card');
  expect(await told(await ada.press(again.id, 'Approve'))).toMatch(/approved this plan already; it needs 2 persons/);
  await bob.press(counted.id, 'Approve');
  expect((await stage.result(again)).content).toMatch(/succeeded/);
  expect((await stage.marks()).filter((mark) => mark === 'elsewhere')).toHaveLength(2);
  laterOn.push((log) => {
    for (const task of [taskOf(card), taskOf(again)]) {
      expect(times(log, task, 'approval.given')).toBe(2);
      expect(times(log, task, 'plan.approved')).toBe(1);
      expect(times(log, task, 'run.started')).toBe(1);
    }
  });
  await stage.setPolicy(`approvers:\n  - who: ['discord:${ada.id}', 'discord:${bob.id}']\n`);
});

it('when one approves and another rejects at the same moment, one of it happens and the other person is told', async () => {
  const { ada, bob } = stage;
  const card = await stage.ask(ada, 'leave a mark');
  const before = (await stage.marks()).length;
  const [approved, rejected] = await Promise.all([ada.press(card.id, 'Approve'), bob.press(card.id, 'Reject')]);
  const over = await stage.becomes(card, ({ content }) => /^✔ succeeded|^✖ rejected/.test(content), 'an end');
  const won = over.content.startsWith('✔') ? 'approved' : 'rejected';
  const loser = won === 'approved' ? rejected : approved;
  expect(await told(loser)).toMatch(/#\d+/);
  expect((won === 'approved' ? approved : rejected).replies).toEqual([]);
  expect((await stage.marks()).length - before).toBe(won === 'approved' ? 1 : 0);
  laterOn.push((log) => {
    const task = taskOf(over);
    expect(times(log, task, 'plan.approved') + times(log, task, 'plan.rejected')).toBe(1);
    expect(times(log, task, 'run.started')).toBe(won === 'approved' ? 1 : 0);
    expect(times(log, task, 'command.refused')).toBe(1);
  });
});

it('a button of an older revision changes nothing and says so', async () => {
  const { ada, bob, discord } = stage;
  const card = await stage.ask(ada, 'leave a mark');
  const old = card.buttons.find(({ label }) => label === 'Approve')?.customId ?? '';
  const asked = await ada.press(card.id, 'Request changes');
  const field = asked.modal?.fields[0]?.customId ?? '';
  // Bob has the card on his screen as it was, and presses in the moment of the change.
  const [, pressed] = await Promise.all([
    ada.submitModal(asked.id, { [field]: 'also restart web' }),
    discord.until(() => true, 'now').then(() => bob.press(card.id, 'Details')),
  ]);
  await told(pressed);
  const next = await discord
    .channel('general')
    .until(({ content }) => content.includes('(revision 2)'), 'the second revision', 30_000);
  const superseded = await stage.becomes(card, ({ content }) => content.startsWith('✖ superseded'), 'an old card');
  expect(superseded.buttons.every(({ label, disabled }) => disabled || label === 'Details')).toBe(true);
  // A client that has not heard of the edit sends the old button all the same.
  const stale = await pressAsItWas(card, old);
  expect(await told(stale)).toMatch(/revision|no longer|newer/i);
  const before = (await stage.marks()).length;
  await ada.press(next.id, 'Approve');
  expect((await stage.result(card)).content).toMatch(/succeeded/);
  expect((await stage.marks()).slice(before)).toEqual(['mark', 'restarted']);
  laterOn.push((log) => {
    expect(times(log, taskOf(next), 'plan.approved')).toBe(1);
    expect(times(log, taskOf(next), 'run.started')).toBe(1);
  });
});

it('the same click delivered twice is one click', async () => {
  const { ada, discord } = stage;
  const card = await stage.ask(ada, 'leave a mark');
  const before = (await stage.marks()).length;
  const twice = deliverTwice();
  const pressed = await ada.press(card.id, 'Approve');
  await stage.result(card);
  const asked = await ada.command('do', { request: 'mark elsewhere' });
  await asked.until(({ replies }) => replies.some(({ loading }) => !loading), 'an answer');
  await discord.channel('general').until(({ content }) => content.startsWith(`#${taskOf(card) + 1} `), 'a card');
  twice.stop();
  expect(twice.delivered()).toBeGreaterThanOrEqual(2);
  expect(pressed.replies).toEqual([]);
  expect((await stage.marks()).length - before).toBe(1);
  const open = await stage.ask(ada, 'leave a mark');
  expect(taskOf(open)).toBe(taskOf(card) + 2);
  laterOn.push((log) => {
    expect(times(log, taskOf(card), 'approval.given')).toBe(1);
    expect(times(log, taskOf(card), 'command.refused')).toBe(0);
  });
});

/** A press of a button that was there, as a client sends it that has not heard of an edit. */
async function pressAsItWas(card: SeenMessage, customId: string): Promise<InteractionHandle> {
  const { discord, ada } = stage;
  const message = discord.world.channels.get(card.channelId)?.messages.find(({ id }) => id === card.id);
  const now = message?.components ?? [];
  const before = message?.edits[0]?.components;
  if (message === undefined || before === undefined) throw new Error('the card was never edited');
  message.components = before;
  const pressed = ada.press(card.id, customId);
  message.components = now;
  return pressed;
}

/** From now on the gateway says every interaction a second time. */
function deliverTwice() {
  const { world } = stage.discord;
  const emit = world.emit;
  let [on, delivered] = [true, 0];
  world.hear((event: WorldEvent) => {
    if (!on || event.name !== 'INTERACTION_CREATE') return;
    on = false;
    delivered += 1;
    emit(event);
    on = true;
  });
  return {
    delivered: () => delivered,
    stop: () => {
      on = false;
    },
  };
}
