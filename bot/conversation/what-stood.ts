// Words mean what stood there when they were said. When the bot was away meanwhile, or they waited behind others, something else may
// stand there by now: they decide, answer and change nothing of that. Times are compared as they are; a clock that is behind costs
// its person a second try, and never makes words count for what they were not said about.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { DecisionOn } from '../../core/task/command.ts';

/** Words without a hash are about the plan that stood when they were said: nobody decides on what came after that. */
export async function planSeen(
  store: Pick<EventLog, 'readTask'>,
  { content, sentAt }: Incoming,
  task: TaskId,
  on: DecisionOn,
): Promise<DecisionOn> {
  if (content.type !== 'text' || sentAt === undefined || on.hashPrefix !== undefined) return on;
  const proposals = await store.readTask(task, ['plan.proposed']);
  const seen = proposals.findLast(({ at }) => at <= sentAt)?.event;
  return { revision: seen?.type === 'plan.proposed' ? seen.plan.revision : 0 };
}

/** Why words are no answer to the question that stands: it was asked after they were said. */
export async function whyNoAnswer(
  store: Pick<EventLog, 'readTask'>,
  { content, sentAt }: Incoming,
  task: TaskId,
): Promise<Refusal | undefined> {
  if (content.type !== 'text' || sentAt === undefined) return undefined;
  const asked = (await store.readTask(task, ['question.asked'])).at(-1);
  if (asked === undefined || asked.at <= sentAt) return undefined;
  const why = `Task #${task} asked its question after that was said. Look at it and answer again; nothing was answered.`;
  return refusal('WRONG_STATE', why);
}
