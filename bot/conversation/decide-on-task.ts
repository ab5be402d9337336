// A person's decision about a task: approve, reject, change, cancel, resume, retry. By a button or in words.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { DecisionOn } from '../../core/task/command.ts';
import type { TaskState, TaskStatus } from '../../core/task/state.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { keepSecrets } from '../planning/request-secrets.ts';
import type { ReadPolicy } from '../policy-file.ts';
import type { Submit, Submitted } from '../submit.ts';
import { findTask, openTasks, taskNamed } from './find-task.ts';
import { hideTyped } from './hide-secrets.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import { newestFailed, retryTask } from './retry-task.ts';
import { planSeen } from './what-stood.ts';

export type Deciding = {
  readonly type: 'approve' | 'reject' | 'change' | 'cancel' | 'resume' | 'retry';
  readonly task: TaskId | null;
  readonly text: string;
};

type Parts = {
  readonly store: Store;
  readonly submit: Submit;
  readonly readPolicy: ReadPolicy;
  readonly readRepository: ReadRepository;
  readonly clock: Clock;
  readonly newId: NewId;
};

/** What a command can be about: the states, and the word for a person who named no task. */
const decidable: Record<
  Exclude<Deciding['type'], 'retry'>,
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

export async function decideOnTask(
  parts: Parts,
  incoming: Incoming,
  asked: Deciding,
  on: DecisionOn,
): Promise<Outcome> {
  const state = await meant(parts, incoming, asked, on);
  if ('kind' in state) return { type: 'refused', task: asked.task, why: state };
  const { task } = state;
  if (asked.type === 'change' && asked.text === '') {
    const why = refusal('UNKNOWN_COMMAND', 'Say what to change, as in: change on nas instead.');
    return { type: 'refused', task, why };
  }
  if (asked.type === 'retry') {
    const retried = await retryTask(parts, incoming, state);
    return typeof retried === 'number' ? { type: 'done', task: retried } : { type: 'refused', task, why: retried };
  }
  return outcomeOf(task, await submitted(parts, incoming, task, { ...asked, type: asked.type }, on));
}

async function meant(
  { store }: Parts,
  { conversation }: Incoming,
  { type, task }: Deciding,
  { hashPrefix }: DecisionOn,
): Promise<TaskState | Refusal> {
  if (type === 'retry') return task === null ? newestFailed(store, conversation) : taskNamed(store, task);
  const { statuses, what } = decidable[type];
  if (task === null && hashPrefix !== undefined) {
    const open = await openTasks(store, conversation, statuses);
    const [only, ...others] = open.filter(({ proposal }) => proposal?.planHash.startsWith(hashPrefix));
    if (only !== undefined && others.length === 0) return only;
  }
  return findTask(store, conversation, task, statuses, what);
}

async function submitted(
  parts: Parts,
  incoming: Incoming,
  task: TaskId,
  asked: { readonly type: Exclude<Deciding['type'], 'retry'>; readonly text: string },
  named: DecisionOn,
): Promise<Submitted> {
  const { submit } = parts;
  const { person } = incoming;
  const policy = await parts.readPolicy();
  const now = parts.clock.now().toISOString();
  const on = await planSeen(parts.store, incoming, task, named);
  switch (asked.type) {
    case 'approve':
      return submit(task, person.id, { type: 'approve', person, on, policy, now });
    case 'reject':
      return submit(task, person.id, { type: 'reject', person, on, policy, now, reason: asked.text });
    case 'cancel':
      return submit(task, person.id, { type: 'cancel', person, policy, reason: asked.text });
    case 'resume':
      return submit(task, person.id, { type: 'resume', person, policy });
    case 'change': {
      const hidden = await hideTyped(parts, asked.text);
      await keepSecrets(parts.store, task, hidden);
      return submit(task, person.id, { type: 'change', person, on, policy, now, change: hidden.text });
    }
  }
}
