// Several people decide in one room, by taps and in words, on the real log: one decision, one run, and a true answer for everybody.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Service } from '../e2e/service.ts';
import type { Stored } from '../e2e/stored.ts';
import type { Message } from '../matrix/messages.ts';
import type { Person } from '../matrix/people.ts';
import type { Stage } from './stage.ts';
import { isResult, openStage, taskOf } from './stage.ts';

let stage: Stage;
let service: Service;
/** What each test expects of the log, which can be read once the bot has ended. */
const laterOn: ((log: Stored) => void)[] = [];
const times = (log: Stored, task: number, type: string) => log.of(task).filter((event) => event.type === type).length;
const approvers = (rest = '') => {
  const { ada, ben } = stage;
  return stage.setPolicy(`approvers:\n  - {who: ['matrix:${ada.userId}', 'matrix:${ben.userId}']${rest}}\n`);
};
/** What the bot said in a card's thread that calls somebody, results aside. */
const calls = async (card: Message, { userId }: Person): Promise<readonly string[]> =>
  (await stage.ada.thread(stage.room, card.eventId))
    .filter((message) => message.mentions.includes(userId) && !isResult(message))
    .map(({ body }) => body);
const told = (card: Message, person: Person, count = 1): Promise<string> =>
  stage.ada.until(async () => (await calls(card, person)).at(count - 1), {
    what: `something told to ${person.userId}`,
  });
const saidInThread = (card: Message, text: RegExp, count = 1): Promise<Message> =>
  stage.ada.until(
    async () => (await stage.ada.thread(stage.room, card.eventId)).filter(({ body }) => text.test(body)).at(count - 1),
    { what: `${text} in the thread` },
  );

beforeAll(async () => {
  stage = await openStage();
  service = await stage.start();
});

afterAll(async () => {
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  const log = await stage.stored();
  for (const expectLog of laterOn) expectLog(log);
  await stage[Symbol.asyncDispose]();
});

it('where two are needed one person is one, however often and in whatever way they approve, and may take it back', async () => {
  const { ada, ben, eve, room } = stage;
  await approvers(', needs: 2');
  const card = await stage.ask(ada, 'leave a mark');
  expect(card.body).toMatch(/Needs 2 of /);

  await eve.react(room, card.eventId, '✅');
  const refused = await told(card, eve);
  expect(refused).toMatch(/may not decide on step 1/);
  expect(refused).toContain(`- {who: ['matrix:${eve.userId}'], actions: ['`);
  expect(refused).toContain('CHF-301');

  const first = await ada.react(room, card.eventId, '✅');
  await stage.becomes(card, ({ body }) => body.includes(`given by ${ada.userId}`), 'an approval on the card');
  await ada.react(room, card.eventId, '✔️');
  expect(await told(card, ada)).toMatch(/approved this plan already; it needs 2 persons/);
  await ada.say(room, 'approve', { thread: card.eventId });
  await saidInThread(card, /approved this plan already/, 2);
  expect(await stage.marks()).toEqual([]);

  await ada.redact(room, first);
  await saidInThread(card, /took the approval of #1 back; it waits for a decision/);
  await stage.becomes(card, ({ body }) => !body.includes('given by'), 'a card without approvals');
  await ben.react(room, card.eventId, '✅');
  await stage.becomes(card, ({ body }) => body.includes(`given by ${ben.userId}`), 'another approval');
  await ada.say(room, 'approve', { thread: card.eventId });
  expect((await stage.result(card)).body).toMatch(/succeeded/);
  await stage.becomes(card, ({ body }) => body.startsWith('✔ succeeded'), 'a true card');
  expect(await stage.marks()).toEqual(['mark']);
  expect(await calls(card, eve)).toHaveLength(1);
  laterOn.push((log) => {
    expect(log.of(1).filter(({ type }) => /^approval|^plan.approved|^command|^run/.test(type))).toMatchObject([
      { type: 'command.refused', actor: `matrix:${eve.userId}` },
      { type: 'approval.given', actor: `matrix:${ada.userId}` },
      { type: 'command.refused', actor: `matrix:${ada.userId}` },
      { type: 'command.refused', actor: `matrix:${ada.userId}` },
      { type: 'approval.taken-back', actor: `matrix:${ada.userId}` },
      { type: 'approval.given', actor: `matrix:${ben.userId}` },
      { type: 'approval.given', actor: `matrix:${ada.userId}` },
      { type: 'plan.approved' },
      { type: 'run.started' },
    ]);
  });
});

it('of two at the same moment both count where two are needed; where one is enough the other is told that it is decided', async () => {
  const { ada, ben, room } = stage;
  const card = await stage.ask(ada, 'leave a mark');
  const tapped = (under: Message) =>
    Promise.all([ada.react(room, under.eventId, '✅'), ben.react(room, under.eventId, '✅')]);
  await tapped(card);
  expect((await stage.result(card)).body).toMatch(/succeeded/);
  expect(await Promise.all([ada, ben].map((person) => calls(card, person)))).toEqual([[], []]);
  expect((await ada.thread(room, card.eventId)).filter(({ body }) => body.includes('1 more to go'))).toHaveLength(1);

  await approvers();
  const other = await stage.ask(ben, 'leave a mark');
  await tapped(other);
  expect((await stage.result(other)).body).toMatch(/succeeded/);
  const late = await ada.until(
    async () => {
      const all = (await Promise.all([ada, ben].map((person) => calls(other, person)))).flat();
      return all.length > 0 && all;
    },
    { what: 'an answer to one of the two' },
  );
  expect(late).toEqual([expect.stringMatching(/^✖ #3 .*(approved|running|runs|succeeded)/)]);
  expect(await stage.marks()).toEqual(['mark', 'mark', 'mark']);
  laterOn.push((log) => {
    const [both, one] = [taskOf(card), taskOf(other)];
    expect([both, one].map((task) => times(log, task, 'approval.given'))).toEqual([2, 1]);
    expect([both, one].map((task) => times(log, task, 'command.refused'))).toEqual([0, 1]);
    expect([both, one].map((task) => times(log, task, 'run.started'))).toEqual([1, 1]);
  });
});

it('when one approves and another rejects at the same moment, one of it happens, the card says which, the other person is told', async () => {
  const { ada, ben, room } = stage;
  const before = (await stage.marks()).length;
  const card = await stage.ask(ada, 'leave a mark');
  await Promise.all([ada.react(room, card.eventId, '✅'), ben.react(room, card.eventId, '❌')]);
  const over = await stage.becomes(card, ({ body }) => /^✔ succeeded|^✖ rejected/.test(body), 'an end');
  const isApproved = over.body.startsWith('✔');
  expect(await told(card, isApproved ? ben : ada)).toMatch(/^✖ #4 /);
  expect(await calls(card, isApproved ? ada : ben)).toEqual([]);
  expect((await stage.marks()).length - before).toBe(isApproved ? 1 : 0);
  laterOn.push((log) => {
    expect(times(log, 4, 'plan.approved') + times(log, 4, 'plan.rejected')).toBe(1);
    expect(times(log, 4, 'run.started')).toBe(isApproved ? 1 : 0);
    expect(times(log, 4, 'command.refused')).toBe(1);
  });
});

it('`approve` with the beginning of another hash decides nothing, with that of the plan it runs it', async () => {
  const { ada, ben, room } = stage;
  const before = (await stage.marks()).length;
  const card = await stage.ask(ada, 'leave a mark');
  const [, prefix = ''] = /approve ([0-9a-f]{4})\b/.exec(card.body) ?? [];
  const wrong = prefix.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const asked = await ben.say(room, `!chiffon approve ${wrong}`);
  const no = await ada.sees(room, ({ replyTo, sender }) => replyTo === asked && sender === stage.bot.userId);
  expect(no.body).toMatch(/is not for the plan that stands there for task #5\. Nothing was decided/);
  await ben.say(room, `!chiffon approve ${prefix.toUpperCase()}`);
  expect((await stage.result(card)).body).toMatch(/succeeded/);
  expect((await stage.marks()).length - before).toBe(1);
  laterOn.push((log) => {
    expect(log.of(5).filter(({ type }) => /^approval|^command/.test(type))).toMatchObject([
      { type: 'command.refused' },
      { type: 'approval.given', actor: `matrix:${ben.userId}` },
    ]);
  });
});

it('a ✅ that is removed takes the approval back while its run waits; once it runs, its person is told that it does', async () => {
  const { ada, ben, room } = stage;
  const runs = await stage.ask(ada, 'hold on');
  const given = await ada.react(room, runs.eventId, '✅');
  await vi.waitFor(async () => expect(await stage.marks()).toContain('held'), { timeout: 60_000 });
  const waits = await stage.ask(ben, 'hold on');
  const queued = await ben.react(room, waits.eventId, '✅');
  await saidInThread(waits, /#6/);
  await ben.redact(room, queued);
  await saidInThread(waits, /took the approval of #7 back; it waits for a decision/);
  const open = await stage.becomes(waits, ({ body }) => /^#7 /.test(body), 'an open card');
  expect(open.body).toContain('Tap ✅');

  await ada.redact(room, given);
  expect(await told(runs, ada)).toMatch(/#6 runs already, so its approval cannot be taken back; cancel #6 stops it/);
  await ben.react(room, waits.eventId, '❌');
  await stage.becomes(waits, ({ body }) => body.startsWith('✖ rejected'), 'a rejected card');
  await stage.release();
  expect((await stage.result(runs)).body).toMatch(/succeeded/);
  expect((await stage.marks()).filter((mark) => mark === 'held')).toHaveLength(1);
  laterOn.push((log) => {
    expect(times(log, 6, 'approval.taken-back')).toBe(0);
    expect(log.of(7).map(({ type }) => type)).toEqual([
      ...['task.received', 'plan.proposed', 'approval.given', 'plan.approved', 'run.queued', 'approval.taken-back'],
      'plan.rejected',
    ]);
  });
});
