// What a platform hands over a second time: the bot was killed between storing its effect and noting that it was handled. In its next
// life the same words may mean something else, and have to do nothing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TaskId } from '../../core/ids.ts';
import { toActorId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy, aStep } from '../builders/plan.ts';
import { openDesk } from './desk.ts';
import type { Stage } from './stage.ts';
import { now, openStage, run, speaker, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const policy = aPolicy();
const thread = 'the-root';
const stateOf = async (task: TaskId): Promise<TaskState> => replay(task, await stage.store.readTask(task));
const record = () => stage.store.readAfter(0, 1_000);

async function received(): Promise<TaskId> {
  const task = await stage.store.nextTask();
  await stage.act(task, {
    ...{ type: 'receive', conversation: stage.chat.conversation, requester: stage.person.id, request: 'x' },
    messageId: `m${task}`,
  });
  await stage.store.saveDelivered('conversation', `thread:${thread}`, String(task));
  return task;
}

async function ask(task: TaskId, secret = false): Promise<TaskState> {
  return stage.act(task, {
    ...{ type: 'ask', basis: planningBasis(await stateOf(task)) },
    question: { text: 'Which?', candidates: [], decides: 'input', about: 'x', secret },
    judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
  });
}

async function propose(task: TaskId): Promise<TaskState> {
  const state = await stateOf(task);
  const plan = aPlan({ task, revision: state.revision + 1, steps: [aStep()] });
  return stage.act(task, { type: 'propose', basis: planningBasis(state), plan, policy });
}

async function withdraw(task: TaskId): Promise<void> {
  const { proposal } = await stateOf(task);
  if (proposal === null) throw new Error(`task #${task} has no plan`);
  await stage.act(task, { type: 'withdraw', planHash: proposal.planHash, reason: 'The files changed.' });
}

const approve = (task: TaskId) => stage.act(task, { type: 'approve', person: stage.person, on: {}, policy, now });
const text = (words: string): Said => ({ content: { type: 'text', text: words } });
const inThread = (words: string): Said => ({ ...text(words), thread });
const hashOf = ({ proposal }: TaskState) => proposal?.planHash.slice(0, 12) ?? '';
const tap = (button: 'approve' | 'retry', state: TaskState): Said => ({
  content: { type: 'button', button, task: state.task, revision: state.revision, hashPrefix: hashOf(state) },
});

type Said = Pick<Incoming, 'content'> & Partial<Incoming>;
/** What is said, and what comes to pass before it is handed over again: then it would mean something else. */
type Case = { readonly said: Said; readonly meanwhile?: () => Promise<unknown> };

const cases: Record<string, () => Promise<Case>> = {
  'an approval in words': async () => {
    const { task } = await propose(await received());
    const meanwhile = async () => {
      await withdraw(task);
      await propose(task);
    };
    return { said: text('approve'), meanwhile };
  },
  'a tap on approve': async () => ({ said: tap('approve', await propose(await received())) }),
  'an approval that is taken back': async () => {
    const { task, revision, proposal } = await propose(await received());
    await approve(task);
    const hashPrefix = proposal?.planHash ?? '';
    return { said: { content: { type: 'take-back', task, revision, hashPrefix } }, meanwhile: () => approve(task) };
  },
  'a rejection': async () => {
    await propose(await received());
    return { said: text('reject'), meanwhile: async () => propose(await received()) };
  },
  'a change': async () => {
    const { task } = await propose(await received());
    return { said: text('change on nas instead'), meanwhile: () => propose(task) };
  },
  'a change, which is no request while the plan is made': async () => {
    await propose(await received());
    return { said: text('change the port of grafana') };
  },
  'a change in a thread': async () => {
    const { task } = await propose(await received());
    return { said: inThread('on nas instead'), meanwhile: () => propose(task) };
  },
  'an answer in a thread, where the next question asks for a secret': async () => {
    const { task } = await ask(await received());
    return { said: inThread('nas'), meanwhile: () => ask(task, true) };
  },
  'an answer to a question by its number': async () => {
    const { task } = await ask(await received());
    return { said: { content: { type: 'answer', task, question: 1, text: 'nas' } }, meanwhile: () => ask(task) };
  },
  'a secret': async () => {
    const { task } = await ask(await received(), true);
    return { said: { content: { type: 'answer', task, question: 1, text: 'hunter2' } }, meanwhile: () => ask(task) };
  },
  'a cancel': async () => {
    await propose(await received());
    return { said: text('cancel'), meanwhile: async () => propose(await received()) };
  },
  'a resume': async () => {
    const { task } = await propose(await received());
    const pause = { type: 'pause', reason: 'no agent' } as const;
    await stage.act(task, start(await approve(task)), pause);
    return { said: text('resume'), meanwhile: () => stage.act(task, pause) };
  },
  'a retry': async () => {
    const { task } = await propose(await received());
    const failed = await stage.act(
      task,
      start(await approve(task)),
      { type: 'attempt-claimed', run, token: 1, speaker },
      {
        ...{ type: 'attempt-finished', run, token: 1, speaker },
        result: {
          ...{ outcome: 'failed', error: null, recap: {}, changed: {}, notes: [], exitCode: 1, durationMs: 1 },
          output: { sha256: '', lines: 0, bytes: 0 },
        },
      },
    );
    return { said: tap('retry', failed) };
  },
  'a request': async () => ({ said: text('deploy grafana') }),
};

describe('handed over again in the next life, it has the effect and the outcome of once:', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const { said, meanwhile } = (await cases[name]?.()) ?? { said: text('') };
    const message = { ...said, messageId: 'the-same' };
    const before = (await record()).length;
    const first = await openDesk(stage, policy).send(message);
    expect(first).toMatchObject({ task: expect.any(Number), refused: false });
    expect((await record()).length).toBeGreaterThan(before);
    await meanwhile?.();
    const log = await record();
    const next = openDesk(await stage.nextLife(), policy);
    expect(await next.send(message)).toEqual(first);
    expect(next.answers).toEqual([]);
    expect(await record()).toEqual(log);
    // It is that message which does nothing, and not those words.
    const fresh = await next.send({ ...said, messageId: 'another' });
    expect(fresh.refused || (await record()).length > log.length).toBe(true);
  });

  it('what was refused is refused again, and the record keeps one refusal', async () => {
    await propose(await received());
    const stranger = { id: toActorId('discord:9'), name: 'nine', roles: [] };
    const all = [
      { ...text('approve'), messageId: 'refused', person: stranger },
      { ...text('\u0007'), messageId: 'unreadable' },
    ];
    const first = openDesk(stage, policy);
    const said = [];
    for (const message of all) said.push(await first.send(message));
    expect(said.map(({ refused }) => refused)).toEqual([true, true]);
    const log = await record();
    expect(log.slice(-2).map(({ event }) => event.type)).toEqual(['command.refused', 'message.refused']);
    const next = openDesk(await stage.nextLife(), policy);
    for (const [index, message] of all.entries()) expect(await next.send(message)).toEqual(said[index]);
    expect(next.answers).toEqual(first.answers);
    expect(await record()).toEqual(log);
  });

  it('what was refused may be done later: it is judged anew', async () => {
    const task = await received();
    const message = { ...text(`approve #${task}`), messageId: 'early' };
    expect(await openDesk(stage, policy).send(message)).toEqual({ task, refused: true });
    await propose(task);
    expect(await openDesk(await stage.nextLife(), policy).send(message)).toEqual({ task, refused: false });
    expect(await stateOf(task)).toMatchObject({ status: 'approved' });
  });

  it('an answer that somebody else’s came before is none to the next question, though that one asks for a secret', async () => {
    const { task } = await ask(await received());
    const submit: Stage['submit'] = async (...given) => {
      await stage.act(task, { type: 'answer', actor: toActorId('discord:9'), answer: '8080' });
      await ask(task, true);
      return stage.submit(...given);
    };
    const { send } = openDesk({ ...stage, submit }, policy);
    expect(await send({ ...inThread('9090'), messageId: 'late' })).toEqual({ task, refused: true });
    expect(await stateOf(task)).toMatchObject({ status: 'asking', dialogue: [{ answer: '8080' }] });
  });

  it('an answer while nothing is asked is none to a question that is asked in that moment', async () => {
    const task = await received();
    const submit: Stage['submit'] = async (...given) => {
      await ask(task, true);
      return stage.submit(...given);
    };
    const content = { type: 'answer', task, question: 1, text: '8080' } as const;
    const { send } = openDesk({ ...stage, submit }, policy);
    expect(await send({ content, messageId: 'early' })).toEqual({ task, refused: true });
    expect((await stateOf(task)).dialogue).toEqual([]);
  });

  it('also to two lives at the same time', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const state = await propose(await received());
      const message = { ...tap('approve', state), messageId: `round-${round}` };
      const desks = [openDesk(stage, policy), openDesk(await stage.nextLife(), policy)];
      const both = await Promise.all(desks.map(({ send }) => send(message)));
      expect(both).toEqual([1, 2].map(() => ({ task: state.task, refused: false })));
      expect(desks.flatMap(({ answers }) => answers)).toEqual([]);
      expect((await stage.store.readTask(state.task)).map(({ event }) => event.type)).toEqual([
        ...['task.received', 'plan.proposed', 'approval.given', 'plan.approved'],
      ]);
    }
  });
});
