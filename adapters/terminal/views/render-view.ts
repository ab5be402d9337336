// Any view as lines for a terminal: the one place that knows which card shows what.
import type { View } from '../../../core/ports/chat.ts';
import type { Look } from '../look.ts';
import { helpCard, noticeLines, questionCard, refusalCard, whyCard } from './answer-cards.ts';
import type { WholeLog } from './list-cards.ts';
import { detailCard, listCard, logCard, tasksCard } from './list-cards.ts';
import { planCard } from './plan-card.ts';
import { endedLines, hasEnded, liveLines } from './progress-lines.ts';
import { resultCard } from './result-card.ts';

const cardColumnsAtMost = 100;

/** Very long lines are hard to read, so a card does not use all of a wide terminal. */
export function cardWidth(look: Look): Look {
  return look.frame ? { ...look, width: Math.min(look.width, cardColumnsAtMost) } : look;
}

/** Lines of at most `full.width` columns, without line ends, harmless whatever the view holds. */
export function renderView(view: View, full: Look, log: WholeLog): string[] {
  const look = cardWidth(full);
  switch (view.type) {
    case 'plan':
      return planCard(view, look);
    case 'question':
      return questionCard(view, look);
    case 'refusal':
      return refusalCard(view, look);
    case 'progress':
      return view.steps.flatMap((step) =>
        hasEnded(step) ? endedLines(view, step, look) : liveLines(view, step, look, 0),
      );
    case 'result':
      return resultCard(view, look);
    case 'notice':
      return noticeLines(view, look);
    case 'tasks':
      return tasksCard(view, look);
    case 'log':
      return logCard(view, full, log);
    case 'why':
      return whyCard(view, look);
    case 'help':
      return helpCard(view, look);
    case 'list':
      return listCard(view, look);
    case 'details':
      return planCard(view.plan, look, 'details');
    case 'detail':
      return detailCard(view, full);
  }
}
