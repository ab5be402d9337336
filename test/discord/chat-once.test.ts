// A message is posted once for its key, whatever happens between the post and its record.
import { expect, it } from 'vitest';
import { toTaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import { sampleLog, sampleProgress, sampleResult, sampleStep } from '../builders/views.ts';
import { messageAt, openChatStage, planOf, questionOf } from './chat-stage.ts';

const task = toTaskId(7);
const posting = { route: 'POST /channels/:channel/messages' };
/** Longer than Discord keeps a nonce. */
const laterMs = 30 * 60_000;

const views: readonly [string, View, View][] = [
  ['a plan', planOf(7, { revision: 2 }), planOf(7, { revision: 2 })],
  ['a question', questionOf(7), questionOf(7)],
  [
    'a notice',
    { type: 'notice', task, tone: 'good', text: 'It goes on.', code: null },
    { type: 'notice', task, tone: 'good', text: 'It goes on.', code: null },
  ],
  ['a log', { ...sampleLog(400), task }, { ...sampleLog(400), task }],
  ['a result', { ...sampleResult, task }, { ...sampleResult, task }],
  [
    'a live message that says something else by now',
    { ...sampleProgress(sampleStep({ state: 'starting', agent: null })), task },
    { ...sampleProgress(sampleStep({ now: 'Pull the image' })), task },
  ],
];

it.each(views)('%s whose answer was lost with the process is found by the next life', async (_, lostView, now) => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const first = await stage.startChat();
  const root = await first.post(general, 'event:1', planOf(7));
  await first.post(general, 'event:2', { type: 'notice', task, tone: 'neutral', text: 'Before.', code: null }, root);
  const hold = discord.holdRequests(posting);
  const lost = first.post(general, 'event:3', lostView, root);
  lost.catch(() => {});
  await discord.until(() => hold.held === 1, 'a post whose answer is withheld');
  // As when the process is killed: nothing is tried again.
  const second = stage.makeChat();
  const stopped = first.stop();
  hold.cut();
  await stopped;
  discord.clock.advance(laterMs);
  await second.start(stage.handlers);
  const there = () => [...discord.world.channels.values()].flatMap(({ messages }) => messages.map(({ id }) => id));
  const before = there();
  const reference = await second.post(general, 'event:3', now, root);
  expect(there()).toEqual(before);
  expect(reference.endsWith(`/${before.toSorted().at(-1)}`)).toBe(true);
  if (now.type === 'progress') expect(messageAt(discord, reference).content).toContain('Pull the image');
  await second.close();
});

it('a post whose answer is lost while the program lives is tried again, and posted once', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  discord.answerNext(posting, { status: 502, applied: true, times: 2 });
  await chat.post(general, 'event:1', planOf(7));
  expect(await discord.channel('general').messages()).toHaveLength(1);
});

it('a post that failed for a long time is looked for before it is posted again', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  await chat.post(general, 'event:1', planOf(7));
  discord.clock.advance(laterMs);
  await chat.post(general, 'event:2', planOf(8));
  discord.answerNext(posting, { status: 502, applied: true, times: 5 });
  await expect(chat.post(general, 'event:3', planOf(9))).rejects.toMatchObject({
    kind: 'CHAT_FAILED',
    retryable: true,
  });
  discord.clock.advance(laterMs);
  await chat.post(general, 'event:3', planOf(9));
  expect(await discord.channel('general').messages()).toHaveLength(3);
});

it('the same words under another key are another message', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const chat = await stage.startChat();
  const root = await chat.post(general, 'event:1', planOf(7));
  const notice: View = { type: 'notice', task, tone: 'neutral', text: 'It goes on.', code: null };
  const one = await chat.post(general, 'event:2', notice, root);
  const other = await chat.post(general, 'event:3', notice, root);
  expect(one).not.toBe(other);
  discord.clock.advance(laterMs);
  const third = await chat.post(general, 'event:4', notice, root);
  expect(third).not.toBe(other);
});

it('what is said again right after a restart is no repetition of what was said before it', async () => {
  await using stage = await openChatStage();
  const { discord, general } = stage;
  const first = await stage.startChat();
  const root = await first.post(general, 'event:1', planOf(7));
  const say = (text: string): View => ({ type: 'notice', task, tone: 'neutral', text, code: null });
  await first.post(general, 'event:2', say('It waits for you.'), root);
  await first.post(general, 'event:3', say('It goes on.'), root);
  await first.stop();
  discord.clock.advance(laterMs);
  const second = await stage.startChat();
  await second.post(general, 'event:4', say('It waits for you.'), root);
  await second.post(general, 'event:5', say('It goes on.'), root);
  const said = await discord.channel(root.split('/')[1] ?? '').messages();
  expect(said.map(({ content }) => content)).toHaveLength(4);
});
