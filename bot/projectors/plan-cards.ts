// The cards of plans that were posted before: shown in their new standing when they are decided, replaced, withdrawn or run.
import type { PlanStanding, PlanView } from '../../core/ports/chat.ts';
import type { StoredEvent, TaskEvent, TaskEventType } from '../../core/task/event.ts';
import { evolve, replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { emptyTask } from '../../core/task/state.ts';
import { planView } from '../views/plan-view.ts';
import type { Place } from './deliver.ts';
import { eventKey, updatePosted } from './deliver.ts';

type CardPlace = Place & { readonly repository: () => string };

/** The card of the newest proposal before this event, shown in its new standing. */
export async function updateCard(
  place: CardPlace,
  history: readonly StoredEvent[],
  stored: StoredEvent,
  standing: PlanStanding,
): Promise<void> {
  const proposed = history.findLast((other) => other.event.type === 'plan.proposed' && other.seq < stored.seq);
  if (proposed === undefined) return;
  const view = cardAt(history, proposed, stored, standing, place.repository());
  if (view !== null) await updatePosted(place, eventKey(proposed.seq), view);
}

export async function closeOlder(
  place: CardPlace,
  history: readonly StoredEvent[],
  stored: StoredEvent,
): Promise<void> {
  const withdrawn = history.findLast(
    (other) =>
      other.seq < stored.seq && (other.event.type === 'plan.withdrawn' || other.event.type === 'plan.proposed'),
  );
  if (withdrawn?.event.type === 'plan.proposed') await updateCard(place, history, stored, 'superseded');
}

/** The proposal as it stood just before `until`: withdrawal and change requests clear it from the state. */
function cardAt(
  history: readonly StoredEvent[],
  proposed: StoredEvent,
  until: StoredEvent,
  standing: PlanStanding,
  repository: string,
): PlanView | null {
  const clears = until.seq > proposed.seq && takesItsPlace.has(until.event.type);
  const upTo = clears ? until.seq - 1 : until.seq;
  const state = history
    .filter((other) => other.seq <= upTo)
    .reduce<TaskState>(
      (folded: TaskState, { event }: { event: TaskEvent }) => evolve(folded, event),
      emptyTask(proposed.task),
    );
  return state.proposal === null || state.requester === null
    ? null
    : planView(state.proposal, state.requester, standing, repository);
}

/** A plan's card as it stands now, by the whole history of its task. */
export function cardOf(history: readonly StoredEvent[], proposed: StoredEvent, repository: string): PlanView | null {
  const end = history.find(({ seq, event }) => seq > proposed.seq && takesItsPlace.has(event.type));
  if (end !== undefined)
    return cardAt(history, proposed, end, end.event.type === 'plan.withdrawn' ? 'withdrawn' : 'superseded', repository);
  const last = history.at(-1);
  const standing = standingOf(replay(proposed.task, history));
  return last === undefined || standing === null ? null : cardAt(history, proposed, last, standing, repository);
}

const takesItsPlace: ReadonlySet<string> = new Set<TaskEventType>([
  'plan.proposed',
  'changes.requested',
  'plan.withdrawn',
]);

/** How the card of a task's newest plan stands now, for a task as it is in the log. */
export function standingOf({ status }: Pick<TaskState, 'status'>): PlanStanding | null {
  switch (status) {
    case 'proposed':
      return 'open';
    case 'approved':
    case 'rejected':
    case 'expired':
    case 'running':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'unknown':
      return status;
    case 'paused':
      return 'running';
    default:
      return null;
  }
}
