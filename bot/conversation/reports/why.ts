// `why`: how the planner chose, or why it did not.
import type { Refusal } from '../../../core/error.ts';
import { refusal } from '../../../core/error.ts';
import type { WhyView } from '../../../core/ports/chat.ts';
import { withoutPlaceholders } from '../../planning/request-secrets.ts';
import type { History } from './history-of.ts';

type Judged = Pick<WhyView, 'tier' | 'confidence'> & { readonly why: readonly string[] };

export function whyReport({ task, events }: History): WhyView | Refusal {
  const judged = events.reduce<Judged | undefined>((last, { event }) => {
    if (event.type === 'plan.proposed') return event.plan;
    return event.type === 'question.asked' || event.type === 'task.refused' ? event : last;
  }, undefined);
  if (judged === undefined) return refusal('WRONG_STATE', `Task #${task} has not been planned yet.`);
  return {
    type: 'why',
    task,
    tier: judged.tier,
    confidence: judged.confidence,
    lines: judged.why.map(withoutPlaceholders),
  };
}
