// Brings every conversation to what the log says: cards, questions, progress and results. A card is posted once, and
// brought up to date when a later event changes what it says.
import type { Logger } from 'pino';
import type { ErrorName } from '../../core/error.ts';
import { errorTable } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import { systemTask } from '../../core/ids.ts';
import type { Chat, NoticeView, PlanView, View } from '../../core/ports/chat.ts';
import type { Fence, Store } from '../../core/ports/event-log.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import type { LiveProgress } from '../live-progress.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';
import { planView } from '../views/plan-view.ts';
import { queueLeftView } from '../views/queue-view.ts';
import { refusalView } from '../views/refusal-view.ts';
import { resultView } from '../views/result-view.ts';
import type { Place } from './deliver.ts';
import { postOnce, projector } from './deliver.ts';
import { closeOlder, updateCard } from './plan-cards.ts';
import { showQueue, updateQueue } from './queue-message.ts';

type Parts = {
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

export function makeConversationHandler(parts: Parts) {
  return async (stored: StoredEvent): Promise<void> => {
    if (stored.task === systemTask) return;
    const all = await parts.store.readTask(stored.task);
    const history = all.filter((other) => other.version <= stored.version);
    const state = replay(stored.task, history);
    const chat = state.conversation === null ? undefined : parts.chatOf(state.conversation);
    if (chat === undefined || state.conversation === null) return;
    const after = all.find((other) => other.version === stored.version + 1);
    await project(parts, chat, state.conversation, state, history, stored, after?.event.type);
  };
}

/** Shows again what waits for a person; for a start, when the cards of an earlier process may be out of sight. */
export async function offerAgain(
  parts: Pick<Parts, 'store' | 'repository'>,
  chat: Chat,
  startId: string,
): Promise<number> {
  const rows = (await parts.store.listTasks({ open: true, limit: 100 })).toReversed();
  let offered = 0;
  for (const row of rows) {
    if (!chat.serves(row.conversation)) continue;
    const history = await parts.store.readTask(row.task);
    const state = replay(row.task, history);
    const view = waitingView(parts, state, history);
    if (view === null) continue;
    await chat.post(row.conversation, `offer:${startId}:${row.task}`, view);
    offered += 1;
  }
  return offered;
}

function waitingView(parts: Pick<Parts, 'repository'>, state: TaskState, history: readonly StoredEvent[]): View | null {
  if (state.status === 'proposed' && state.proposal !== null)
    return planView(state.proposal, 'open', parts.repository());
  if (state.status === 'asking') return questionView(state);
  const last = history.at(-1)?.event;
  return state.status === 'paused' && last?.type === 'run.paused'
    ? notice(
        state.task,
        'warning',
        `Task #${state.task} is paused: ${last.reason} Type \`resume #${state.task}\` to go on.`,
      )
    : null;
}

async function project(
  parts: Parts,
  chat: Chat,
  conversation: ConversationId,
  state: TaskState,
  history: readonly StoredEvent[],
  stored: StoredEvent,
  next: TaskEventType | undefined,
): Promise<void> {
  const place = { ...parts, chat, conversation };
  const post = (view: View) => postOnce(place, `event:${stored.seq}`, view);
  const closeCard = (standing: PlanView['standing']) => updateCard(place, history, stored, standing);
  const { event } = stored;
  const { task } = stored;
  switch (event.type) {
    case 'question.asked':
      return post(questionView(state));
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
      return state.proposal === null ? undefined : post(planView(state.proposal, 'open', parts.repository()));
    case 'approval.given':
      if (state.proposal !== null && state.proposal.approvals.length < state.proposal.needs) {
        await closeCard('open');
        return post(
          notice(
            task,
            'neutral',
            `${event.actor} approved #${task}; ${state.proposal.needs - state.proposal.approvals.length} more to go.`,
          ),
        );
      }
      return;
    case 'plan.approved':
      return closeCard('approved');
    case 'plan.rejected':
      await closeCard('rejected');
      return post(
        notice(
          task,
          'neutral',
          `#${task} was rejected by ${event.actor}${event.reason === '' ? '' : `: ${event.reason}`}. Nothing ran.`,
        ),
      );
    case 'plan.expired':
      await closeCard('expired');
      return post(
        notice(
          task,
          'warning',
          `The plan of #${task} expired before it was approved. Nothing ran; make the request again.`,
        ),
      );
    case 'changes.requested':
      return closeCard('superseded');
    case 'plan.withdrawn':
      await closeCard('withdrawn');
      await updateQueue(place, history, stored, queueLeftView(task, 'withdrawn'));
      parts.progress.end(task);
      return post(
        notice(
          task,
          'warning',
          `The plan of #${task} no longer holds: ${event.reason} Nothing ran. A new plan follows for you to decide.`,
        ),
      );
    case 'run.queued':
      return showQueue(place, state, history, stored);
    case 'run.started':
      await updateQueue(place, history, stored, queueLeftView(task, 'started'));
      if (state.proposal !== null) parts.progress.begin(task, state.proposal.plan);
      return postProgress(place, parts.progress, task, stored);
    case 'attempt.granted':
      if (state.proposal !== null) parts.progress.begin(task, state.proposal.plan);
      return parts.progress.follow(stored);
    case 'attempt.claimed':
    case 'attempt.started':
    case 'attempt.finished':
    case 'cancel.requested':
      return parts.progress.follow(stored);
    case 'attempt.refused':
      parts.progress.follow(stored);
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
      return post(
        notice(
          task,
          'warning',
          `#${task} is paused: ${event.reason} Type \`resume #${task}\` to go on, or \`cancel #${task}\`.`,
        ),
      );
    case 'run.resumed':
      return post(notice(task, 'neutral', `#${task} goes on.`));
    case 'task.succeeded':
    case 'task.failed':
    case 'task.unknown':
    case 'task.cancelled':
      if (event.type === 'task.cancelled' && state.run === null) {
        await closeCard('cancelled');
        await updateQueue(place, history, stored, queueLeftView(task, 'cancelled'));
        return post(notice(task, 'neutral', `#${task} was cancelled by ${event.actor}. Nothing ran.`));
      }
      await updateProgress(parts, chat, conversation, task);
      parts.progress.end(task);
      return post(resultView(state, history, event, parts.repository()));
    default:
      return;
  }
}

async function postProgress(place: Place, progress: LiveProgress, task: TaskId, stored: StoredEvent): Promise<void> {
  const view = progress.view(task);
  if (view === undefined) return;
  await postOnce(place, `event:${stored.seq}`, view);
  const reference = await place.store.delivered(projector, `event:${stored.seq}`);
  if (reference !== undefined) await place.store.saveDelivered(projector, `progress:${task}`, reference, place.fence);
}

/** The live message as it is now; called for each change of it, by the flow's own pace. */
export async function updateProgress(
  parts: Pick<Parts, 'store' | 'progress'>,
  chat: Chat,
  conversation: ConversationId,
  task: TaskId,
): Promise<void> {
  const view = parts.progress.view(task);
  const reference = await parts.store.delivered(projector, `progress:${task}`);
  if (view !== undefined && reference !== undefined) await chat.update(conversation, reference, view);
}

function questionView(state: TaskState): View {
  const question = state.question;
  return {
    type: 'question',
    task: state.task,
    request: withoutPlaceholders(state.request),
    text: question?.text ?? '',
    secret: question?.secret === true,
    candidates: (question?.candidates ?? []).map(({ label, value }) => ({ label, value })),
  };
}

function notice(task: TaskId, tone: NoticeView['tone'], text: string): NoticeView {
  return { type: 'notice', task, tone, text: withoutPlaceholders(text), code: null };
}

function knownKind(kind: string): ErrorName {
  return kind in errorTable ? (kind as ErrorName) : 'INTERNAL';
}
