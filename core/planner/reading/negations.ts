// Negations: acts that must not be done, things and places that are taken out, inputs that are switched off.
import type { ClauseWriter } from './clause-writer.ts';
import { connectiveAt } from './connectives.ts';

export function readNegation(
  writer: ClauseWriter,
  of: 'verb' | 'any' | 'except' | 'without' | 'instead' | 'protect' | 'skip',
  after: number,
  said: string,
): boolean {
  const nextAt = writer.scan.skipPlain(after);
  const verb = writer.verbAt(nextAt);
  const lead = connectiveAt(writer.scan.tokens, nextAt);
  if (of === 'protect') {
    if (said === 'leave' || said.endsWith(' leave')) {
      const aloneAt = writer.scan.tokens.findIndex(
        (token, index) => index >= after && /^(alone|out|untouched|as|it|running|unchanged|off)$/.test(token.word),
      );
      if (aloneAt < 0) return false;
    }
    if (writer.clause.verb !== null) writer.cut(false);
    writer.clause.negated = true;
    writer.at = after;
    writer.clause.verb = { text: said, phrase: 'touch', readings: [], carrier: false };
    return true;
  }
  if (of === 'verb' || (of === 'any' && verb !== null && /not|dont/.test(said) && lead?.connective.type !== 'lead')) {
    if (verb === null && of === 'verb') {
      if (writer.clause.verb !== null) writer.cut(false);
      writer.clause.negated = true;
      writer.keepPlain(after - writer.at);
      return true;
    }
    if (verb !== null && !verb.phrases.every((phrase) => phrase.form === 'noun')) {
      if (writer.clause.verb !== null || writer.clause.objects.length > 0) writer.cut(false);
      writer.clause.negated = true;
      writer.at = nextAt;
      writer.verb(verb);
      return true;
    }
  }
  if (of === 'without' || of === 'instead') {
    if (
      verb?.phrases.some(
        (phrase) => phrase.form === 'gerund' || (of === 'instead' && phrase.form === 'base' && !phrase.nounToo),
      )
    ) {
      writer.cut(false);
      writer.clause.negated = true;
      writer.at = nextAt;
      writer.verb(verb);
      return true;
    }
    writer.at = after;
    writer.open(of === 'without' ? 'without' : 'except', said);
    return true;
  }
  if (of === 'any') {
    writer.at = after;
    if (
      lead?.connective.type === 'lead' &&
      (lead.connective.lead === 'on' || lead.connective.lead === 'to' || lead.connective.lead === 'from')
    ) {
      writer.at = nextAt + lead.length;
      writer.open('except', said);
      return true;
    }
    if (writer.clause.verb === null && writer.clause.objects.length === 0) {
      writer.clause.negated = true;
      return true;
    }
    writer.open(said === 'no' ? 'without' : 'except', said);
    return true;
  }
  if (of === 'skip') {
    if (writer.clause.verb === null && writer.clause.objects.length === 0) {
      writer.clause.negated = true;
      writer.at = after;
      writer.clause.verb = { text: said, phrase: 'skip', readings: [], carrier: false };
      return true;
    }
    writer.at = after;
    writer.open('except', said);
    return true;
  }
  writer.at = after;
  if (lead?.connective.type === 'lead') writer.at = nextAt + lead.length;
  writer.open('except', said);
  return true;
}
