// Brings every conversation to what the log says: cards, questions, progress and results. A card is posted once, and
// brought up to date when a later event changes what it says.
import type { Logger } from 'pino';
import type { ErrorName } from '../../core/error.ts';
import { errorTable } from '../../core/error.ts';
import type { ConversationId } from '../../core/ids.ts';
import { systemTask } from '../../core/ids.ts';
import type { Chat, PlanStanding, View } from '../../core/ports/chat.ts';
import type { Fence, Store } from '../../core/ports/event-log.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import type { LiveProgress } from '../live-progress.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';
import { notice, pausedNotice } from '../views/notice-view.ts';
import { planView } from '../views/plan-view.ts';
import { questionView } from '../views/question-view.ts';
import { queueLeftView } from '../views/queue-view.ts';
import { refusalView } from '../views/refusal-view.ts';
import { resultView } from '../views/result-view.ts';
import type { Place } from './deliver.ts';
import { eventKey, isUnreachable, postOnce } from './deliver.ts';
import { closeOlder, updateCard } from './plan-cards.ts';
import { postProgress, updateProgress } from './progress-messages.ts';
import { closeQuestion } from './question-cards.ts';
import { showQueue, updateQueue } from './queue-message.ts';
import { postRunLogs } from './run-logs.ts';
import { saveUndelivered, undelivered } from './undelivered.ts';

export type ConversationParts = {
  readonly store: Store;
  /** The chat that a conversation lives in, if it is served by this process. */
  readonly chatOf: (conversation: ConversationId) => Chat | undefined;
  readonly progress: LiveProgress;
  /** Shown with each delivery that is written down: only the bot that leads the conversation may. */
  readonly fence?: Fence | undefined;
  /** How people know the infrastructure repository. */
  readonly repository: () => string;
  readonly log: Logger;
};

export function makeConversationHandler(parts: ConversationParts) {
  const show = makeShowEvent(parts);
  return async (stored: StoredEvent): Promise<void> => {
    const missed = await show(stored);
    if (missed === null) return;
    const others = await undelivered(parts.store, missed);
    await saveUndelivered(parts.store, missed, [...others, stored.seq], parts.fence);
  };
}

/** Shows what an event says. Resolves to the chat where that was not possible for now, or null. */
export function makeShowEvent(parts: ConversationParts) {
  return async (stored: StoredEvent): Promise<Chat | null> => {
    if (stored.task === systemTask) return null;
    const all = await parts.store.readTask(stored.task);
    const history = all.filter((other) => other.version <= stored.version);
    const state = replay(stored.task, history);
    const chat = state.conversation === null ? undefined : parts.chatOf(state.conversation);
    if (chat === undefined || state.conversation === null) return null;
    const after = all.find((other) => other.version === stored.version + 1);
    const place = { ...parts, chat, conversation: state.conversation, task: stored.task };
    try {
      await project(parts, place, state, history, stored, after?.event.type);
      return null;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      parts.log.warn({ err: error, task: stored.task }, 'a conversation cannot be written to');
      return chat;
    }
  };
}

type CardPlace = Place & { readonly repository: () => string };

async function project(
  parts: ConversationParts,
  place: CardPlace,
  state: TaskState,
  history: readonly StoredEvent[],
  stored: StoredEvent,
  next: TaskEventType | undefined,
): Promise<void> {
  const { event, task } = stored;
  const { progress } = parts;
  const post = (view: View) => postOnce(place, eventKey(stored.seq), view);
  const card = (standing: PlanStanding) => updateCard(place, history, stored, standing);
  const calls = state.requester === null ? {} : { calls: state.requester };
  switch (event.type) {
    case 'question.asked':
      return post(questionView(state));
    case 'question.answered':
      return closeQuestion(place, history, stored);
    case 'task.refused':
      return post(
        refusalView(
          task,
          { kind: knownKind(event.kind), message: withoutPlaceholders(event.reason) },
          event.nearest.map((action) => action.title),
        ),
      );
    case 'plan.proposed':
      await closeOlder(place, history, stored);
      return state.proposal === null || state.requester === null
        ? undefined
        : post(planView(state.proposal, state.requester, 'open', parts.repository()));
    case 'approval.given':
      if (state.proposal !== null && state.proposal.approvals.length < state.proposal.needs) {
        await card('open');
        return post(
          notice(
            task,
            'neutral',
            `${event.actor} approved #${task}; ${state.proposal.needs - state.proposal.approvals.length} more to go.`,
          ),
        );
      }
      return;
    case 'approval.taken-back':
      await card('open');
      await updateQueue(place, history, stored, queueLeftView(task, 'taken back'));
      return post(
        notice(task, 'neutral', `${event.actor} took the approval of #${task} back; it waits for a decision.`),
      );
    case 'plan.approved':
      return card('approved');
    case 'plan.rejected':
      await card('rejected');
      return post(
        notice(
          task,
          'neutral',
          `#${task} was rejected by ${event.actor}${event.reason === '' ? '' : `: ${event.reason}`}. Nothing ran.`,
        ),
      );
    case 'plan.expired':
      await card('expired');
      return post(
        notice(
          task,
          'warning',
          `The plan of #${task} expired before it was approved. Nothing ran; make the request again.`,
          calls,
        ),
      );
    case 'changes.requested':
      return card('superseded');
    case 'plan.withdrawn':
      await card('withdrawn');
      await updateQueue(place, history, stored, queueLeftView(task, 'withdrawn'));
      progress.end(task);
      return post(
        notice(
          task,
          'warning',
          `The plan of #${task} no longer holds: ${event.reason} Nothing ran. A new plan follows for you to decide.`,
          calls,
        ),
      );
    case 'run.queued':
      return showQueue(place, state, history, stored);
    case 'run.started':
      await updateQueue(place, history, stored, queueLeftView(task, 'started'));
      if (state.proposal !== null) progress.begin(task, state.proposal.plan);
      await card('running');
      return postProgress(place, progress, stored, 1);
    case 'attempt.granted':
      if (state.proposal !== null) progress.begin(task, state.proposal.plan);
      progress.follow(stored);
      return postProgress(place, progress, stored, event.step);
    case 'attempt.claimed':
    case 'attempt.started':
    case 'attempt.finished':
    case 'cancel.requested':
      return progress.follow(stored);
    case 'attempt.refused':
      progress.follow(stored);
      // Any other refusal is followed by what came of it, and that is told.
      return event.kind === 'NOT_STARTED' && (next === undefined || next === 'attempt.granted')
        ? post(
            notice(
              task,
              'neutral',
              `#${task}: step ${event.step} was not started. ${event.reason} It is handed out again.`,
            ),
          )
        : undefined;
    case 'run.paused':
      return post(pausedNotice(state, event.reason));
    case 'run.resumed':
      return post(notice(task, 'neutral', `#${task} goes on.`));
    case 'task.succeeded':
    case 'task.failed':
    case 'task.unknown':
    case 'task.cancelled':
      if (event.type === 'task.cancelled' && state.run === null) {
        await closeQuestion(place, history, stored);
        await card('cancelled');
        await updateQueue(place, history, stored, queueLeftView(task, 'cancelled'));
        return post(notice(task, 'neutral', `#${task} was cancelled by ${event.actor}. Nothing ran.`));
      }
      await updateProgress(place, progress);
      progress.end(task);
      await postRunLogs(place, state, stored);
      await post(resultView(state, history, event, parts.repository()));
      return card(endings[event.type]);
    default:
      return;
  }
}

const endings = {
  'task.succeeded': 'succeeded',
  'task.failed': 'failed',
  'task.unknown': 'unknown',
  'task.cancelled': 'cancelled',
} as const;

function knownKind(kind: string): ErrorName {
  return kind in errorTable ? (kind as ErrorName) : 'INTERNAL';
}
