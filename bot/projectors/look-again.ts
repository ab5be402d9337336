// At a start, and whenever a platform says that messages may be gone or can be written again: what people have to see is brought to
// what the log says. What could not be shown then is shown now.

import type { ConversationId } from '../../core/ids.ts';
import type { Chat, ShownMessage } from '../../core/ports/chat.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import { endedStatuses } from '../../core/task/state.ts';
import { planView } from '../views/plan-view.ts';
import { questionView } from '../views/question-view.ts';
import type { ConversationParts } from './conversation.ts';
import { makeShowEvent } from './conversation.ts';
import type { Place } from './deliver.ts';
import { eventKey, isUnreachable, postInstead, projector, waits } from './deliver.ts';
import { standingOf } from './plan-cards.ts';
import { progressMessages } from './progress-messages.ts';
import { saveUndelivered, undelivered } from './undelivered.ts';

type Parts = Omit<ConversationParts, 'chatOf'> & { readonly chat: Chat };
type Message = ShownMessage & { readonly place: Place; readonly key: string };

const openAtMost = 1_000;
/** Cards of tasks that ended shortly before may not have been told so. */
const endedAtMost = 20;

export async function lookAgain(parts: Parts, only: ConversationId | null = null): Promise<void> {
  await showUndelivered(parts);
  const open = await parts.store.listTasks({ open: true, limit: openAtMost });
  const ended = await parts.store.listTasks({ states: endedStatuses, limit: endedAtMost });
  const served = [...open, ...ended].filter(
    ({ conversation }) => parts.chat.serves(conversation) && (only === null || conversation === only),
  );
  const messages: Message[] = [];
  for (const { task, conversation } of served)
    messages.push(...(await messagesOf(parts, { ...parts, task, conversation }, await parts.store.readTask(task))));
  const gone = new Set(await parts.chat.bringUpToDate(messages));
  for (const { place, key, view, reference } of messages)
    if (gone.has(reference) && waits(view))
      await postInstead(place, key, view, reference).catch((error: unknown) => {
        if (!isUnreachable(error)) throw error;
        parts.log.warn({ err: error, task: place.task }, 'a card cannot be shown');
      });
}

async function showUndelivered(parts: Parts): Promise<void> {
  const missing = await undelivered(parts.store, parts.chat);
  if (missing.length === 0) return;
  const { chat } = parts;
  const show = makeShowEvent({ ...parts, chatOf: (conversation) => (chat.serves(conversation) ? chat : undefined) });
  const left: number[] = [];
  for (const seq of missing) {
    const [stored] = await parts.store.readAfter(seq - 1, 1);
    if (stored === undefined || !(await stillMatters(parts, stored))) continue;
    if ((await show(stored)) !== null) left.push(seq);
  }
  await saveUndelivered(parts.store, chat, left, parts.fence);
}

const leavesItOpen: ReadonlySet<TaskEventType> = new Set(['command.refused', 'approval.given', 'approval.taken-back']);

/** A card or question that something later has taken the place of is of no use to anybody. */
async function stillMatters({ store }: Parts, stored: StoredEvent): Promise<boolean> {
  const { type } = stored.event;
  if (type !== 'plan.proposed' && type !== 'question.asked') return true;
  const later = (await store.readTask(stored.task)).filter(({ seq }) => seq > stored.seq);
  return later.every(({ event }) => leavesItOpen.has(event.type));
}

async function messagesOf(parts: Parts, place: Place, history: readonly StoredEvent[]): Promise<readonly Message[]> {
  const state = replay(place.task, history);
  const asked = history.findLast(({ event }) => event.type === 'question.asked');
  const proposed = history.findLast(({ event }) => event.type === 'plan.proposed');
  const standing = standingOf(state);
  const found: Message[] = [];
  const add = async (key: string, view: Message['view']): Promise<void> => {
    const reference = await parts.store.delivered(projector, key);
    if (reference !== undefined) found.push({ place, key, view, reference, conversation: place.conversation });
  };
  if (state.status === 'asking' && asked !== undefined) await add(eventKey(asked.seq), questionView(state));
  if (standing !== null && proposed !== undefined && state.proposal !== null && state.requester !== null)
    await add(eventKey(proposed.seq), planView(state.proposal, state.requester, standing, parts.repository()));
  for (const { key, view } of progressMessages(parts.progress, place.task)) await add(key, view);
  return found;
}
