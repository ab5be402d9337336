// What the planner has to know before it can plan, as people are asked for it.
import { toActorId } from '../../core/ids.ts';
import type { Question } from '../../core/planner/planner.ts';
import type { QuestionView } from '../../core/ports/chat.ts';
import type { TaskState } from '../../core/task/state.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';

const nobody = toActorId('system:nobody');

/** The question that waits. */
export function questionView(state: TaskState): QuestionView {
  return viewOf(state, state.question, state.dialogue.length + 1, null);
}

/** A question that waits no more; `closed` says why. A secret answer is not told. */
export function closedQuestionView(state: TaskState, question: Question, number: number, closed: string): QuestionView {
  return viewOf(state, question, number, closed);
}

function viewOf(state: TaskState, question: Question | null, number: number, closed: string | null): QuestionView {
  return {
    type: 'question',
    task: state.task,
    request: withoutPlaceholders(state.request),
    requester: state.requester ?? nobody,
    number,
    closed,
    text: question?.text ?? '',
    secret: question?.secret === true,
    candidates: (question?.candidates ?? []).map(({ label, value }) => ({ label, value })),
  };
}
