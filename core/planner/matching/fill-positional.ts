// Values that stand in a clause without their input's name: "create user bob", "a database called orders", "for bob".
import type { Input } from '../../catalogue/model.ts';
import type { Token } from '../reading/tokens.ts';
import { wordsOf } from '../words/nearness.ts';
import { everydayWords } from '../words/plain-words.ts';
import type { Evidence } from './evidence.ts';
import { readValue } from './read-value.ts';

/** "create user bob": the one word left over is the one value that is missing. */
export function fillPositional(evidence: Evidence): void {
  if (evidence.unexplained.length === 0) return;
  const open = evidence.entry.action.inputs.filter(
    (input) =>
      !evidence.values.has(input.name) &&
      input.choices === undefined &&
      (input.type === 'str' || input.type === 'raw' || input.type === 'path' || input.type === 'int') &&
      !input.secret,
  );
  const named = evidence.parts.find((part) => part.lead === 'named' || part.lead === 'as');
  const nameLike = open.filter((input) =>
    /^(name|user|username|login|title|hostname|domain|label|id)$/.test(wordsOf(input.name).at(-1) ?? ''),
  );
  const ofNamed = named === undefined ? [] : evidence.unexplained.filter((token) => named.tokens.includes(token));
  if (ofNamed.length > 0) {
    const input = nameLike.filter((candidate) => candidate.required)[0] ?? nameLike[0];
    if (input !== undefined) fill(evidence, input, ofNamed);
  }
  // "for bob" where one input is a person.
  const people = open.filter(
    (input) =>
      /^(user|username|login|account|owner|person|member|recipient)$/.test(wordsOf(input.name).at(-1) ?? '') ||
      /^user_?name$/.test(input.name),
  );
  const forWhom = evidence.parts.find((part) => part.lead === 'for' || part.lead === 'of');
  const owner = evidence.unexplained.filter((token) => /'s$/.test(token.text));
  const forThem = forWhom === undefined ? [] : evidence.unexplained.filter((token) => forWhom.tokens.includes(token));
  const whom = forThem.length > 0 ? forThem : owner;
  if (
    people.length === 1 &&
    people[0] !== undefined &&
    whom.length > 0 &&
    whom.length <= 3 &&
    evidence.aligned.said >= 0.5
  )
    fill(evidence, people[0], whom);
  const required = open.filter((input) => input.required && !evidence.values.has(input.name));
  const only = required.length === 1 ? required[0] : undefined;
  if (only === undefined) return;
  const isServiceName = /(^|_)(service|app|application|container|stack|unit|role)(_name)?$/.test(only.name);
  if (evidence.aligned.said < 0.5 && !isServiceName) return;
  // Loose words in one place, glued or side by side after the subject.
  const left = evidence.unexplained.filter((token) =>
    evidence.parts.some(
      (part) =>
        (part.lead === 'object' || part.lead === 'for' || part.lead === 'of' || part.lead === 'from') &&
        part.tokens.includes(token),
    ),
  );
  const [first] = left;
  const last = left.at(-1);
  if (first === undefined || last === undefined) return;
  const isOneRun = left.every((token, index) => index === 0 || token.start - (left[index - 1]?.end ?? 0) <= 1);
  const generic = evidence.aligned.name?.generic ?? true;
  // A service that the catalogue knows by evidence one word: its name elsewhere is most likely the same.
  const knownElsewhere = left.length === 1 && evidence.context.lexicon.subject([first.word]) === 1;
  if (!isOneRun || left.length > 4) return;
  if (generic && !subjectNounSaid(evidence) && !knownElsewhere) return;
  if (generic && !subjectNounSaid(evidence) && !isServiceName) return;
  fill(evidence, only, left);
}

function subjectNounSaid(evidence: Evidence): boolean {
  return [...evidence.aligned.matched.keys()].length > 0;
}

function fill(evidence: Evidence, input: Input, tokens: readonly Token[]): void {
  const read = readValue(input, tokens, {
    text: evidence.context.text,
    secrets: evidence.context.secrets,
    endsAt: () => false,
  });
  if (read.type === 'problem') {
    evidence.problems.push(read.problem);
    return;
  }
  // "revoke bob's keys": the person is bob.
  const value =
    typeof read.value === 'string' && tokens.length === 1 && tokens[0]?.kind === 'word'
      ? read.value.replace(/'s$/, '')
      : read.value;
  evidence.values.set(input.name, value);
  evidence.byValue = true;
  for (const token of tokens) {
    const index = evidence.unexplained.indexOf(token);
    if (index < 0) continue;
    evidence.unexplained.splice(index, 1);
    evidence.sure += everydayWords.has(token.word) ? 0.4 * 0.95 : 0.95;
  }
}
