// After a clause's words are sorted: places are recognised in its segments, a verb that stands as a participle or noun
// is found, and empty parts go. Last stage of reading.
import type { Lexicon } from '../matching/lexicon.ts';
import { determiners, fillers, isPlain } from '../words/plain-words.ts';
import { carrierVerbs, verbPhrases } from '../words/verbs.ts';
import type { Clause, Lead, NamedPlace, Segment } from './clause.ts';
import { placeAt } from './place-phrase.ts';
import type { Token } from './tokens.ts';

/** The clause as matching wants it; none where nothing was said. */
export function settleClause(clause: Clause, lexicon: Lexicon): readonly Clause[] {
  clause.segments = clause.segments.flatMap((segment) => takePlaces(clause, segment, lexicon));
  clause.objects = clause.objects.filter((object) => object.length > 0);
  dropPronounFillers(clause);
  if (clause.verb?.readings.some((reading) => reading.verb === 'ensure') === true) readEnsured(clause);
  if (clause.verb === null && !clause.negated) findLateVerb(clause);
  clause.objects = clause.objects.filter((object) => object.some((token) => isContent(token)) || isPronoun(object));
  clause.segments = clause.segments.filter((segment) => segment.tokens.some((token) => token.kind !== 'mark'));
  const said =
    clause.verb !== null ||
    clause.objects.length > 0 ||
    clause.places.length > 0 ||
    clause.segments.some((segment) => segment.tokens.some(isContent));
  return said || clause.negated ? [clause] : [];
}

/** A word that means something by itself. */
export function isContent(token: Token): boolean {
  return token.kind !== 'mark' && (token.kind !== 'word' || token.joined || !isPlain(token.word));
}

const pronouns = /^(it|them|both|that|those|these|this|its|everything|one|same)$/;

/** Says only `it`, `them`, `both`: stands for what was named before. */
export function isPronoun(object: readonly Token[]): boolean {
  const words = object.filter((token) => token.kind !== 'mark');
  return (
    words.length > 0 &&
    words.every((token) => isPlain(token.word) || token.word === 'two' || token.word === 'same') &&
    words.some((token) => /^(it|them|both|that|those|these|this|same)$/.test(token.word))
  );
}

function dropPronounFillers(clause: Clause): void {
  for (const object of clause.objects) {
    if (!object.some(isContent)) continue;
    for (let index = object.length - 1; index >= 0; index -= 1) {
      const token = object[index];
      if (
        token !== undefined &&
        token.kind === 'word' &&
        !token.joined &&
        isPlain(token.word) &&
        !pronouns.test(token.word) &&
        !determiners.has(token.word)
      )
        object.splice(index, 1);
    }
  }
}

/** The places that a segment names; what is left of it, if anything. */
function takePlaces(clause: Clause, segment: Segment, lexicon: Lexicon): readonly Segment[] {
  if (!placeLeads.has(segment.lead)) return [segment];
  const found: NamedPlace[] = [];
  let at = 0;
  let listGoesOn = true;
  while (at < segment.tokens.length && listGoesOn) {
    const token = segment.tokens[at];
    if (token?.kind === 'mark') {
      at += 1;
      continue;
    }
    const place =
      placeAt(segment.tokens, at, lexicon) ?? (slipLeads.has(segment.lead) ? slipAt(segment, at, lexicon) : null);
    if (place === null) break;
    found.push({
      place: place.place ?? lexicon.places.all,
      text:
        place.place === null
          ? ''
          : segment.tokens
              .slice(at, at + place.length)
              .map((each) => each.text)
              .join(' '),
      lead: segment.lead,
      excluded: segment.lead === 'except' || segment.lead === 'without',
    });
    at += place.length;
    while (
      segment.tokens[at] !== undefined &&
      (fillers.has(segment.tokens[at]?.word ?? '') || /^(only|instead)$/.test(segment.tokens[at]?.word ?? ''))
    )
      at += 1;
    listGoesOn = segment.tokens[at]?.kind === 'mark';
  }
  if (found.length === 0) return [segment];
  const rest = segment.tokens.slice(at);
  // "for nas backup": a name that goes on is no place.
  if (segment.lead === 'for' && rest.some(isContent)) return [segment];
  clause.places.push(...found);
  return rest.some(isContent)
    ? [{ lead: segment.lead === 'except' ? 'except' : 'object', said: segment.said, tokens: [...rest] }]
    : [];
}

const placeLeads: ReadonlySet<Lead> = new Set(['on', 'to', 'from', 'for', 'of', 'except', 'without', 'by']);
const slipLeads: ReadonlySet<Lead> = new Set(['on', 'to']);

function slipAt(segment: Segment, at: number, lexicon: Lexicon): ReturnType<typeof placeAt> {
  const word = segment.tokens.slice(at).find((token) => !determiners.has(token.word));
  if (
    word === undefined ||
    word.kind !== 'word' ||
    lexicon.subject([word.word]) > 0.9 ||
    lexicon.inputName([word.word])
  )
    return null;
  const found = placeAt(segment.tokens, at, lexicon, true);
  // Only where the mistyped name is all that is said there.
  return found === null ? null : found;
}

const states: readonly (readonly [pattern: RegExp, verbs: readonly (readonly [verb: string, strength: number])[]])[] = [
  [
    /^(running|up|started|alive|online|working|available|live)$/,
    [
      ['start', 1],
      ['deploy', 0.95],
    ],
  ],
  [/^(installed|deployed|present|there|exists|provisioned|configured|place|set)$/, [['deploy', 1]]],
  [/^(stopped|off|down|offline|halted)$/, [['stop', 1]]],
  [/^(gone|removed|absent|uninstalled|deleted)$/, [['remove', 1]]],
  [/^(uptodate|current|updated|latest|upgraded|newest|patched)$/, [['update', 1]]],
  [/^(answers?|responds?|reachable|healthy|ok|okay|fine|responding|answering)$/, [['check', 1]]],
  [/^(clean|tidy|cleaned)$/, [['clean up', 1]]],
];

/** "make sure jellyfin is running": the state that is wanted says the verb. */
function readEnsured(clause: Clause): void {
  const { verb } = clause;
  if (verb === null) return;
  const holders = [...clause.objects, ...clause.segments.map((segment) => segment.tokens)];
  for (const tokens of holders) {
    for (let index = tokens.length - 1; index >= 0; index -= 1) {
      const token = tokens[index];
      const state = token === undefined ? undefined : states.find(([pattern]) => pattern.test(token.word));
      const past = token === undefined ? [] : verbPhrases(token.word).filter((phrase) => phrase.form === 'past');
      if (token === undefined || (state === undefined && past.length === 0)) continue;
      const readings =
        state === undefined
          ? past.flatMap((phrase) => phrase.readings)
          : state[1].map(([name, strength]) => ({ verb: name, strength }));
      clause.verb = { ...verb, phrase: token.word, readings };
      tokens.splice(index, 1);
      for (let at = tokens.length - 1; at >= 0; at -= 1)
        if (/^(is|are|be|up|to|stays?|gets?|that|been|has|have|in|not)$/.test(tokens[at]?.word ?? ''))
          tokens.splice(at, 1);
      return;
    }
  }
  clause.verb = {
    ...verb,
    readings: [
      { verb: 'deploy', strength: 0.85 },
      { verb: 'check', strength: 0.85 },
    ],
  };
}

/** "grafana needs a restart", "I want grafana installed", "can gitea be upgraded". */
function findLateVerb(clause: Clause): void {
  if (
    clause.statement &&
    !clause.tokens.some((token) => /^(needs|need|be|should|must|want|wants|to)$/.test(token.word)) &&
    clause.question === null
  )
    return;
  for (const object of [...clause.objects].reverse()) {
    for (let index = object.length - 1; index >= 0; index -= 1) {
      for (const length of [3, 2, 1]) {
        const words = object.slice(index, index + length);
        if (words.length < length || words.some((token) => token.kind !== 'word')) continue;
        const phrases = verbPhrases(words.map((token) => token.word).join(' ')).filter(
          (phrase) => phrase.form !== 'third',
        );
        if (phrases.length === 0) continue;
        const single = words.length === 1 && isPlain(words[0]?.word ?? '');
        if (single) continue;
        object.splice(index, length);
        const readings = new Map<string, number>();
        for (const phrase of phrases)
          for (const reading of phrase.readings)
            readings.set(reading.verb, Math.max(readings.get(reading.verb) ?? 0, reading.strength));
        const phrase = phrases[0]?.phrase ?? '';
        clause.verb = {
          text: words.map((token) => token.word).join(' '),
          phrase,
          readings: [...readings].map(([verb, strength]) => ({ verb, strength })),
          carrier: carrierVerbs.has(phrase),
        };
        clause.statement = false;
        return;
      }
    }
  }
}
