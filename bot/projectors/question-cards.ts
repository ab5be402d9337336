// The message of a question: asked once, and closed when it is answered or needs no answer any more.
import type { StoredEvent } from '../../core/task/event.ts';
import { replay } from '../../core/task/evolve.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';
import { closedQuestionView } from '../views/question-view.ts';
import type { Place } from './deliver.ts';
import { eventKey, updatePosted } from './deliver.ts';

const answerCharactersAtMost = 200;

/** The task's newest question before this event, if it waited until then. */
export async function closeQuestion(place: Place, history: readonly StoredEvent[], stored: StoredEvent): Promise<void> {
  const before = history.filter((other) => other.seq < stored.seq);
  const asked = before.findLast(({ event }) => event.type === 'question.asked');
  const state = replay(place.task, before);
  if (asked === undefined || state.question === null) return;
  const { question } = state;
  const { event } = stored;
  const answer =
    event.type !== 'question.answered' || question.secret === true
      ? null
      : withoutPlaceholders(event.answer).slice(0, answerCharactersAtMost);
  const closed =
    event.type === 'question.answered'
      ? `Answered by ${event.actor}${answer === null ? '' : `: ${answer}`}`
      : 'It needs no answer any more.';
  await updatePosted(
    place,
    eventKey(asked.seq),
    closedQuestionView(state, question, state.dialogue.length + 1, closed),
  );
}
