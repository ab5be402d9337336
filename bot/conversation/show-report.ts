// Answers what asks for no decision: status, history, log, why, details, agents, cost, catalogue, help.
import type { Refusal } from '../../core/error.ts';
import type { ConversationId, TaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { EnrolledAgent } from '../dispatch/agent-registry.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { helpView } from '../views/help-view.ts';
import type { Intention } from './parse-command.ts';
import { agentsReport } from './reports/agents.ts';
import { catalogueReport } from './reports/catalogue.ts';
import { costReport } from './reports/cost.ts';
import { detailsReport } from './reports/details.ts';
import { historyOf } from './reports/history-of.ts';
import { logReport } from './reports/log.ts';
import { tasksReport } from './reports/tasks.ts';
import { whyReport } from './reports/why.ts';

/** What is asked for: by a command, or all of a plan by its card's button. */
export type Report = Intention | { readonly type: 'details'; readonly task: TaskId; readonly revision: number };

export type ShowReport = (
  conversation: ConversationId,
  intention: Report,
) => Promise<Exclude<View, { type: 'refusal' }> | Refusal>;

export function makeShowReport(parts: {
  readonly store: Store;
  readonly readRepository: ReadRepository;
  /** How people know the infrastructure repository. */
  readonly repositoryName: string;
  readonly ownAgents: readonly EnrolledAgent[];
  readonly clock: Clock;
}): ShowReport {
  const { store, readRepository, repositoryName } = parts;
  return async (conversation, intention) => {
    switch (intention.type) {
      case 'status':
      case 'history':
        return tasksReport(store, intention.type);
      case 'agents':
        return agentsReport(store, parts.ownAgents);
      case 'cost':
        return costReport(store, parts.clock.now());
      case 'catalogue': {
        const reading = await readRepository();
        return reading.type === 'refusal'
          ? reading
          : catalogueReport(reading.catalogue, intention.text, reading.state.name);
      }
      case 'log':
      case 'why':
      case 'details': {
        const history = await historyOf(store, conversation, intention.task);
        if (history.type === 'refusal') return history;
        if (intention.type === 'log') return logReport(store, history, intention.step);
        if (intention.type === 'why') return whyReport(history);
        return detailsReport(history, 'revision' in intention ? intention.revision : null, repositoryName);
      }
      default:
        return helpView;
    }
  };
}
