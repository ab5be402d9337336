// Places in a clause: lists of hosts and groups as people say them. Read from a run of tokens, whole chunks only, so
// that `nas-02` is never taken for `nas`.
import type { Lexicon } from '../matching/lexicon.ts';
import type { PlaceName } from '../matching/places.ts';
import { determiners } from '../words/plain-words.ts';
import type { NamedPlace } from './clause.ts';
import type { Token } from './tokens.ts';

const machines =
  /^(host|hosts|server|servers|machine|machines|box|boxes|node|nodes|vm|vms|group|computer|computers|system|systems|device|devices)$/;
const quantifiers = /^(all|every|each|everything|any|both|entire|whole)$/;
/** Said of a place that is the lab as a whole, where no group has that name. */
const wholeLab = /^(homelab|lab|network|house|home|environment|infrastructure|infra|fleet|here)$/;

export type PlaceAt = { readonly place: PlaceName | null; readonly length: number; readonly text: string };

/** True when a place's name begins at a token. */
export function startsPlace(tokens: readonly Token[], at: number, lexicon: Lexicon): boolean {
  const found = placeAt(tokens, at, lexicon);
  return found !== null;
}

/** The place that begins at a token: `nas`, `the media servers`, `all hosts`, `group web`. `place: null`: the lab as a whole. */
export function placeAt(tokens: readonly Token[], from: number, lexicon: Lexicon, slips = false): PlaceAt | null {
  let at = from;
  while (
    tokens[at] !== undefined &&
    determiners.has(tokens[at]?.word ?? '') &&
    !quantifiers.test(tokens[at]?.word ?? '')
  )
    at += 1;
  const first = tokens[at];
  if (first === undefined || first.kind === 'mark' || first.kind === 'secret') return null;
  if (/^(everywhere|anywhere)$/.test(first.word))
    return { place: lexicon.places.all, length: at - from + 1, text: first.text };
  let quantified = false;
  if (quantifiers.test(first.word) && first.word !== 'everything') {
    let next = at + 1;
    while (/^(of|the|my|our|these|those|other|remaining|available|known)$/.test(tokens[next]?.word ?? '')) next += 1;
    const named = nameAt(tokens, next, lexicon, slips);
    if (named !== null) return { place: named.place, length: named.end - from, text: named.place.name };
    if (machines.test(tokens[next]?.word ?? ''))
      return { place: lexicon.places.all, length: next - from + 1, text: 'all hosts' };
    if (/^(systems|computers|them)$/.test(tokens[next]?.word ?? ''))
      return { place: lexicon.places.all, length: next - from + 1, text: 'all hosts' };
    quantified = first.word === 'all';
    if (quantified && (tokens[next] === undefined || tokens[next]?.kind === 'mark'))
      return { place: lexicon.places.all, length: next - from, text: 'all' };
    return null;
  }
  // "host nas", "group media"
  if (machines.test(first.word)) {
    const named = nameAt(tokens, at + 1, lexicon, slips);
    if (named !== null && !nameStartsHere(tokens, at, lexicon))
      return { place: named.place, length: named.end - from, text: named.place.name };
  }
  const named = nameAt(tokens, at, lexicon, slips);
  if (named !== null) {
    let end = named.end;
    if (machines.test(tokens[end]?.word ?? '') && tokens[end]?.kind === 'word') end += 1;
    return { place: named.place, length: end - from, text: named.place.name };
  }
  if (wholeLab.test(first.word) || (/^home$/.test(first.word) && tokens[at + 1]?.word === 'lab')) {
    const length = first.word === 'home' && tokens[at + 1]?.word === 'lab' ? 2 : 1;
    if (first.word === 'home' && length === 1) return null;
    return { place: null, length: at - from + length, text: first.text };
  }
  return null;
}

function nameStartsHere(tokens: readonly Token[], at: number, lexicon: Lexicon): boolean {
  return nameAt(tokens, at, lexicon, false) !== null;
}

function nameAt(
  tokens: readonly Token[],
  at: number,
  lexicon: Lexicon,
  slips: boolean,
): { readonly place: PlaceName; readonly end: number } | null {
  const first = tokens[at];
  if (first === undefined || first.kind === 'mark' || tokens[at - 1]?.chunk === first.chunk) return null;
  for (let length = Math.min(5, tokens.length - at); length > 0; length -= 1) {
    const words = tokens.slice(at, at + length);
    if (words.some((token) => token.kind === 'mark' || token.kind === 'secret')) continue;
    if (tokens[at + length]?.chunk === words.at(-1)?.chunk) continue;
    const joined = words.map((token) => token.word.replace(/[^\p{L}\p{N}]/gu, '')).join('');
    const place = lexicon.places.exact(joined);
    if (place !== null) return { place, end: at + length };
  }
  if (!slips) return null;
  // The whole chunk, mistyped.
  let end = at + 1;
  while (tokens[end]?.chunk === first.chunk) end += 1;
  const joined = tokens
    .slice(at, end)
    .map((token) => token.word)
    .join('');
  const place = lexicon.places.slip(joined);
  return place === null ? null : { place, end };
}

/** All places in a run of tokens that says nothing else, such as an answer: "nas and atlas", "all but pi". */
export function placesIn(
  tokens: readonly Token[],
  lexicon: Lexicon,
): { readonly places: readonly NamedPlace[]; readonly unknown: readonly string[] } {
  const places: NamedPlace[] = [];
  const unknown: string[] = [];
  let excluded = false;
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at];
    if (token === undefined) break;
    if (
      token.kind === 'mark' ||
      /^(and|on|to|in|at|only|just|please|or|both|use|it|the|instead|then|make|run|do|host|hosts)$/.test(token.word)
    ) {
      at += 1;
      continue;
    }
    if (/^(but|except|not|without|excluding)$/.test(token.word)) {
      excluded = true;
      at += 1;
      continue;
    }
    const found = placeAt(tokens, at, lexicon, true);
    if (found === null) {
      unknown.push(token.text);
      at += 1;
      continue;
    }
    const place = found.place ?? lexicon.places.all;
    places.push({ place, text: found.text === '' ? place.name : found.text, lead: 'on', excluded });
    at += found.length;
  }
  return { places, unknown };
}
