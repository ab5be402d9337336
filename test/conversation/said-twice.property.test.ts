// Whatever people say, and whatever comes of it meanwhile: what is handed over again appends nothing and has the outcome of the first time.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { toActorId, toConversationId } from '../../core/ids.ts';
import type { Button, HandledIncoming, Incoming } from '../../core/ports/chat.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import type { TaskEvent, TaskEventType } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { emptyTask, planningBasis } from '../../core/task/state.ts';
import { aPlan, aPolicy } from '../builders/plan.ts';
import { openDesk } from './desk.ts';
import type { Stage } from './stage.ts';
import { openStage, run, speaker, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const policy = aPolicy();
const people = ['terminal:local', 'terminal:local', 'terminal:local', 'discord:9'];
type Content = Incoming['content'];

const button =
  (which: Button) =>
  ({ task, revision, proposal }: TaskState): Content => ({
    ...{ type: 'button', button: which, task, revision, hashPrefix: proposal?.planHash.slice(0, 12) ?? '' },
  });
const takeBack = ({ task, revision, proposal }: TaskState): Content => ({
  ...{ type: 'take-back', task, revision, hashPrefix: proposal?.planHash ?? '' },
});

/** What takes the newest task a step further. */
function fitting(state: TaskState): Content {
  switch (state.status) {
    case 'asking':
      return { type: 'answer', task: state.task, question: state.dialogue.length + 1, text: 'nas' };
    case 'approved':
      return takeBack(state);
    case 'paused':
      return button('resume')(state);
    case 'failed':
      return button('retry')(state);
    default:
      return button('approve')(state);
  }
}

/** What is said of the newest task, as it stands. */
const speech: readonly ((state: TaskState) => Content)[] = [
  ...['deploy grafana', '8080', 'approve', 'reject', 'change on nas instead', 'cancel', 'resume', 'retry'].map(
    (text) => (): Content => ({ type: 'text', text }),
  ),
  ...(['approve', 'reject', 'cancel', 'resume', 'retry'] as const).map(button),
  takeBack,
];

/** What the planner and the agents make of the newest task, where it can be. */
const world: readonly ((state: TaskState) => readonly TaskCommand[])[] = [
  (state) => [
    {
      ...{ type: 'ask', basis: planningBasis(state) },
      question: { text: 'Which?', candidates: [], decides: 'input', about: 'port' },
      judged: { tier: 'rules', confidence: 1, why: [], costMicroUsd: 0 },
    },
  ],
  (state) => [
    {
      ...{ type: 'propose', basis: planningBasis(state), policy },
      plan: aPlan({ task: state.task, revision: state.revision + 1 }),
    },
  ],
  (state) => (state.proposal === null ? [] : [start(state), { type: 'pause', reason: 'no agent' }]),
  (state) => {
    if (state.proposal === null) return [];
    const about = { run, token: Math.max(1, state.lastToken), speaker };
    const ended = { error: null, recap: {}, changed: {}, notes: [], exitCode: 1, durationMs: 1 };
    const result = { ...ended, outcome: 'failed' as const, output: { sha256: '', lines: 0, bytes: 0 } };
    return [start(state), { type: 'attempt-claimed', ...about }, { type: 'attempt-finished', ...about, result }];
  },
];

/** One that is said, by whom, then what comes of it; and which of all that was said is handed over again then. */
const step = fc.record({
  say: fc.oneof(fc.constantFrom(...speech), fc.constant(fitting)),
  by: fc.constantFrom(...people),
  meanwhile: fc.array(fc.constantFrom(...world), { maxLength: 2 }),
  again: fc.nat(),
});

it('what is handed over again has the effect of once, in any life and however much came between', async () => {
  const lives = [stage, await stage.nextLife()].map((life) => openDesk(life, policy));
  const { store } = stage;
  const seen = new Set<TaskEventType | 'retry'>();
  let runs = 0;

  const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
    runs += 1;
    const conversation = toConversationId(`terminal:run-${runs}`);
    const newest = async (): Promise<TaskState> => {
      const [row] = await store.listTasks({ conversation, limit: 1 });
      return row === undefined ? emptyTask(await store.nextTask()) : replay(row.task, await store.readTask(row.task));
    };
    const hand = async (life: number, said: Said): Promise<HandledIncoming | undefined> =>
      lives[life]?.send({ ...said, conversation });
    const handAgain = async (life: number, { said, handled }: Handled): Promise<void> => {
      const before = await store.head();
      expect(await hand(life, said)).toEqual(handled);
      expect(await store.head()).toEqual(before);
    };
    const done: Handled[] = [];
    const request: Said = {
      ...aPerson('terminal:local'),
      content: { type: 'text', text: 'deploy grafana' },
      messageId: 'first',
    };
    done.push({ said: request, handled: await hand(0, request) });
    for (const [index, { say, by, meanwhile, again }] of steps.entries()) {
      const said: Said = { ...aPerson(by), content: say(await newest()), messageId: `m${index}` };
      const { seq } = await store.head();
      const handled = await hand(0, said);
      if (handled?.refused === false) for (const { event } of await store.readAfter(seq, 10)) seen.add(kindOf(event));
      if (handled?.refused === false) done.push({ said, handled });
      // What was refused is judged anew: the same as long as nothing comes between.
      else await handAgain(1, { said, handled });
      for (const commands of meanwhile)
        for (const command of commands(await newest()))
          await stage.submit((await newest()).task, toActorId('system:test'), command);
      const one = done[again % done.length];
      if (one !== undefined) await handAgain(again % 2, one);
    }
    for (const one of done) await handAgain(1, one);
  });

  await fc.assert(property, { numRuns: 25, seed: 1 });
  // A property of what is never done would say nothing.
  expect([...seen].toSorted()).toEqual(
    [
      ...['task.received', 'question.answered', 'approval.given', 'plan.approved', 'approval.taken-back'],
      ...['retry', 'plan.rejected', 'changes.requested', 'run.resumed', 'task.cancelled'],
    ].toSorted(),
  );
}, 120_000);

function kindOf(event: TaskEvent): TaskEventType | 'retry' {
  return event.type === 'task.received' && event.retryOf !== undefined ? 'retry' : event.type;
}

type Said = Pick<Incoming, 'content' | 'messageId' | 'person'>;
type Handled = { readonly said: Said; readonly handled: HandledIncoming | undefined };

function aPerson(id: string): Pick<Incoming, 'person'> {
  return { person: { id: toActorId(id), name: id, roles: [] } };
}
