// Clauses taken apart into single things asked for: lists share a verb and what follows, pronouns point back, a verb
// without an object takes its neighbour's.

import type { Target } from '../matching/fit.ts';
import type { Lexicon } from '../matching/lexicon.ts';
import { genericNouns, isPlain } from '../words/plain-words.ts';
import type { Clause, Segment } from './clause.ts';
import { isContent, isPronoun } from './settle.ts';
import { type Token, textOf } from './tokens.ts';

/** Clauses with verbs, objects and places taken over from their neighbours where they have none of their own. */
export function linkClauses(clauses: readonly Clause[]): readonly Clause[] {
  let leading: Clause | null = null;
  for (let index = 0; index < clauses.length; index += 1) {
    const clause = clauses[index];
    const before = clauses.slice(0, index).findLast((other) => other.verb !== null || other.objects.length > 0);
    const previous = clauses.slice(0, index).findLast((other) => hasObject(other));
    const next = clauses[index + 1];
    if (clause === undefined) continue;
    if (clause.opens) leading = null;
    if (
      clause.verb === null &&
      !clause.statement &&
      before?.verb != null &&
      (clause.inherited || (clause.objects.length > 0 && !clause.opens && !before.negated))
    )
      clause.verb = before.verb;
    if (clause.objects.some(isPronoun) && previous !== undefined) {
      clause.objects = clause.objects.flatMap((object) => (isPronoun(object) ? objectsOf(previous) : [object]));
      if (clause.places.length === 0)
        clause.places = previous.places.filter((place) => !place.excluded || previous.places.length > 0);
    } else if (clause.verb !== null && !hasObject(clause) && clause.places.length === 0 && !clause.negated) {
      if (
        next !== undefined &&
        hasObject(next) &&
        !next.opens &&
        !next.negated &&
        next.verb !== null &&
        index === clauses.indexOf(clause) &&
        previous === undefined
      ) {
        clause.objects = objectsOf(next);
        clause.places = next.places;
      } else if (previous !== undefined) {
        clause.objects = objectsOf(previous);
        clause.places = previous.places;
      }
    }
    if (clause.tokens.some((token) => token.word === 'there') && clause.places.length === 0 && previous !== undefined)
      clause.places = previous.places;
    if (clause.leadingPlace && clause.places.length > 0) leading = clause;
    else if (leading !== null && clause.places.length === 0 && !clause.negated) clause.places = leading.places;
  }
  return clauses;
}

function hasObject(clause: Clause): boolean {
  return (
    clause.objects.some((object) => object.some(isContent)) ||
    clause.segments.some((segment) => segment.lead === 'of' || segment.lead === 'for')
  );
}

function objectsOf(clause: Clause): Token[][] {
  const own = clause.objects.filter((object) => object.some(isContent));
  const named = own.filter((object) =>
    object.some(
      (token) =>
        isContent(token) &&
        token.word !== 'down' &&
        token.word !== 'up' &&
        token.word !== 'broken' &&
        token.word !== 'slow',
    ),
  );
  const source = named.length > 0 ? named : own;
  // Of "jellyfin is down" only jellyfin is meant by "it".
  const objects = source.map((object) =>
    (clause.statement ? object.slice(0, firstPlain(object)) : object).slice(0, firstValue(object)),
  );
  const of = clause.segments.filter((segment) => segment.lead === 'of' || segment.lead === 'for');
  if (of.length > 0 && clause.verb !== null)
    return [...objects.map((object) => [...object, ...of.flatMap((segment) => segment.tokens)])];
  return objects.filter((object) => object.length > 0);
}

/** Of "jellyfin version 10.9" only jellyfin is meant by "it". */
function firstValue(object: readonly Token[]): number {
  const value = object.findIndex(
    (token, index) =>
      index > 0 &&
      (/^(number|version|quantity|path|url|quoted|secret)$/.test(token.kind) ||
        /^(version|tag|release|port)$/.test(token.word)),
  );
  return value < 0 ? object.length : value;
}

function firstPlain(object: readonly Token[]): number {
  const copula = object.findIndex(
    (token, index) =>
      index > 0 &&
      /^(is|are|was|seems|keeps|looks|has|hangs|down|broken|slow|dead|stuck|crashed|not|unresponsive|hanging|failing)$/.test(
        token.word,
      ),
  );
  return copula < 0 ? object.length : copula;
}

/** The single things that a clause asks for. */
export function targetsOf(clause: Clause, lexicon: Lexicon, text: string): readonly Target[] {
  const spread = clause.segments.find(
    (segment) =>
      (segment.lead === 'of' || segment.lead === 'for' || segment.lead === 'from') &&
      itemsOf(segment).length > 1 &&
      itemsOf(segment).every(
        (item) =>
          lexicon.subject(item.filter((token) => isContent(token)).map((token) => token.word)) > 0.85 ||
          item.some((token) => lexicon.subjectWord(token.word)),
      ),
  );
  const objects = clause.objects.length === 0 ? [[]] : clause.objects;
  const about = aboutOf(clause, text);
  const build = (object: readonly Token[], segments: readonly Segment[], words: string): Target => ({
    verb: clause.verb,
    object,
    parts: segments.map((segment) => ({ lead: segment.lead, said: segment.said, tokens: segment.tokens })),
    places: clause.places,
    about: words,
    everything: saysEverything(object, segments),
    wished: clause.wished,
  });
  return objects.flatMap((object) => {
    if (spread === undefined)
      return [
        build(
          object,
          clause.segments,
          objects.length > 1 ? `${clause.verb?.text ?? ''} ${textOf(text, object)}`.trim() : about,
        ),
      ];
    return itemsOf(spread).map((item) =>
      build(
        object,
        clause.segments.map((segment) => (segment === spread ? { ...spread, tokens: [...item] } : segment)),
        `${clause.verb?.text ?? ''} ${textOf(text, object)} ${spread.said} ${textOf(text, item)}`.trim(),
      ),
    );
  });
}

function itemsOf(segment: Segment): readonly Token[][] {
  const items: Token[][] = [[]];
  for (const token of segment.tokens) {
    if (token.kind === 'mark' && token.text === ',') items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.some(isContent));
}

export function aboutOf(clause: Clause, text: string): string {
  const tokens = [
    ...clause.tokens,
    ...clause.objects.flat(),
    ...clause.segments.flatMap((segment) => segment.tokens),
  ].filter((token) => token.start >= 0 && token.kind !== 'mark');
  const sorted = [...new Set(tokens)].sort((a, b) => a.start - b.start);
  return textOf(text, sorted).replace(/\s+/g, ' ').slice(0, 200);
}

/** "everything", "all services", "the whole lab": no subject of its own. */
function saysEverything(object: readonly Token[], segments: readonly Segment[]): boolean {
  const words = object.filter((token) => token.kind !== 'mark').map((token) => token.word);
  if (
    segments.some(
      (segment) =>
        segment.lead === 'of' && segment.tokens.some((token) => isContent(token) && !genericNouns.has(token.word)),
    )
  )
    return false;
  if (words.length === 0) return false;
  const quantified =
    words.some((word) => /^(everything|all|whole|entire|every)$/.test(word)) ||
    (words.length === 2 && words[0] === 'the' && words[1] === 'lot');
  return quantified && words.every((word) => genericNouns.has(word) || isPlain(word));
}
