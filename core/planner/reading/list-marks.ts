// Commas, `and` and `or`: whether a list goes on, values go on, or the next clause begins.
import type { ClauseWriter } from './clause-writer.ts';
import { connectiveAt } from './connectives.ts';
import type { VerbAt } from './scan.ts';
import type { Token } from './tokens.ts';

/** `and`, `or`, a comma: goes on with the list, or begins the next clause. */
export function goOn(writer: ClauseWriter, kind: 'and' | 'or' | 'comma' | 'loose', mark: Token | undefined): void {
  let next = writer.at;
  // Several in a row count as one: ", and also".
  for (;;) {
    const token = writer.scan.tokens[next];
    if (token === undefined) break;
    if (token.kind === 'mark' && (token.text === ',' || token.text === '&')) {
      next += 1;
      continue;
    }
    const more = connectiveAt(writer.scan.tokens, next);
    if (more === null) break;
    if (more.connective.type === 'then') {
      writer.at = next + more.length;
      writer.cut(false);
      return;
    }
    if (more.connective.type === 'and' || more.connective.type === 'filler') next += more.length;
    else if (more.connective.type === 'or') {
      next += more.length;
      kind = 'or';
    } else break;
  }
  writer.at = next;
  const significant = writer.scan.skipPlain(next);
  const token = writer.scan.tokens[significant];
  if (token === undefined) return;
  if (kind === 'or') writer.clause.alternatives = true;
  const more = connectiveAt(writer.scan.tokens, significant);
  const kindOfMore = more?.connective.type;
  if (
    kindOfMore === 'negation' ||
    kindOfMore === 'but' ||
    kindOfMore === 'first' ||
    kindOfMore === 'before' ||
    kindOfMore === 'after' ||
    kindOfMore === 'once' ||
    kindOfMore === 'condition' ||
    kindOfMore === 'then'
  )
    return;
  // "grafana: redeploy"
  if (kind === 'loose' && writer.clause.verb === null && !writer.clause.statement && writer.clause.objects.length === 1)
    return;
  const verb = writer.verbAt(significant);
  if (verb !== null && beginsClause(writer, verb, significant)) {
    if (writer.isLeading()) {
      writer.toObject();
      return;
    }
    if (setsInput(writer, verb, significant)) {
      writer.at = significant + verb.length;
      writer.open('with', verb.text);
      return;
    }
    writer.cut(false);
    return;
  }
  if (writer.segment.lead === 'ignored' || writer.clause.statement) {
    writer.cut(false);
    return;
  }
  if (kindOfMore === 'lead' && !writer.scan.isJoined(1, significant)) {
    return;
  }
  if (writer.segment.lead === 'with' || writer.segment.lead === 'named' || writer.segment.lead === 'as') {
    if (isNewSubject(writer, significant)) {
      inherit(writer);
      return;
    }
    if (mark !== undefined) writer.segment.tokens.push({ ...mark, kind: 'mark', text: ',', word: ',' });
    return;
  }
  if (writer.clause.objects.length === 0 && writer.clause.segments.length === 0) return;
  if (writer.isPlaceSegment() && !writer.scan.startsPlace(significant)) {
    if (writer.scan.namesSomething(significant)) {
      inherit(writer);
      return;
    }
  }
  if (writer.segment.lead !== 'object') {
    // "with an interval of 30 seconds and a year of retention": back to the list of values.
    const before = writer.clause.segments.at(-2);
    if (
      (writer.segment.lead === 'of' || writer.segment.lead === 'to') &&
      before?.lead === 'with' &&
      (writer.scan.inputFollows(significant) || writer.scan.amountFollows(next))
    ) {
      writer.open('with', before.said);
      return;
    }
    // "add jellyfin to the monitors and the homepage": one list after the other.
    const fillsLists =
      writer.scan.lexicon.configs.length > 0 &&
      writer.clause.verb?.readings.some((reading) => /^(add|remove)$/.test(reading.verb) && reading.strength === 1) ===
        true;
    if (
      !fillsLists &&
      writer.clause.objects.length > 0 &&
      !writer.scan.startsPlace(significant) &&
      isNewSubject(writer, significant) &&
      (writer.segment.lead === 'on' || writer.segment.lead === 'to' || writer.segment.lead === 'from')
    ) {
      inherit(writer);
      return;
    }
    if (mark !== undefined) writer.segment.tokens.push({ ...mark, kind: 'mark', text: ',', word: ',' });
    return;
  }
  if (kind === 'loose' && writer.clause.verb === null) return;
  writer.clause.objects.push([]);
}

/** The same act on a new subject: "deploy grafana on atlas and prometheus on nas". */
function inherit(writer: ClauseWriter): void {
  writer.cut(false);
  writer.clause.inherited = true;
}

/** A verb that begins something new, rather than a noun in a list. */
function beginsClause(writer: ClauseWriter, verb: VerbAt, at: number): boolean {
  const base = verb.phrases.some((phrase) => phrase.form === 'base');
  const gerund = verb.phrases.some((phrase) => phrase.form === 'gerund');
  if (!base && !gerund) return false;
  const word = writer.scan.tokens[at];
  const follows = at + verb.length;
  const end = writer.scan.isBoundary(follows);
  if (word !== undefined && writer.scan.startsPlace(at) && writer.segment.lead !== 'object') return false;
  const namesIt = verb.length === 1 && writer.scan.lexicon.subject([word?.word ?? '']) === 1;
  if (
    namesIt &&
    end &&
    writer.clause.objects.length > 0 &&
    verb.phrases.some((phrase) => phrase.nounToo || !phrase.readings.some((reading) => reading.strength === 1))
  )
    return false;
  if (
    namesIt &&
    end &&
    writer.clause.objects.length > 0 &&
    writer.clause.verb !== null &&
    !verb.phrases.some((phrase) => phrase.nounToo)
  )
    return !(writer.segment.lead === 'object');
  // "a, b and backup": in a list that goes on with a lead word it may be the name of a role.
  return true;
}

/** "and set port to 3000": goes on with the inputs of what was just said. */
function setsInput(writer: ClauseWriter, verb: VerbAt, at: number): boolean {
  if (writer.clause.verb === null || writer.clause.objects.length === 0) return false;
  if (!/^(set|use|make|give|change|put|pick|choose|specify|let)$/.test(verb.text)) return false;
  return writer.scan.inputFollows(writer.scan.skipPlain(at + verb.length));
}

/** Something known begins here that is neither a value nor an input's name. */
function isNewSubject(writer: ClauseWriter, at: number): boolean {
  const word = writer.scan.tokens[at]?.word ?? '';
  const next = writer.scan.tokens[at + 1]?.word ?? '';
  const exact = writer.scan.lexicon.subject([word]) === 1 || writer.scan.lexicon.subject([word, next]) === 1;
  if (!exact) return false;
  if (writer.segment.lead !== 'with') return true;
  // Inside "with ..." a list of values may hold a subject's name: only a lead word after it shows a new subject.
  const length = writer.scan.lexicon.subject([word, next]) === 1 ? 2 : 1;
  if (writer.scan.lexicon.inputName([word])) return false;
  const follows = connectiveAt(writer.scan.tokens, at + length);
  return follows !== null && follows.connective.type === 'lead';
}
