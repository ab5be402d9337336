// `details`: all of a plan, its diffs and the files read, as it stood and as it stands now.
import type { Refusal } from '../../../core/error.ts';
import { refusal } from '../../../core/error.ts';
import type { DetailsView } from '../../../core/ports/chat.ts';
import { cardOf } from '../../projectors/plan-cards.ts';
import type { History } from './history-of.ts';

/** `revision`: null or 0 for the newest. */
export function detailsReport(
  { task, events }: History,
  revision: number | null,
  repository: string,
): DetailsView | Refusal {
  const proposals = events.filter(({ event }) => event.type === 'plan.proposed');
  const proposed =
    revision === null || revision === 0
      ? proposals.at(-1)
      : proposals.find(({ event }) => event.type === 'plan.proposed' && event.plan.revision === revision);
  const plan = proposed === undefined ? null : cardOf(events, proposed, repository);
  if (plan === null)
    return refusal(
      'NOTHING_TO_DECIDE',
      proposals.length === 0
        ? `Task #${task} has no plan, so there is nothing to show of it.`
        : `Task #${task} has no revision ${revision}; the newest is ${proposals.length}.`,
    );
  return { type: 'details', plan };
}
