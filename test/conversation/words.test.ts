// Approvals in words: they are for the plan that was there to be seen, or for the one whose hash was typed.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toActorId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../builders/plan.ts';
import { openDesk } from './desk.ts';
import type { Stage } from './stage.ts';
import { now, openStage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const policy = aPolicy();
const later = (ms: number) => new Date(Date.parse(now) + ms).toISOString();

/** A task whose newest plan, of that revision, waits. Everything in the stage's log happened at `now`. */
async function proposed(revisions = 1, hosts: readonly string[] = ['nas']): Promise<TaskState> {
  const task = await stage.store.nextTask();
  let state = await stage.act(task, {
    ...{ type: 'receive', conversation: stage.chat.conversation, requester: stage.person.id, request: 'x' },
    messageId: `m${task}`,
  });
  for (let revision = 1; revision <= revisions; revision += 1) {
    const plan = aPlan({ task, revision, steps: [aStep({ hosts })] });
    const propose = { type: 'propose', basis: planningBasis(state), plan, policy } as const;
    state = await stage.act(task, propose);
    if (revision < revisions)
      state = await stage.act(task, { type: 'change', person: stage.person, on: {}, policy, now, change: 'y' });
  }
  return state;
}

const words = (text: string, sentAt?: string): Pick<Incoming, 'content' | 'sentAt'> => ({
  content: { type: 'text', text },
  ...(sentAt !== undefined && { sentAt }),
});
const statusOf = async ({ task }: TaskState) => replay(task, await stage.store.readTask(task)).status;
const hashOf = ({ proposal }: TaskState) => proposal?.planHash ?? '';

describe('an approval in words', () => {
  it('that was said before the plan was made approves nothing, and the record keeps it', async () => {
    const state = await proposed();
    const { send, answers } = openDesk(stage, policy);
    expect(await send(words('approve', later(-1)))).toMatchObject({ refused: true });
    expect(answers).toMatchObject([
      { code: 'CHF-302', text: expect.stringMatching(/^The plan of task #1 was made after that was said\./) },
    ]);
    expect(await statusOf(state)).toBe('proposed');
    expect((await stage.store.readTask(state.task)).at(-1)?.event).toMatchObject({
      ...{ type: 'command.refused', command: 'approve', kind: 'STALE_REVISION' },
    });
  });

  it('that was said when it was there approves it, as does one of a platform that tells no time', async () => {
    const { send } = openDesk(stage, policy);
    for (const sentAt of [now, later(1), undefined]) {
      const state = await proposed();
      expect(await send(words(`approve #${state.task}`, sentAt))).toEqual({ task: state.task, refused: false });
      expect(await statusOf(state)).toBe('approved');
    }
  });

  it('as a reply to the card of an older revision approves nothing, as one to the newest card does', async () => {
    const state = await proposed(2);
    const { task } = state;
    const { send, answers } = openDesk(stage, policy);
    const older = { task, revision: 1, hashPrefix: '0'.repeat(12) };
    for (const text of ['approve', `approve #${task}`, 'reject'])
      expect(await send({ ...words(text, later(1)), plan: older })).toMatchObject({ refused: true });
    expect(answers).toMatchObject([{ code: 'CHF-302' }, { code: 'CHF-302' }, { code: 'CHF-302' }]);
    expect(await statusOf(state)).toBe('proposed');
    const newest = { task, revision: 2, hashPrefix: hashOf(state).slice(0, 12) };
    expect(await send({ ...words('approve', later(1)), plan: newest })).toEqual({ task, refused: false });
    expect(await statusOf(state)).toBe('approved');
  });

  it('by another hash than that of the plan which waits approves nothing', async () => {
    const state = await proposed(2);
    const { send, answers } = openDesk(stage, policy);
    await send(words(`approve ${'0'.repeat(8)}`));
    expect(answers).toMatchObject([{ code: 'CHF-303' }]);
    expect(await statusOf(state)).toBe('proposed');
  });

  it('that names the hash is for that plan alone, whenever it was said and whatever else waits', async () => {
    const [one, other] = [await proposed(1, ['nas']), await proposed(1, ['atlas'])];
    const { send, answers } = openDesk(stage, policy);
    await send(words('approve', later(1)));
    expect(answers).toMatchObject([{ code: 'CHF-106' }]);
    const wrong = hashOf(one).slice(0, 4);
    await send(words(`approve #${other.task} ${wrong === hashOf(other).slice(0, 4) ? '0000' : wrong}`, later(1)));
    expect(answers.at(-1)).toMatchObject({ code: 'CHF-303' });
    await send(words(`approve ${hashOf(other).slice(0, 8).toUpperCase()}`, later(-1)));
    expect(await statusOf(other)).toBe('approved');
    expect(await statusOf(one)).toBe('proposed');
    await send(words(`approve #${one.task} ${hashOf(one)}`));
    expect(await statusOf(one)).toBe('approved');
  });
});

describe('words that were said before what stands there now', () => {
  const asking = async (): Promise<TaskState> => {
    const task = await stage.store.nextTask();
    const { conversation, id: requester } = { ...stage.chat, ...stage.person };
    const state = await stage.act(task, {
      ...{ type: 'receive', conversation, requester, request: 'x', messageId: `m${task}` },
    });
    return stage.act(task, {
      ...{ type: 'ask', basis: planningBasis(state) },
      question: { text: 'Which?', candidates: [], decides: 'input', about: 'port' },
      judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
    });
  };
  const inThread = async ({ task }: TaskState, text: string, sentAt?: string) => {
    await stage.store.saveDelivered('conversation', `thread:root-${task}`, String(task));
    return { ...words(text, sentAt), thread: `root-${task}` };
  };
  const eventsOf = ({ task }: TaskState) => stage.store.readTask(task);

  it('neither change nor reject a plan that was made after them, and their person is told', async () => {
    const state = await proposed(2);
    const { send, answers } = openDesk(stage, policy);
    const said = [
      await inThread(state, 'on nas instead', later(-1)),
      words(`change #${state.task} on nas instead`, later(-1)),
      words('reject', later(-1)),
    ];
    for (const each of said) expect(await send(each)).toEqual({ task: state.task, refused: true });
    expect(answers).toMatchObject(
      said.map(() => ({
        code: 'CHF-302',
        text: expect.stringMatching(/^The plan of task #1 was made after that was said/),
      })),
    );
    expect(await statusOf(state)).toBe('proposed');
  });

  it('answer no question that was asked after them, and nothing of them is kept', async () => {
    const state = await asking();
    const before = await eventsOf(state);
    const { send, answers } = openDesk(stage, policy);
    expect(await send(await inThread(state, 'hunter2', later(-1)))).toEqual({ task: state.task, refused: true });
    expect(answers).toMatchObject([
      { code: 'CHF-305', text: expect.stringMatching(/^Task #1 asked its question after that was said/) },
    ]);
    expect(await eventsOf(state)).toEqual(before);
  });

  it('count when they came after it, in the same millisecond too, and where the platform tells no time', async () => {
    const { send } = openDesk(stage, policy);
    for (const sentAt of [now, later(1), undefined]) {
      const asked = await asking();
      expect(await send(await inThread(asked, '8080', sentAt))).toEqual({ task: asked.task, refused: false });
      const waiting = await proposed();
      expect(await send(await inThread(waiting, 'on nas', sentAt))).toEqual({ task: waiting.task, refused: false });
      expect([await statusOf(asked), await statusOf(waiting)]).toEqual(['planning', 'planning']);
      const other = await proposed();
      expect(await send(words(`reject #${other.task}`, sentAt))).toEqual({ task: other.task, refused: false });
    }
  });

  it('a cancel counts whenever it was said: it is about the task and not about its plan', async () => {
    const state = await proposed(2);
    expect(await openDesk(stage, policy).send(words('cancel', later(-1)))).toMatchObject({ refused: false });
    expect(await statusOf(state)).toBe('cancelled');
  });
});

describe('an answer to a question for a secret', () => {
  /** A task that asks for one. */
  async function asking(): Promise<TaskState> {
    const task = await stage.store.nextTask();
    const { conversation } = stage.chat;
    const receive = {
      type: 'receive',
      conversation,
      requester: stage.person.id,
      request: 'x',
      messageId: 'm',
    } as const;
    const state = await stage.act(task, receive);
    return stage.act(task, {
      ...{ type: 'ask', basis: planningBasis(state) },
      question: { text: 'Which?', candidates: [], decides: 'input', about: 'password', secret: true },
      judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
    });
  }

  it('is taken from the one who made the request alone: on the plan nobody would see whose it is', async () => {
    const state = await asking();
    const { task } = state;
    const { send, answers } = openDesk(stage, policy);
    const answer = { type: 'answer', task, question: 1, text: 'mallory-knows-it' } as const;
    const mallory = { id: toActorId('discord:666'), name: 'mallory', roles: [] };
    expect(await send({ content: answer, person: mallory })).toEqual({ task, refused: true });
    expect(answers).toMatchObject([{ code: 'CHF-301', text: expect.stringContaining('taken from nobody else') }]);
    expect(await statusOf(state)).toBe('asking');
    expect(await send({ content: answer })).toEqual({ task, refused: false });
  });

  it('is not taken from the words of a thread, which others read', async () => {
    const state = await asking();
    const thread = 'forum:ops/first';
    await stage.store.saveDelivered('conversation', `thread:${thread}`, String(state.task));
    const { send, answers } = openDesk(stage, policy);
    expect(await send({ ...words('hunter2'), thread })).toEqual({ task: state.task, refused: true });
    expect(answers).toMatchObject([{ code: 'CHF-301', text: expect.stringContaining('no place for one') }]);
    expect(await statusOf(state)).toBe('asking');
    expect(JSON.stringify(await stage.store.readAfter(0, 1_000))).not.toContain('hunter2');
  });
});
