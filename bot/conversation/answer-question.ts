// What a person answers to a task's question: to the one that stood when it was said, and a secret from its requester alone.
import { refusal } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Incoming } from '../../core/ports/chat.ts';
import type { NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { TaskState } from '../../core/task/state.ts';
import type { ReadRepository } from '../planning/read-repository.ts';
import { hideAnswer, keepSecrets } from '../planning/request-secrets.ts';
import type { Submit } from '../submit.ts';
import { findTask } from './find-task.ts';
import { hideTyped } from './hide-secrets.ts';
import type { Outcome } from './outcome.ts';
import { outcomeOf } from './outcome.ts';
import { whyNoAnswer } from './what-stood.ts';

type Parts = {
  readonly store: Store;
  readonly submit: Submit;
  readonly readRepository: ReadRepository;
  readonly newId: NewId;
};

/** `question`: its number, where an answer names the one that it is for. */
export async function answerTo(
  parts: Parts,
  incoming: Incoming,
  task: TaskId,
  text: string,
  question?: number,
): Promise<Outcome> {
  const asking = await findTask(parts.store, incoming.conversation, task, ['asking'], 'answered');
  if ('kind' in asking) return { type: 'refused', task, why: asking };
  if (question !== undefined && numberOf(asking) !== question)
    return {
      type: 'refused',
      task,
      why: refusal('WRONG_STATE', `That question of task #${task} is answered already.`),
    };
  const why = await whyNoAnswer(parts.store, incoming, task);
  return why === undefined ? answer(parts, incoming, asking, text) : { type: 'refused', task, why };
}

export async function answer(parts: Parts, incoming: Incoming, asking: TaskState, text: string): Promise<Outcome> {
  // Nobody sees it on the plan: a password of somebody else's choice would be approved unseen.
  if (asking.question?.secret === true && incoming.person.id !== asking.requester) {
    const why = `The secret of #${asking.task} is asked of ${asking.requester}, who made the request, and taken from nobody else.`;
    return { type: 'refused', task: asking.task, why: refusal('NOT_ALLOWED', why) };
  }
  const hidden = asking.question?.secret === true ? hideAnswer(text, parts.newId) : await hideTyped(parts, text);
  await keepSecrets(parts.store, asking.task, hidden);
  const submitted = await parts.submit(asking.task, incoming.person.id, {
    ...{ type: 'answer', actor: incoming.person.id, answer: hidden.text },
    // Somebody else may answer it in this moment: the next one may ask for a secret, or for what this is no answer to.
    question: numberOf(asking),
  });
  return outcomeOf(asking.task, submitted);
}

/** 0 where nothing is asked. */
function numberOf({ status, dialogue }: TaskState): number {
  return status === 'asking' ? dialogue.length + 1 : 0;
}
