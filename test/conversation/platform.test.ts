// A conversation on a chat platform: threads of tasks, cards that tell how their run stands, and what happens when messages vanish or a
// channel is closed to Chiffon.
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLiveProgress } from '../../bot/live-progress.ts';
import { makeConversationHandler } from '../../bot/projectors/conversation.ts';
import { taskOfThread } from '../../bot/projectors/deliver.ts';
import { lookAgain } from '../../bot/projectors/look-again.ts';
import { makeTaskTableHandler } from '../../bot/projectors/task-table.ts';
import { toConversationId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../builders/plan.ts';
import { makeChatMemory } from '../fakes/chat-memory.ts';
import { makePlatformChat } from '../fakes/platform-chat.ts';
import type { Stage } from './stage.ts';
import { now, openStage, queue, run, speaker, start } from './stage.ts';

const channel = toConversationId('forum:ops');
const finished: TaskCommand = {
  ...{ type: 'attempt-finished', run, token: 1, speaker },
  result: {
    ...{ outcome: 'succeeded', error: null, changed: {}, notes: [], exitCode: 0, durationMs: 1, recap: {} },
    output: { sha256: '', lines: 1, bytes: 6 },
  },
};

let stage: Stage;
let chat: ReturnType<typeof makePlatformChat>;
let seen: () => Promise<void>;
let look: () => Promise<void>;

beforeEach(async () => {
  stage = await openStage();
  chat = makePlatformChat();
  await chat.start({
    handle: async () => ({ task: null, refused: false }),
    suggest: async () => [],
    // A test looks when it wants to.
    lookAgain: () => {},
    memory: makeChatMemory(),
    lost: () => {},
  });
  const progress = makeLiveProgress({ now: () => new Date(now) });
  const parts = { store: stage.store, progress, repository: () => 'homelab', log: pino({ level: 'silent' }) };
  const handle = makeConversationHandler({ ...parts, chatOf: (where) => (chat.serves(where) ? chat : undefined) });
  const toTable = makeTaskTableHandler(stage.store);
  let done = 0;
  seen = async () => {
    for (const stored of await stage.store.readAfter(done, 1_000)) {
      await toTable(stored);
      await handle(stored);
      done = stored.seq;
    }
  };
  look = () => lookAgain({ ...parts, chat });
});
afterEach(() => stage.close());

const newest = (type: View['type']) =>
  chat
    .messages()
    .filter(({ views }) => views[0]?.type === type)
    .map(({ views }) => views.at(-1));
const standings = () => newest('plan').map((view) => (view?.type === 'plan' ? view.standing : null));

describe('a task on a platform', () => {
  it('whose approval is taken back while it waits its turn has an open card again', async () => {
    const { act, approved, person } = stage;
    const first = await approved(['nas'], {}, channel);
    const second = await approved(['nas'], {}, channel);
    await act(second.task, queue(second, first));
    await act(second.task, { type: 'withdraw-approval', person, on: {} });
    await seen();
    expect(standings()).toEqual(['approved', 'open']);
    const texts = newest('notice').map((view) => (view?.type === 'notice' ? view.text : ''));
    expect(texts).toEqual([
      `#${second.task} waits no longer: its approval was taken back.`,
      `terminal:local took the approval of #${second.task} back; it waits for a decision.`,
    ]);
    await act(second.task, { type: 'approve', person, policy: aPolicy(), on: {}, now });
    await seen();
    expect(standings()).toEqual(['approved', 'approved']);
  });

  it('hangs its run on its first message, whose card says how the run stands, and leaves its log and result', async () => {
    const { act, approved, store } = stage;
    const task = await approved(['nas'], {}, channel);
    await seen();
    expect(standings()).toEqual(['approved']);
    const root = chat.messages()[0]?.reference ?? '';
    expect(await taskOfThread(store, root)).toBe(task.task);

    await act(task.task, start(task));
    await seen();
    expect(standings()).toEqual(['running']);
    await act(task.task, { type: 'attempt-claimed', run, token: 1, speaker });
    await store.appendOutput([{ run, step: 1, attempt: 1, seq: 1, text: 'hello\n', lines: 1 }]);
    await act(task.task, finished);
    await seen();
    expect(standings()).toEqual(['succeeded']);
    expect(
      chat
        .messages()
        .slice(1)
        .every((message) => message.root === root),
    ).toBe(true);
    expect(chat.messages().map(({ views }) => views[0]?.type)).toEqual(['plan', 'progress', 'log', 'result']);
    expect(newest('progress')).toMatchObject([{ step: 1, steps: [{ state: 'succeeded' }] }]);
    expect(newest('log')).toMatchObject([{ text: 'hello\n', lines: 1, complete: true }]);
  });

  it('closes its question when it is answered, and never shows a secret answer', async () => {
    const { act, store, person } = stage;
    const task = await store.nextTask();
    const ask = (secret: boolean) => ({
      ...{ type: 'ask' as const, judged: { tier: 'rules' as const, confidence: 1, why: [], costMicroUsd: 0 } },
      question: { text: 'Which?', candidates: [], decides: 'input' as const, about: 'port', secret },
    });
    const received = await act(task, {
      ...{ type: 'receive', conversation: channel, requester: person.id, request: 'deploy', messageId: 'm' },
    });
    await act(task, { ...ask(false), basis: planningBasis(received) });
    await seen();
    expect(newest('question')).toMatchObject([{ number: 1, closed: null }]);
    const answered = await act(task, { type: 'answer', actor: person.id, answer: '8080' });
    await act(task, { ...ask(true), basis: planningBasis(answered) });
    await act(task, { type: 'answer', actor: person.id, answer: 'hunter2' });
    await seen();
    expect(newest('question')).toMatchObject([
      { number: 1, closed: `Answered by ${person.id}: 8080` },
      { number: 2, closed: `Answered by ${person.id}` },
    ]);
  });
});

describe('a message that vanished', () => {
  it('is posted again while it waits for a decision, once', async () => {
    const { act, store, person } = stage;
    const task = await proposed();
    await seen();
    chat.remove(chat.messages()[0]?.reference ?? '');
    await look();
    await look();
    expect(standings()).toEqual(['open']);
    const again = chat.messages()[0]?.reference ?? '';
    expect(await taskOfThread(store, again)).toBe(task);
    await act(task, { type: 'reject', person, policy: aPolicy(), on: {}, now, reason: '' });
    await seen();
    expect(standings()).toEqual(['rejected']);
  });

  it('is let go when nothing waits for it any more', async () => {
    const { act, person } = stage;
    const task = await proposed();
    await seen();
    chat.remove(chat.messages()[0]?.reference ?? '');
    await act(task, { type: 'reject', person, policy: aPolicy(), on: {}, now, reason: '' });
    await seen();
    await look();
    expect(standings()).toEqual([]);
  });
});

describe('a channel that is closed to Chiffon', () => {
  it('holds up nothing, and is shown what still matters when it is open again', async () => {
    const { act, person } = stage;
    chat.shut(true);
    const first = await proposed();
    const second = await proposed();
    await act(first, { type: 'reject', person, policy: aPolicy(), on: {}, now, reason: 'no' });
    await seen();
    expect(chat.messages()).toEqual([]);
    await look();
    expect(chat.messages()).toEqual([]);
    chat.shut(false);
    await look();
    expect(chat.messages().map(({ views }) => views.at(-1))).toMatchObject([
      { type: 'plan', task: second, standing: 'open' },
      { type: 'notice', task: first },
    ]);
    await look();
    expect(chat.messages()).toHaveLength(2);
  });
});

/** A task with a plan that waits. */
async function proposed() {
  const { act, store, person } = stage;
  const task = await store.nextTask();
  const received = await act(task, {
    ...{
      type: 'receive',
      conversation: channel,
      requester: person.id,
      request: 'deploy grafana',
      messageId: `m${task}`,
    },
  });
  const plan = aPlan({ task, policyVersion: aPolicy().version, steps: [aStep({ hosts: ['nas'] })] });
  await act(task, { type: 'propose', basis: planningBasis(received), plan, policy: aPolicy() });
  return task;
}
