// Answers to questions: which candidate is meant, or what value was given. An answer that cannot be used is asked for
// again, saying why.
import type { ActionId } from '../ids.ts';
import type { Candidate, PlanningInput, Question } from './planner.ts';
import { normalise } from './reading/tokens.ts';
import { compact, slipNearness, wordsOf } from './words/nearness.ts';
import { readNumber } from './words/numbers.ts';
import { isPlain } from './words/plain-words.ts';

/** What was answered so far, by what it answers. */
export type Answers = {
  /** The action that words of the request stand for. */
  readonly actions: ReadonlyMap<string, ActionId>;
  /** Values as typed, by action and input. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  readonly configs: ReadonlyMap<string, string>;
  /** Every question so far was answered with "none": the person gave up. */
  readonly givenUp: boolean;
  /** Answers about an action that name none of the candidates: they may say the request more fully. */
  readonly restated: readonly { readonly question: Question; readonly answer: string; readonly isLast: boolean }[];
};

export function inputKey(action: ActionId, input: string): string {
  return `${action}\n${input}`;
}

export function readAnswers(dialogue: PlanningInput['dialogue']): Answers {
  const actions = new Map<string, ActionId>();
  const inputs = new Map<string, string>();
  const hosts = new Map<string, string>();
  const configs = new Map<string, string>();
  let givenUp = false;
  const restated: { question: Question; answer: string; isLast: boolean }[] = [];
  for (const { question, answer } of dialogue) {
    for (const each of restated) each.isLast = false;
    const text = normalise(answer).trim();
    if (
      /^(never ?mind|none|none of (them|these|those|the above)|neither|nothing|cancel|forget it|forget about it|stop|abort|no|nope|no thanks?|leave it|skip|skip it|quit|drop it)[.!]?$/i.test(
        text,
      ) &&
      !question.candidates.some((candidate) => candidate.value.toLowerCase() === text.toLowerCase())
    ) {
      if (question.about.startsWith('change: ')) configs.set(question.about, '');
      else givenUp = true;
      continue;
    }
    givenUp = false;
    const candidate = candidateOf(question, text);
    if (question.decides === 'action') {
      if (candidate?.action !== undefined) actions.set(question.about, candidate.action);
      else restated.push({ question, answer: text, isLast: true });
    } else if (question.decides === 'input') {
      const value = candidate?.value ?? text;
      if (value !== '' && question.action !== undefined) inputs.set(inputKey(question.action, question.about), value);
    } else if (question.decides === 'host') hosts.set(question.about, candidate?.value ?? text);
    else configs.set(question.about, candidate?.value ?? text);
  }
  return { actions, inputs, hosts, configs, givenUp, restated };
}

/** The candidate that an answer means: its number, its value or label, part of it, or a slip of it. */
function candidateOf(question: Question, answer: string): Candidate | null {
  const { candidates } = question;
  const plain = answer.replace(/[.!]$/, '').trim();
  const exact =
    candidates.find((candidate) => candidate.value === plain) ??
    candidates.find((candidate) => compact(candidate.value) === compact(plain) && compact(plain) !== '');
  if (exact !== undefined) return exact;
  const number = ordinal(plain);
  if (
    number !== null &&
    candidates.length > 0 &&
    !(
      question.decides === 'input' &&
      /^\d+$/.test(plain) &&
      candidates.every((candidate) => /^\d+$/.test(candidate.value))
    )
  ) {
    const counted = number === -1 ? candidates.at(-1) : candidates[number - 1];
    if (counted !== undefined) return counted;
  }
  const said = compact(plain);
  if (said === '') return null;
  const byLabel = candidates.find((candidate) => compact(candidate.label) === said);
  if (byLabel !== undefined) return byLabel;
  if (
    candidates.length === 1 &&
    /^(yes|y|yep|yeah|yup|ok|okay|sure|right|correct|that one|do it|go|go ahead|please|yes please|exactly|confirm|confirmed|fine|indeed)[.!]?$/i.test(
      plain,
    )
  )
    return candidates[0] ?? null;
  const words = wordsOf(plain).filter((word) => !isPlain(word) && word !== 'one');
  if (words.length === 0) return null;
  const scored = candidates
    .map((candidate) => ({ candidate, score: overlap(words, wordsOf(`${candidate.value} ${candidate.label}`)) }))
    .filter((found) => found.score > 0)
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (best === undefined || best.score < 0.99 * words.length * 0.6) return null;
  return second !== undefined && second.score === best.score ? null : best.candidate;
}

function overlap(said: readonly string[], known: readonly string[]): number {
  let total = 0;
  for (const word of said)
    total += Math.max(0, ...known.map((other) => (other === word ? 1 : slipNearness(word, other) * 0.9)));
  return total;
}

const ordinals: ReadonlyMap<string, number> = new Map([
  ['first', 1],
  ['1st', 1],
  ['second', 2],
  ['2nd', 2],
  ['third', 3],
  ['3rd', 3],
  ['fourth', 4],
  ['4th', 4],
  ['fifth', 5],
  ['5th', 5],
  ['last', -1],
]);

function ordinal(text: string): number | null {
  const plain = text
    .toLowerCase()
    .replace(/^(?:the|number|no\.?|option|#)\s*/g, '')
    .replace(/\s*(?:one|option|please|thanks)$/g, '')
    .trim();
  const counted = ordinals.get(plain);
  if (counted !== undefined) return counted;
  const number = readNumber(plain.replace(/[).]$/, ''));
  return number !== null && Number.isInteger(number) && number >= 1 ? number : null;
}
