// Which tasks may be in each other's way: approved, and not ended since. Remembered as the dispatch goes along the log, so that a
// start waits for no other projector. What is remembered is only where to look: each is read again before it counts.
import type { TaskId } from '../../core/ids.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { StoredEvent, TaskEventType } from '../../core/task/event.ts';
import { finalEventTypes } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Contender } from '../../core/task/host-queue.ts';
import { hostsOf } from '../../core/task/host-queue.ts';
import type { TaskState } from '../../core/task/state.ts';

/** A task as its history says, and the log's seq of its newest approval; 0 for none. */
export type Standing = { readonly state: TaskState; readonly approvedAt: number };

export type Contenders = {
  /** Takes in an event; to be called for each, in the log's order, before it is acted upon. */
  readonly note: (stored: Pick<StoredEvent, 'seq' | 'task' | 'event'>) => void;
  /** Takes in a task that was found when the dispatch was taken over. */
  readonly found: (standing: Standing) => void;
  /** Every task that was approved up to that seq and has not ended is known. */
  readonly isWhole: (upTo: number) => void;
  /** Up to where the log is known: who was approved after it may have others before it that are not known yet. */
  readonly knownTo: () => number;
  /** Those that contend right now. `own` is told, and not read again. */
  readonly all: (own?: Standing) => Promise<readonly Contender[]>;
};

const over: ReadonlySet<TaskEventType> = new Set([...finalEventTypes, 'plan.withdrawn']);

export function makeContenders(log: Pick<EventLog, 'readTask'>): Contenders {
  /** With the seq of the newest approval: what ended an earlier one says nothing of it. */
  const approved = new Map<TaskId, number>();
  let knownTo = 0;

  const approve = (task: TaskId, seq: number): void => void approved.set(task, Math.max(seq, approved.get(task) ?? 0));

  return {
    note: ({ seq, task, event }) => {
      knownTo = Math.max(knownTo, seq);
      if (event.type === 'plan.approved') approve(task, seq);
      else if (over.has(event.type) && seq > (approved.get(task) ?? seq)) approved.delete(task);
    },
    found: ({ state, approvedAt }) => approve(state.task, approvedAt),
    isWhole: (upTo) => {
      knownTo = Math.max(knownTo, upTo);
    },
    knownTo: () => knownTo,
    all: async (own) => {
      const others = [...approved.keys()].filter((task) => task !== own?.state.task);
      const read = await Promise.all(others.map((task) => readStanding(log, task)));
      return [...(own === undefined ? [] : [own]), ...read].flatMap((standing) => contender(standing) ?? []);
    },
  };
}

export async function readStanding(log: Pick<EventLog, 'readTask'>, task: TaskId): Promise<Standing> {
  const history = await log.readTask(task);
  const approvedAt = history.findLast(({ event }) => event.type === 'plan.approved')?.seq ?? 0;
  return { state: replay(task, history), approvedAt };
}

function contender({ state, approvedAt }: Standing): Contender | undefined {
  const { task, status, proposal } = state;
  const begun = status === 'running' || status === 'paused';
  if (proposal === null || !(begun || status === 'approved')) return undefined;
  return { task, hosts: hostsOf(proposal.plan), begun, approvedAt };
}
