// `retry`: what is left of a failed task becomes a task of its own. However often the same message comes, and however many press
// the button at once, one task comes of it.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import { retryOf } from '../../core/task/retry.ts';
import type { TaskState } from '../../core/task/state.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Submit } from '../submit.ts';

type Parts = { readonly store: Store; readonly submit: Submit; readonly readPolicy: ReadPolicy };
type Earlier = Extract<TaskCommand, { type: 'retry' }>['earlier'];

/** The new task's number. */
export async function retryTask(parts: Parts, incoming: Incoming, failed: TaskState): Promise<TaskId | Refusal> {
  const { store, submit } = parts;
  const { person, conversation, messageId } = incoming;
  let earlier: Earlier = null;
  for (let number = 0; ; ) {
    const policy = await parts.readPolicy();
    const allowed = await submit(failed.task, person.id, { type: 'retry', person, policy, earlier });
    if (allowed.type === 'refusal') return allowed;
    const retry = retryOf(failed);
    if (retry.type === 'refusal') return retry;
    const task = await store.nextTask();
    const submitted = await submit(task, person.id, {
      ...{ type: 'receive', conversation, requester: person.id, request: failed.request, messageId },
      retry: { of: retry.of, number },
    });
    if (submitted.type === 'accepted') return task;
    if (submitted.type === 'refusal') continue; // another conversation took the number
    const before = await store.readTask(submitted.task);
    if (before.some(({ event }) => isFrom(event, incoming))) return submitted.task;
    const { status, run } = replay(submitted.task, before);
    earlier = { task: submitted.task, status, ran: run !== null };
    number += 1;
  }
}

/** The one that is meant where none is named: the conversation's newest that failed. */
export async function newestFailed(store: Store, conversation: ConversationId): Promise<TaskState | Refusal> {
  const [row] = await store.listTasks({ conversation, states: ['failed'], limit: 1 });
  return row === undefined
    ? refusal('NOTHING_TO_DECIDE', 'Nothing here has failed. Name a task, as in `retry #3`.')
    : replay(row.task, await store.readTask(row.task));
}

function isFrom(event: { readonly type: string }, { conversation, messageId }: Incoming): boolean {
  return (
    event.type === 'task.received' &&
    'messageId' in event &&
    'conversation' in event &&
    event.messageId === messageId &&
    event.conversation === conversation
  );
}
