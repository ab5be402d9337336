// A request's tokens parted into clauses, each one thing asked for: at full stops, at `then`, and at commas and `and`
// where what follows is a new act or the same act on a new subject. Second stage of reading.
import type { Lexicon } from '../matching/lexicon.ts';
import { determiners, fillers } from '../words/plain-words.ts';
import type { Clause, Lead } from './clause.ts';
import { ClauseWriter } from './clause-writer.ts';
import { type Connective, connectiveAt } from './connectives.ts';
import { goOn } from './list-marks.ts';
import { readNegation } from './negations.ts';
import { isInverted, readQuestion } from './questions.ts';
import { Scan } from './scan.ts';
import { settleClause } from './settle.ts';
import { normalise, type Token, tokenise } from './tokens.ts';
import { takesVerb } from './verb-position.ts';

export type Reading = { readonly text: string; readonly tokens: readonly Token[]; readonly clauses: readonly Clause[] };

/** The clauses of a request, in the order said. */
export function readClauses(request: string, lexicon: Lexicon): Reading {
  const text = normalise(request);
  const tokens = tokenise(text);
  const writer = new ClauseWriter(new Scan(tokens, lexicon));
  while (writer.at < tokens.length) step(writer);
  writer.finish();
  const clauses = writer.done.flatMap((clause) => settleClause(clause, lexicon));
  return { text, tokens, clauses };
}

/** Acts that nobody wants done unless the condition holds. */
const drastic = new Set(['reboot', 'shut down', 'remove', 'restore', 'reset', 'roll back', 'stop']);

function step(writer: ClauseWriter): void {
  const token = writer.scan.tokens[writer.at];
  if (token === undefined) return;
  if (writer.particles.has(writer.at)) {
    writer.clause.tokens.push(token);
    writer.at += 1;
    return;
  }
  if (token.kind === 'mark') {
    readMark(writer, token);
    return;
  }
  if (readQuestion(writer)) return;
  const found = token.kind === 'word' ? connectiveAt(writer.scan.tokens, writer.at) : null;
  const isSwitch =
    /^(on|off)$/.test(token.word) &&
    writer.segment.tokens.length + writer.clause.objects.flat().length > 0 &&
    writer.scan.isBoundary(writer.at + 1);
  if (found !== null && !isSwitch && !writer.isValuePosition() && !writer.scan.isJoined(found.length, writer.at)) {
    if (readConnective(writer, found.connective, found.length, found.said)) return;
  }
  const verb = writer.verbAt(writer.at);
  if (verb !== null && takesVerb(writer, verb)) {
    writer.verb(verb);
    return;
  }
  writer.keep(1);
}

/** Marks: sentences end, lists go on, bullets open a line. */
function readMark(writer: ClauseWriter, token: Token): void {
  const next = writer.scan.tokens[writer.at + 1];
  if (/^[\n;.!?]$/.test(token.text) || token.text === '&&') {
    if (token.text === '?' && writer.clause.question === null && isInverted(writer.clause))
      writer.clause.question = 'yes-no';
    writer.at += 1;
    writer.skipBullet();
    writer.cut(token.text !== '&&');
    return;
  }
  if (
    token.text === ',' ||
    token.text === '(' ||
    token.text === ')' ||
    (token.text === ':' && !writer.isValuePosition())
  ) {
    writer.at += 1;
    goOn(writer, token.text === ',' ? 'comma' : 'loose', token);
    return;
  }
  if (token.text === '&' || token.text === '+') {
    writer.at += 1;
    goOn(writer, 'and', token);
    return;
  }
  if (token.text === '@' && next !== undefined) {
    writer.at += 1;
    writer.open('on', '@');
    return;
  }
  if (token.text === '*' || token.text === '#' || token.text === '-' || token.text === '•') {
    if (writer.clause.tokens.length === 0) {
      writer.at += 1;
      return;
    }
  }
  writer.keep(1);
}

/** True when the connective was taken. */
function readConnective(writer: ClauseWriter, found: Connective, length: number, said: string): boolean {
  const after = writer.at + length;
  switch (found.type) {
    case 'filler':
      writer.keepPlain(length);
      return true;
    case 'and':
    case 'or':
      writer.at = after;
      goOn(writer, found.type, writer.scan.tokens[after - 1]);
      return true;
    case 'then':
      writer.at = after;
      writer.cut(false);
      return true;
    case 'but':
      return readBut(writer, after);
    case 'first':
      if (
        writer.clause.tokens.length > 0 &&
        writer.clause.verb !== null &&
        writer.verbAt(writer.scan.skipPlain(after)) !== null &&
        /^before/.test(said)
      ) {
        // "upgrade x, before that back up y"
        writer.at = after;
        writer.cut(false);
        writer.clause.order = 'first';
        return true;
      }
      writer.clause.order = 'first';
      writer.keepPlain(length);
      return true;
    case 'before':
    case 'after':
      return readOrder(writer, found.type, after);
    case 'once':
      if (writer.clause.verb !== null) writer.cut(false);
      writer.clause.statement = true;
      writer.clause.order = 'before-neighbour';
      writer.keepPlain(length);
      return true;
    case 'reason':
    case 'relative':
      if (writer.clause.verb === null && writer.clause.tokens.length === 0) {
        writer.clause.statement = true;
        writer.keepPlain(length);
        return true;
      }
      if (found.type === 'relative' && writer.clause.verb === null) return false;
      writer.at = after;
      writer.open('ignored', said);
      return true;
    case 'soft-condition':
      if (writer.clause.verb?.readings.some((reading) => drastic.has(reading.verb) && reading.strength === 1) === true)
        writer.clause.conditional = true;
      writer.keepPlain(length);
      return true;
    case 'condition':
      writer.clause.conditional = true;
      writer.at = after;
      if (
        writer.clause.verb === null &&
        writer.clause.objects.every((object) => object.every((token) => fillers.has(token.word)))
      )
        writer.clause.statement = true;
      else writer.open('ignored', said);
      return true;
    case 'negation':
      return readNegation(writer, found.of, after, said);
    case 'lead':
      return readLead(writer, found.lead, after, said);
  }
}

function readBut(writer: ClauseWriter, after: number): boolean {
  const next = connectiveAt(writer.scan.tokens, after);
  const verbNext = writer.verbAt(writer.scan.skipPlain(after));
  writer.at = after;
  if (next !== null && next.connective.type !== 'filler') {
    if (next.connective.type === 'first') {
      writer.cut(false);
      writer.clause.order = 'first';
      writer.at = after + next.length;
    }
    return true;
  }
  if (verbNext !== null) {
    writer.cut(false);
    return true;
  }
  // "everything but jellyfin", "all but nas"; anything else goes on with what was said.
  const isWhole =
    [...writer.clause.objects.flat(), ...writer.segment.tokens].some((token) =>
      /^(everything|all|every|any|each|everywhere|whole|anything)$/.test(token.word),
    ) || writer.clause.tokens.slice(-3).some((token) => /^(everything|all|every|everywhere)$/.test(token.word));
  const at = writer.scan.skipPlain(after);
  if (isWhole || writer.scan.startsPlace(at)) writer.open('except', 'but');
  else writer.cut(false);
  return true;
}

function readOrder(writer: ClauseWriter, type: 'before' | 'after', after: number): boolean {
  const nextAt = writer.scan.skipPlain(after);
  const verb = writer.verbAt(nextAt);
  const hasActLater = writer.scan.nounActLater(nextAt);
  if (verb === null && !hasActLater) return false;
  if (writer.clause.verb !== null || writer.clause.objects.length > 0) writer.cut(false);
  const leading = writer.done.length === 0 || writer.clause.opens;
  // "after X, do Y" stands before its neighbour in doing, whichever side it is said on.
  writer.clause.order = type === 'after' ? 'before-neighbour' : 'after-neighbour';
  if (leading && type === 'after') writer.clause.order = 'next';
  writer.at = nextAt;
  return true;
}

function readLead(writer: ClauseWriter, lead: Lead, after: number, said: string): boolean {
  // "need to restart": an infinitive, not a direction.
  if (said === 'to') {
    const verb = writer.verbAt(writer.scan.skipPlain(after));
    const isPlaceNext = writer.scan.startsPlace(writer.scan.skipPlain(after));
    if (
      verb !== null &&
      !isPlaceNext &&
      !determiners.has(writer.scan.tokens[after]?.word ?? '') &&
      verb.phrases.some((phrase) => phrase.form === 'base') &&
      (writer.clause.verb === null || !writer.scan.namesSomething(writer.scan.skipPlain(after)))
    ) {
      if (writer.clause.verb !== null && writer.clause.objects.length > 0) {
        writer.at = after;
        writer.open('ignored', 'to');
        return true;
      }
      writer.keepPlain(1);
      return true;
    }
    const be = writer.scan.tokens[after]?.word;
    if (be === 'be' && writer.scan.tokens[after]?.joined === false) {
      writer.keepPlain(2);
      return true;
    }
  }
  if (writer.scan.tokens[after] === undefined) {
    writer.keepPlain(after - writer.at);
    return true;
  }
  // `use` and `where` only open values where an input or an assignment follows.
  if (said === 'use' && writer.clause.verb === null && writer.clause.objects.length === 0 && writer.done.length === 0) {
    if (!writer.scan.inputFollows(writer.scan.skipPlain(after))) return false;
  }
  if (said === 'having' || said === 'given') {
    if (writer.clause.verb === null) return false;
  }
  writer.at = after;
  writer.open(lead, said);
  return true;
}
