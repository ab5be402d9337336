// A message or a tap becomes a command for a task. Resolves when its effect is stored; what comes of it is shown by the conversation projector.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Chat, Incoming, View } from '../../core/ports/chat.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { DecisionOn } from '../../core/task/command.ts';
import type { TaskState, TaskStatus } from '../../core/task/state.ts';
import { appendToSystem } from '../append-to-system.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import type { HiddenText } from '../planning/request-secrets.ts';
import { hideAnswer, hideSecrets, keepSecrets, secretInputNames } from '../planning/request-secrets.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Submit, Submitted } from '../submit.ts';
import { faultView, refusalView } from '../views/refusal-view.ts';
import { excerpt, whyNotReadable } from './check-message.ts';
import { findTask, openTasks } from './find-task.ts';
import type { Intention } from './parse-command.ts';
import { parseCommand } from './parse-command.ts';
import type { ShowReport } from './show-report.ts';

export type Handled = { readonly task: TaskId | null; readonly refused: boolean };
export type HandleIncoming = (chat: Chat, incoming: Incoming) => Promise<Handled>;

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

/** What a command can be about: the states, and the word for a person who named no task. */
const decidable: Record<
  'approve' | 'reject' | 'change' | 'cancel' | 'resume',
  { readonly statuses: readonly TaskStatus[]; readonly what: string }
> = {
  approve: { statuses: ['proposed'], what: 'approved' },
  reject: { statuses: ['proposed'], what: 'rejected' },
  change: { statuses: ['proposed'], what: 'changed' },
  resume: { statuses: ['paused'], what: 'resumed' },
  cancel: {
    statuses: ['received', 'planning', 'asking', 'proposed', 'approved', 'running', 'paused'],
    what: 'cancelled',
  },
};

export function makeHandleIncoming(parts: Parts): HandleIncoming {
  return async (chat, incoming) => {
    const show = (view: View) => chat.post(incoming.conversation, `reply:${incoming.messageId}`, view);
    try {
      const outcome = await handle(parts, incoming, show);
      if (outcome.type !== 'refused') return { task: outcome.task, refused: false };
      await show(refusalView(outcome.task, outcome.why));
      return { task: outcome.task, refused: true };
    } catch (error) {
      await show(faultView(null, error));
      await noteFault(parts, incoming, error);
      return { task: null, refused: true };
    }
  };
}

type Outcome =
  | { readonly type: 'done'; readonly task: TaskId | null }
  | { readonly type: 'refused'; readonly task: TaskId | null; readonly why: Refusal };

async function handle(parts: Parts, incoming: Incoming, show: (view: View) => Promise<string>): Promise<Outcome> {
  const { content } = incoming;
  const typed = content.text ?? '';
  const unreadable = whyNotReadable(typed);
  if (unreadable !== null) {
    await noteRefusedMessage(parts, incoming, unreadable, typed);
    return { type: 'refused', task: null, why: unreadable };
  }
  await parts.tasksAreCurrent();
  if (content.type === 'button') {
    const on = { revision: content.revision, hashPrefix: content.hashPrefix };
    return decide(parts, incoming, { type: content.button, task: content.task, text: typed } as Deciding, on);
  }
  const intention = parseCommand(typed);
  switch (intention.type) {
    case 'approve':
    case 'reject':
    case 'cancel':
    case 'resume':
      return decide(parts, incoming, { text: '', ...intention } as Deciding, {});
    case 'change': {
      // `change the port of grafana` is a request of its own where no plan waits for a change.
      const open =
        intention.task !== null || (await openTasks(parts.store, incoming.conversation, ['proposed'])).length > 0;
      return open ? decide(parts, incoming, intention, {}) : request(parts, incoming, typed.trim());
    }
    case 'request':
      return intention.text === '' ? { type: 'done', task: null } : answerOrRequest(parts, incoming, intention.text);
    case 'quit':
      return { type: 'done', task: null };
    default:
      return report(parts, incoming, intention, show);
  }
}

type Deciding = {
  readonly type: 'approve' | 'reject' | 'change' | 'cancel' | 'resume';
  readonly task: TaskId | null;
  readonly text: string;
};

async function decide(parts: Parts, incoming: Incoming, asked: Deciding, on: DecisionOn): Promise<Outcome> {
  const { statuses, what } = decidable[asked.type];
  const state = await findTask(parts.store, incoming.conversation, asked.task, statuses, what);
  if ('kind' in state) return { type: 'refused', task: asked.task, why: state };
  if (asked.type === 'change' && asked.text === '')
    return {
      type: 'refused',
      task: state.task,
      why: refusal('UNKNOWN_COMMAND', 'Say what to change, as in: change on nas instead.'),
    };
  const { person } = incoming;
  const policy = await parts.readPolicy();
  const now = parts.clock.now().toISOString();
  const command = async (): Promise<Submitted> => {
    switch (asked.type) {
      case 'approve':
        return parts.submit(state.task, person.id, { type: 'approve', person, on, policy, now });
      case 'reject':
        return parts.submit(state.task, person.id, { type: 'reject', person, on, policy, now, reason: asked.text });
      case 'cancel':
        return parts.submit(state.task, person.id, { type: 'cancel', person, policy, reason: asked.text });
      case 'resume':
        return parts.submit(state.task, person.id, { type: 'resume', person, policy });
      case 'change': {
        const hidden = await hide(parts, asked.text);
        await keepSecrets(parts.store, state.task, hidden);
        return parts.submit(state.task, person.id, { type: 'change', person, on, policy, now, change: hidden.text });
      }
    }
  };
  return outcomeOf(state.task, await command());
}

async function answerOrRequest(parts: Parts, incoming: Incoming, text: string): Promise<Outcome> {
  const [asking] = await openTasks(parts.store, incoming.conversation, ['asking']);
  return asking === undefined ? request(parts, incoming, text) : answer(parts, incoming, asking, text);
}

async function answer(parts: Parts, incoming: Incoming, asking: TaskState, text: string): Promise<Outcome> {
  const hidden = asking.question?.secret === true ? hideAnswer(text, parts.newId) : await hide(parts, text);
  await keepSecrets(parts.store, asking.task, hidden);
  const submitted = await parts.submit(asking.task, incoming.person.id, {
    type: 'answer',
    actor: incoming.person.id,
    answer: hidden.text,
  });
  return outcomeOf(asking.task, submitted);
}

async function request(parts: Parts, incoming: Incoming, text: string): Promise<Outcome> {
  const hidden = await hide(parts, text);
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

async function report(
  parts: Parts,
  incoming: Incoming,
  intention: Intention,
  show: (view: View) => Promise<string>,
): Promise<Outcome> {
  const shown = await parts.showReport(incoming.conversation, intention);
  if (shown.type === 'refusal' && 'kind' in shown) return { type: 'refused', task: null, why: shown };
  await show(shown);
  return { type: 'done', task: null };
}

async function hide(parts: Parts, text: string): Promise<HiddenText> {
  const reading = await parts.readRepository();
  return hideSecrets(text, reading.type === 'read' ? secretInputNames(reading.catalogue) : [], parts.newId);
}

function outcomeOf(task: TaskId, submitted: Submitted): Outcome {
  return submitted.type === 'refusal' ? { type: 'refused', task, why: submitted } : { type: 'done', task };
}

async function noteRefusedMessage(parts: Parts, incoming: Incoming, why: Refusal, typed: string): Promise<void> {
  await appendToSystem({ log: parts.store, clock: parts.clock }, incoming.person.id, {
    type: 'message.refused',
    conversation: incoming.conversation,
    actor: incoming.person.id,
    kind: why.kind,
    reason: why.message,
    excerpt: excerpt(typed),
  });
}

async function noteFault(parts: Parts, incoming: Incoming, error: unknown): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const kind = error instanceof Error && 'kind' in error ? String(error.kind) : 'INTERNAL';
  const noted = { type: 'system.noted' as const, kind, reason, detail: null };
  // The log itself may be what failed.
  await appendToSystem({ log: parts.store, clock: parts.clock }, incoming.person.id, noted).catch(() => {});
}
