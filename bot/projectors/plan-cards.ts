// The cards of plans that were posted before: shown in their new standing when they are decided, replaced or withdrawn.
import type { PlanView } from '../../core/ports/chat.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { evolve } from '../../core/task/evolve.ts';
import type { Proposal, TaskState } from '../../core/task/state.ts';
import { emptyTask } from '../../core/task/state.ts';
import { planView } from '../views/plan-view.ts';
import type { Place } from './deliver.ts';
import { updatePosted } from './deliver.ts';

type CardPlace = Place & { readonly repository: () => string };

/** The card of the newest proposal before this event, shown in its new standing. */
export async function updateCard(
  place: CardPlace,
  history: readonly StoredEvent[],
  stored: StoredEvent,
  standing: PlanView['standing'],
): Promise<void> {
  const proposed = history.findLast((other) => other.event.type === 'plan.proposed' && other.seq < stored.seq);
  if (proposed === undefined) return;
  const proposal = proposalAt(history, proposed, stored);
  if (proposal !== null) await updatePosted(place, proposed.seq, planView(proposal, standing, place.repository()));
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
function proposalAt(history: readonly StoredEvent[], proposed: StoredEvent, until: StoredEvent): Proposal | null {
  const upTo =
    until.event.type === 'approval.given' || until.event.type === 'plan.approved' ? until.seq : until.seq - 1;
  const states = history.filter((other) => other.seq <= upTo).map((other) => other.event);
  const state = states.reduce<TaskState>(
    (folded: TaskState, event: TaskEvent) => evolve(folded, event),
    emptyTask(proposed.task),
  );
  return state.proposal;
}
