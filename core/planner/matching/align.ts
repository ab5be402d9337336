// How well words of a request name a subject: which words match which, how surely, and how much of the name was said.
import type { Token } from '../reading/tokens.ts';
import { areSame, compact, nearness, slipNearness } from '../words/nearness.ts';
import { nicknames } from '../words/products.ts';
import { isProperWord } from '../words/proper.ts';
import type { SubjectName } from './action-names.ts';

export type Alignment = {
  /** Tokens that name the subject, each with how surely. */
  readonly matched: ReadonlyMap<Token, number>;
  /** How much of the name was said, 0 to 1, by weight. */
  readonly said: number;
  readonly name: SubjectName | null;
};

/** The best way to see these words as one of the names. */
export function alignNames(
  tokens: readonly Token[],
  names: readonly SubjectName[],
  weight: (word: string) => number,
  isKnown: (word: string) => boolean,
): Alignment {
  let best: Alignment = { matched: new Map(), said: 0, name: null };
  let bestWorth = 0;
  for (const name of names) {
    const found = align(tokens, name, weight, isKnown);
    if (found.matched.size === 0) continue;
    let sure = 0;
    for (const [token, quality] of found.matched) sure += quality * weight(token.word);
    const worth = sure + found.said * name.worth * 0.5;
    if (worth > bestWorth) {
      best = found;
      bestWorth = worth;
    }
  }
  return best;
}

function align(
  tokens: readonly Token[],
  name: SubjectName,
  weight: (word: string) => number,
  isKnown: (word: string) => boolean,
): Alignment {
  const whole = alignWhole(tokens, name, isKnown);
  if (whole !== null) return whole;
  const matched = new Map<Token, number>();
  const saidWords = new Map<number, number>();
  const take = (index: number, used: readonly Token[], quality: number): void => {
    for (const token of used) matched.set(token, Math.max(matched.get(token) ?? 0, quality));
    saidWords.set(index, Math.max(saidWords.get(index) ?? 0, quality));
  };
  for (let index = 0; index < name.words.length; index += 1) {
    const word = name.words[index] ?? '';
    let best: { tokens: readonly Token[]; quality: number } | null = null;
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at];
      if (token === undefined || token.kind === 'mark') continue;
      const quality = wordNearness(token.word, word, isKnown);
      if (quality > (best?.quality ?? 0)) best = { tokens: [token], quality };
      const next = tokens[at + 1];
      if (next !== undefined && next.kind === 'word' && token.word + next.word === word && 0.97 > (best?.quality ?? 0))
        best = { tokens: [token, next], quality: 0.97 };
    }
    if (best !== null) take(index, best.tokens, best.quality);
  }
  let total = 0;
  let said = 0;
  for (let index = 0; index < name.words.length; index += 1) {
    const worth = weight(name.words[index] ?? '');
    total += worth;
    said += worth * (saidWords.get(index) ?? 0);
  }
  return { matched, said: total === 0 ? 0 : said / total, name };
}

/** The name in one run of words, however it is joined: `uptime-kuma`, `uptimekuma`, `Uptime Kuma`, or its initials. */
function alignWhole(tokens: readonly Token[], name: SubjectName, isKnown: (word: string) => boolean): Alignment | null {
  let best: { tokens: readonly Token[]; quality: number } | null = null;
  for (let from = 0; from < tokens.length; from += 1) {
    for (let length = 1; length <= Math.min(6, tokens.length - from); length += 1) {
      const run = tokens.slice(from, from + length);
      if (run.some((token) => token.kind === 'mark')) break;
      const joined = run
        .map((token) => (token.kind === 'word' || token.kind === 'number' ? token.word : compact(token.text)))
        .join('');
      let quality = joined === name.compact ? 1 : 0;
      if (quality === 0 && length === 1) {
        if (nicknames.get(joined) === name.compact) quality = 0.96;
        else if (joined.length >= 2 && name.words.length >= 2 && joined === initialsOf(name) && !isProperWord(joined))
          quality = 0.93;
      }
      // A slip over the whole name; every word of it that is known stands for itself.
      if (
        quality === 0 &&
        (length > 1 || !(isKnown(joined) || isProperWord(joined))) &&
        !(length > 1 && run.every((token) => isProperWord(token.word)))
      ) {
        quality = slipNearness(joined, name.compact);
        if (length > 1 && run.some((token) => wordAlone(token, name))) quality = Math.min(quality, 0.95);
        if (
          length > 1 &&
          run.some((token) => isKnown(token.word) && !name.words.some((word) => nearness(token.word, word) > 0.9))
        )
          quality = 0;
      }
      if (quality > (best?.quality ?? 0)) best = { tokens: run, quality };
    }
  }
  if (best === null || best.quality < 0.82) return null;
  const quality = best.quality;
  return { matched: new Map(best.tokens.map((token) => [token, quality])), said: 1, name };
}

function wordAlone(token: Token, name: SubjectName): boolean {
  return name.words.includes(token.word);
}

function initialsOf(name: SubjectName): string {
  return name.words.map((word) => word[0]).join('');
}

/** One word against one word of a name. Shortened names count from four letters on: `prom`, `influx`. */
function wordNearness(said: string, word: string, isKnown: (word: string) => boolean): number {
  if (said === word) return 1;
  if (areSame(said, word)) return 0.97;
  if (isProperWord(said)) return nearness(said, word) === 0.98 ? 0.98 : 0;
  const near = nearness(said, word);
  if (near === 0.98) return near;
  if (isKnown(said)) return 0;
  if (near > 0) return near;
  return said.length >= 4 && word.length >= said.length + 2 && word.startsWith(said) ? 0.9 : 0;
}
