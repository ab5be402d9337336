// Questions: a sentence that asks how things are, rather than for something to be done.
import type { Clause } from './clause.ts';
import type { ClauseWriter } from './clause-writer.ts';

/** `what`, `why`, `how` at a sentence's start, or `is`/`are`: a question rather than a request. */
export function readQuestion(writer: ClauseWriter): boolean {
  if (!writer.clause.opens || writer.clause.tokens.some((token) => token.kind === 'word' && !isGreeting(token.word)))
    return false;
  const word = writer.scan.tokens[writer.at]?.word ?? '';
  const next = writer.scan.tokens[writer.at + 1]?.word ?? '';
  if (
    /^(what|whats|which|why|who|whos|where|wheres|how|hows|whose)$/.test(word) &&
    !(word === 'how' && next === 'about') &&
    !(word === 'what' && next === 'about') &&
    !(word === 'why' && next === 'not')
  ) {
    writer.clause.question = 'open';
    return false;
  }
  if (word === 'when' && /^(is|are|was|were|did|does|do|will|has|have)$/.test(next)) {
    writer.clause.question = 'open';
    writer.keep(1);
    return true;
  }
  if (/^(is|are|was|were|does|did|has|isnt|arent)$/.test(word)) {
    writer.clause.question = 'yes-no';
    writer.keep(1);
    return true;
  }
  if (/^(should|shall|must)$/.test(word) && /^(i|we|it|that|writer)$/.test(next)) {
    writer.clause.question = 'open';
    writer.keep(1);
    return true;
  }
  if (
    word === 'do' &&
    /^(you|i|we|they)$/.test(next) &&
    !/^(mind)$/.test(writer.scan.tokens[writer.at + 2]?.word ?? '')
  ) {
    writer.clause.question = 'open';
    writer.keep(1);
    return true;
  }
  return false;
}

function isGreeting(word: string): boolean {
  return /^(hi|hey|hello|ok|okay|so|and|please|chiffon|bot|well|also|yo)$/.test(word);
}

/** "is grafana up?": the verb stands before its subject. */
export function isInverted(clause: Clause): boolean {
  return /^(is|are|was|were|does|did|has|do|have)$/.test(
    clause.tokens.find((token) => !isGreeting(token.word))?.word ?? '',
  );
}
