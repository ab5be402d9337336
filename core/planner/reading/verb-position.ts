// Whether a word that can be a verb is one here, or part of a name, or a noun.
import { determiners } from '../words/plain-words.ts';
import type { ClauseWriter } from './clause-writer.ts';
import type { VerbAt } from './scan.ts';
import { isContent } from './settle.ts';

export function takesVerb(writer: ClauseWriter, verb: VerbAt): boolean {
  const { clause } = writer;
  const first = writer.scan.tokens[writer.at];
  const next = writer.scan.tokens[writer.at + 1];
  // Part of a hyphenated name: `backup-server`, unless the whole chunk is the verb.
  const lastOfVerb = writer.scan.tokens[writer.at + verb.length - 1];
  if (first !== undefined && writer.scan.tokens[writer.at - 1]?.chunk === first.chunk) return false;
  if (lastOfVerb !== undefined && writer.scan.tokens[writer.at + verb.length]?.chunk === lastOfVerb.chunk) return false;
  if (writer.segment.lead === 'ignored') return false;
  if (writer.segment.lead === 'with' || writer.segment.lead === 'named' || writer.segment.lead === 'as') return false;
  const base = verb.phrases.some((phrase) => phrase.form === 'base');
  const gerund = verb.phrases.some((phrase) => phrase.form === 'gerund');
  const past = verb.phrases.some((phrase) => phrase.form === 'past');
  if (clause.verb === null) {
    if (clause.statement) return clause.conditional && base && endsCondition(writer);
    if (base || gerund) {
      // After a determiner it is a noun: "the backup".
      if (isAfterDeterminer(writer) && verb.phrases.some((phrase) => phrase.nounToo)) return false;
      // "grafana update please" is an act; "backup server" at the start is one as well.
      return (
        writer.segment.lead === 'object' ||
        (clause.objects.length === 0 && !writer.scan.startsPlace(writer.at)) ||
        !verb.phrases.some((phrase) => phrase.nounToo)
      );
    }
    return past && (clause.wished || saidBe(writer));
  }
  if (clause.verb.carrier && clause.objects.every((object) => object.length === 0) && gerund) return true;
  // Two acts without a comma, phone style: "deploy grafana restart jellyfin".
  if (
    base &&
    clause.objects.some((object) => object.length > 0) &&
    verb.phrases.some((phrase) => phrase.readings.some((reading) => reading.strength === 1)) &&
    !writer.scan.isBoundary(writer.at + verb.length) &&
    !clause.conditional
  ) {
    // "run a health check on argus": the act that is carried, said as a noun.
    if (clause.verb.carrier && verb.phrases.some((phrase) => phrase.nounToo)) return false;
    // After a determiner or a preposition it is part of a name: "to the start page".
    if (isAfterDeterminer(writer) || (writer.segment.lead !== 'object' && !writer.segment.tokens.some(isContent)))
      return false;
    const object = writer.scan.skipPlain(writer.at + verb.length);
    return (
      next !== undefined &&
      (writer.scan.namesSomething(object) || writer.scan.startsPlace(object)) &&
      !writer.scan.namesSomething(writer.at)
    );
  }
  return false;
}

/** "if grafana is down restart it": the act begins where the condition has been said. */
function endsCondition(writer: ClauseWriter): boolean {
  const said = writer.clause.tokens.map((token) => token.word);
  const copula = said.findIndex((word) =>
    /^(is|are|isnt|arent|has|was|were|does|doesnt|fails|hangs|needs)$/.test(word),
  );
  return copula >= 0 && copula < said.length - 1;
}

function isAfterDeterminer(writer: ClauseWriter): boolean {
  const previous = writer.scan.tokens[writer.at - 1];
  return (
    previous !== undefined &&
    (determiners.has(previous.word) || /^(new|full|fresh|quick|proper|another|complete)$/.test(previous.word))
  );
}

function saidBe(writer: ClauseWriter): boolean {
  return writer.clause.tokens
    .slice(-3)
    .some((token) => /^(be|get|needs|need|have|want|like|wants|being)$/.test(token.word));
}
