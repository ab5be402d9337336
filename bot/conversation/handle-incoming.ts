// A message or a tap becomes a command for a task. Resolves when its effect is stored; what comes of it is shown by the conversation projector.
import type { Refusal } from '../../core/error.ts';
import { isOfStore, refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Chat, HandledIncoming, Incoming, View } from '../../core/ports/chat.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { DecisionOn } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import { appendToSystem } from '../append-to-system.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { keepSecrets } from '../planning/request-secrets.ts';
import type { ReadPolicy } from '../policy-file.ts';
import { taskOfThread } from '../projectors/deliver.ts';
import type { Submit } from '../submit.ts';
import { messageKey, refusedKey } from '../submit.ts';
import { faultView, refusalView } from '../views/refusal-view.ts';
import { answer, answerTo } from './answer-question.ts';
import { excerpt, whyNotReadable } from './check-message.ts';
import type { Deciding } from './decide-on-task.ts';
import { decideOnTask } from './decide-on-task.ts';
import { openTasks } from './find-task.ts';
import { hideTyped } from './hide-secrets.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import type { Intention } from './parse-command.ts';
import { parseCommand } from './parse-command.ts';
import type { Report, ShowReport } from './show-report.ts';

export type HandleIncoming = (chat: Chat, incoming: Incoming) => Promise<HandledIncoming>;

type Parts = {
  readonly store: Store;
  readonly submit: Submit;
  readonly readPolicy: ReadPolicy;
  readonly readRepository: ReadRepository;
  readonly showReport: ShowReport;
  /** Resolves when the table of tasks is as new as the log: a command without a number is looked up there. */
  readonly tasksAreCurrent: () => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
};

export function makeHandleIncoming(parts: Parts): HandleIncoming {
  return async (chat, incoming) => {
    const show = (view: View) => chat.answer(incoming, view);
    try {
      const outcome = await handle(parts, chat, incoming, show);
      if (outcome.type !== 'refused') return { task: outcome.task, refused: false };
      await show(refusalView(outcome.task, outcome.why));
      return { task: outcome.task, refused: true };
    } catch (error) {
      // It comes again, and is done then: a fault that was told would be one that never was.
      if (chat.handsOverAgain === true && isOfStore(error)) throw error;
      await show(faultView(null, error));
      await noteFault(parts, incoming, error);
      return { task: null, refused: true };
    }
  };
}

async function handle(given: Parts, chat: Chat, incoming: Incoming, show: Show): Promise<Outcome> {
  const { content } = incoming;
  const message = messageKey(incoming);
  const before = await given.store.usedFor(message);
  // It comes again after its effect was stored. What it would mean by now is of no matter, and what came of it is shown by the log.
  if (before !== undefined) return { type: 'done', task: before };
  const submit: Submit = (task, actor, command) => given.submit(task, actor, command, { message });
  const parts = { ...given, submit };
  const typed = 'text' in content ? (content.text ?? '') : '';
  const unreadable = whyNotReadable(typed);
  if (unreadable !== null) {
    await noteRefusedMessage(parts, incoming, unreadable, typed);
    return { type: 'refused', task: null, why: unreadable };
  }
  await parts.tasksAreCurrent();
  switch (content.type) {
    case 'button': {
      const on = content.revision === 0 ? {} : { revision: content.revision, hashPrefix: content.hashPrefix };
      return decideOnTask(parts, incoming, { type: content.button, task: content.task, text: typed }, on);
    }
    case 'take-back': {
      const { task, revision, hashPrefix } = content;
      const command = { type: 'withdraw-approval', person: incoming.person, on: { revision, hashPrefix } } as const;
      return outcomeOf(task, await parts.submit(task, incoming.person.id, command));
    }
    case 'answer':
      return answerTo(parts, incoming, content.task, typed, content.question);
    case 'request':
      return request(parts, incoming, typed.trim());
    case 'details':
      return report(parts, incoming, { type: 'details', task: content.task, revision: content.revision }, show);
    case 'text':
      return handleText(parts, chat, incoming, typed, show);
  }
}

/** In a task's thread it is about that task; outside of one, where there are threads, it is no answer. */
async function handleText(parts: Parts, chat: Chat, incoming: Incoming, typed: string, show: Show): Promise<Outcome> {
  const spoken = parseCommand(typed);
  const thread = incoming.thread === undefined ? undefined : await taskOfThread(parts.store, incoming.thread);
  const intention =
    thread !== undefined && 'task' in spoken && spoken.task === null ? { ...spoken, task: thread } : spoken;
  switch (intention.type) {
    case 'approve':
    case 'reject':
    case 'cancel':
    case 'resume':
    case 'retry':
      return decideOnTask(parts, incoming, { text: '', ...intention } as Deciding, namedPlan(intention, incoming));
    case 'change': {
      // `change the port of grafana` is a request of its own where no plan waits for a change.
      const open =
        intention.task !== null || (await openTasks(parts.store, incoming.conversation, ['proposed'])).length > 0;
      return open ? decideOnTask(parts, incoming, intention, {}) : request(parts, incoming, typed.trim());
    }
    case 'request': {
      if (intention.text === '') return { type: 'done', task: null };
      if (thread !== undefined) return saidInThread(parts, incoming, thread, intention.text);
      return chat.threads ? request(parts, incoming, intention.text) : answerOrRequest(parts, incoming, intention.text);
    }
    case 'quit':
      return { type: 'done', task: null };
    default:
      return report(parts, incoming, intention, show);
  }
}

/** A hash that was typed says which plan is meant; else the card does that it is a reply to. */
function namedPlan(intention: Intention, { plan }: Incoming): DecisionOn {
  if ('hashPrefix' in intention && intention.hashPrefix !== undefined) return { hashPrefix: intention.hashPrefix };
  if (plan === undefined || !('task' in intention) || (intention.task ?? plan.task) !== plan.task) return {};
  return { revision: plan.revision, hashPrefix: plan.hashPrefix };
}

/** Words in a task's thread: an answer while it asks, a change while its plan waits. */
async function saidInThread(parts: Parts, incoming: Incoming, task: TaskId, text: string): Promise<Outcome> {
  const { status, question } = replay(task, await parts.store.readTask(task));
  // Others read a thread; a chat that asks for a secret hands the answer over as one to that question.
  if (status === 'asking' && question?.secret === true) {
    const why = `#${task} asks for a secret, and a thread is no place for one: I did not use what you wrote. Delete it, and answer as the question says.`;
    return { type: 'refused', task, why: refusal('NOT_ALLOWED', why) };
  }
  if (status === 'asking') return answerTo(parts, incoming, task, text);
  if (status === 'proposed') return decideOnTask(parts, incoming, { type: 'change', task, text }, {});
  const why = refusal(
    'WRONG_STATE',
    `This thread is about #${task}, which waits for no answer. Make a new request outside of it.`,
  );
  return { type: 'refused', task, why };
}

type Show = (view: View) => Promise<void>;
async function answerOrRequest(parts: Parts, incoming: Incoming, text: string): Promise<Outcome> {
  const [asking] = await openTasks(parts.store, incoming.conversation, ['asking']);
  return asking === undefined ? request(parts, incoming, text) : answer(parts, incoming, asking, text);
}

async function request(parts: Parts, incoming: Incoming, text: string): Promise<Outcome> {
  const hidden = await hideTyped(parts, text);
  for (;;) {
    const task = await parts.store.nextTask();
    const submitted = await parts.submit(task, incoming.person.id, {
      type: 'receive',
      conversation: incoming.conversation,
      requester: incoming.person.id,
      request: hidden.text,
      messageId: incoming.messageId,
    });
    if (submitted.type === 'refusal') continue; // another conversation took the number
    if (submitted.type === 'repeated') return { type: 'done', task: submitted.task };
    await keepSecrets(parts.store, task, hidden);
    return { type: 'done', task };
  }
}

async function report(parts: Parts, incoming: Incoming, asked: Report, show: Show): Promise<Outcome> {
  const shown = await parts.showReport(incoming.conversation, asked);
  if (shown.type === 'refusal' && 'kind' in shown) return { type: 'refused', task: null, why: shown };
  await show(shown);
  return { type: 'done', task: null };
}

async function noteRefusedMessage(parts: Parts, incoming: Incoming, why: Refusal, typed: string): Promise<void> {
  await appendToSystem(
    { log: parts.store, clock: parts.clock },
    incoming.person.id,
    {
      type: 'message.refused',
      conversation: incoming.conversation,
      actor: incoming.person.id,
      kind: why.kind,
      reason: why.message,
      excerpt: excerpt(typed),
    },
    refusedKey(messageKey(incoming)),
  );
}

async function noteFault(parts: Parts, incoming: Incoming, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const kind = error instanceof Error && 'kind' in error ? String(error.kind) : 'INTERNAL';
  const noted = { type: 'system.noted' as const, kind, reason, detail: null };
  // The log itself may be what failed.
  await appendToSystem({ log: parts.store, clock: parts.clock }, incoming.person.id, noted).catch(() => {});
}
