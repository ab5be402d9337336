// Killed between a click and all that follows from it: after the next start there is one approval and one run, no message twice, and
// every card says what the log says.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { InteractionHandle } from '../discord/handles.ts';
import type { SeenMessage } from '../discord/seen.ts';
import type { Service } from '../e2e/service.ts';
import type { FaultPoint } from '../services/fault-points.ts';
import type { Stage } from './stage.ts';
import { openStage } from './stage.ts';

const acknowledgements = 'POST /interactions/:interaction/:token/callback';
const posts = 'POST /channels/:channel/messages';
const edits = 'PATCH /channels/:channel/messages/:message';

/** All that a task came to: approved once, run once, shown once. */
async function expectDoneOnce(stage: Stage, card: SeenMessage): Promise<void> {
  expect((await stage.result(card)).content).toMatch(/succeeded/);
  await stage.becomes(
    card,
    ({ content, buttons }) => content.startsWith('✔ succeeded') && buttons.length === 1,
    'a true card',
  );
  const thread = await stage.discord.channel(card.id).messages();
  expect(thread.map(({ content }) => content.split('\n')[0])).toEqual([
    expect.stringMatching(/^✔ #\d+ step 1 of 1/),
    expect.stringMatching(/^Log of #\d+, step 1: \d+ lines$/),
    expect.stringMatching(/^✔ #\d+ succeeded/),
  ]);
}

it('a bot that is killed at whatever point after a click goes on where the log stands', async () => {
  await using stage = await openStage();
  const { discord, ada } = stage;
  const cards: SeenMessage[] = [];
  const askFor = async (request: string) => {
    const card = await stage.ask(ada, request);
    cards.push(card);
    return card;
  };
  const press = (card: SeenMessage): Promise<InteractionHandle> => ada.press(card.id, 'Approve');
  const fault = (type: string, when: FaultPoint['when'], more: Partial<FaultPoint> = {}): FaultPoint => ({
    ...{ at: 'append', when, type, nth: 1 },
    ...more,
  });

  // The click is on its way when the bot dies: nobody took it, and Discord says so. The card still waits and can be pressed.
  let service: Service = await stage.start();
  const first = await askFor('leave a mark');
  service.signal('SIGSTOP');
  const lost = press(first);
  await service.kill();
  discord.clock.advance(3_100);
  expect((await lost).failure).toBe('The application did not respond');

  // Acknowledged, and killed before anything is stored: it is as if it had not been pressed.
  const gate = join(stage.folder, 'acknowledged');
  service = await stage.start({ fault: fault('approval.given', 'before', { gate }) });
  const unstored = await press(first);
  expect(unstored.acknowledgement).toBeDefined();
  await writeFile(gate, '');
  expect(await service.ended).toBe('SIGKILL');
  expect((await stage.look(first)).content).toMatch(/^#1 leave a mark/);
  await rm(gate);

  // Stored, and killed before Discord’s answer to the acknowledgement is there: the approval stands and is carried out.
  service = await stage.start({ fault: fault('plan.approved', 'after') });
  const held = discord.holdRequests({ route: acknowledgements });
  const stored = press(first);
  expect(await service.ended).toBe('SIGKILL');
  held.cut();
  expect((await stored).acknowledgement).toBeDefined();
  service = await stage.start();
  await expectDoneOnce(stage, first);

  // The card's edit was done and not written down.
  const second = await askFor('mark elsewhere');
  const edit = discord.holdRequests({ route: edits, channel: second.channelId, contentIncludes: '✔ succeeded' });
  await press(second);
  await discord.until(() => edit.held > 0, 'an edit of the card', 60_000);
  await service.kill();
  edit.cut();
  service = await stage.start();
  await expectDoneOnce(stage, second);

  // The result was posted and not written down.
  const third = await askFor('leave a mark');
  const result = discord.holdRequests({ route: posts, contentIncludes: '#3 succeeded' });
  await press(third);
  await discord.until(() => result.held > 0, 'a result', 60_000);
  await service.kill();
  result.cut();
  service = await stage.start();
  await expectDoneOnce(stage, third);

  // The last state of a step's live message was to wait.
  const fourth = await askFor('mark elsewhere');
  discord.limitNext({ route: edits, contentIncludes: '✔ #4 step 1' }, { scope: 'user', retryAfterMs: 60_000 });
  await press(fourth);
  await discord.until(() => discord.refusals.user > 0, 'the last state of a step, refused for now', 60_000);
  await service.kill();
  service = await stage.start();
  await expectDoneOnce(stage, fourth);

  // The plan's card was posted and not written down.
  const post = discord.holdRequests({ route: posts, contentIncludes: '#5 leave a mark' });
  await ada.command('do', { request: 'leave a mark' });
  await discord.until(() => post.held > 0, 'a card', 60_000);
  await service.kill();
  post.cut();
  service = await stage.start();
  const fifth = await discord.channel('general').until(({ content }) => content.startsWith('#5 '), 'the card');
  cards.push(fifth);
  await press(fifth);
  await expectDoneOnce(stage, fifth);

  expect((await discord.channel('general').messages()).map(({ id }) => id)).toEqual(cards.map(({ id }) => id));
  expect(await stage.marks()).toEqual(['mark', 'elsewhere', 'mark', 'elsewhere', 'mark']);
  service.signal('SIGTERM');
  expect(await service.ended).toBe(0);
  const log = await stage.stored();
  for (const task of [1, 2, 3, 4, 5]) {
    const types = log.of(task).map(({ type }) => type);
    for (const once of ['approval.given', 'plan.approved', 'run.started', 'attempt.started', 'task.succeeded'])
      expect(
        types.filter((type) => type === once),
        `${once} of #${task}`,
      ).toHaveLength(1);
  }
  expect((await stage.program('audit', 'verify')).stdout).toMatch(/The record holds/);
  discord.assertNoViolations();
});
