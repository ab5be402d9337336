// Looking ahead in a request's tokens: verbs, names, places, boundaries at a position. Knows the catalogue's words,
// and nothing of the clause that is being read.
import type { Lexicon } from '../matching/lexicon.ts';
import { readNumber, readQuantity, readUnit } from '../words/numbers.ts';
import { determiners, fillers } from '../words/plain-words.ts';
import { mistypedVerb, particlesOf, type VerbPhrase, verbPhrases } from '../words/verbs.ts';
import { connectiveAt } from './connectives.ts';
import { startsPlace } from './place-phrase.ts';
import type { Token } from './tokens.ts';

export type VerbAt = {
  readonly length: number;
  readonly phrases: readonly VerbPhrase[];
  readonly text: string;
  readonly particleAt: number | null;
};

export class Scan {
  readonly tokens: readonly Token[];
  readonly lexicon: Lexicon;

  constructor(tokens: readonly Token[], lexicon: Lexicon) {
    this.tokens = tokens;
    this.lexicon = lexicon;
  }

  /** True when a place's name begins here. */
  startsPlace(at: number): boolean {
    return startsPlace(this.tokens, at, this.lexicon);
  }

  /** The verb phrase that begins at a token: longest first, with a particle that stands apart, or mistyped. */
  verbAt(at: number, slips: boolean): VerbAt | null {
    const first = this.tokens[at];
    if (first === undefined || first.kind !== 'word') return null;
    for (let length = 4; length > 1; length -= 1) {
      const words = this.tokens.slice(at, at + length);
      if (words.length < length || words.some((token) => token.kind !== 'word')) continue;
      const phrases = verbPhrases(words.map((token) => token.word).join(' '));
      if (phrases.length > 0)
        return { length, phrases, text: words.map((token) => token.word).join(' '), particleAt: null };
    }
    const apart = this.particleApart(at, first.word);
    if (apart !== null) return apart;
    const single = verbPhrases(first.word);
    if (single.length > 0) return { length: 1, phrases: single, text: first.word, particleAt: null };
    if (slips && !this.lexicon.isKnown(first.word)) {
      const slip = mistypedVerb(first.word);
      if (slip !== null && this.tokens[at + 1] !== undefined)
        return { length: 1, phrases: slip.phrases, text: slip.text, particleAt: null };
    }
    return null;
  }

  private particleApart(at: number, head: string): VerbAt | null {
    const particles = particlesOf(head);
    if (particles.size === 0) return null;
    for (let index = at + 2; index < Math.min(at + 8, this.tokens.length); index += 1) {
      const token = this.tokens[index];
      if (token === undefined || token.kind === 'mark') return null;
      if (particles.has(token.word)) {
        // `on` is a particle only at the end of what is said: "turn tls on", not "put it on nas".
        if ((token.word === 'on' || token.word === 'over') && !this.isBoundary(index + 1)) return null;
        const phrases = verbPhrases(`${head} ${token.word}`);
        return phrases.length === 0 ? null : { length: 1, phrases, text: `${head} ${token.word}`, particleAt: index };
      }
      const found = connectiveAt(this.tokens, index);
      if (
        found !== null &&
        found.connective.type !== 'and' &&
        !(found.connective.type === 'lead' && particles.has(token.word))
      )
        return null;
    }
    return null;
  }

  isBoundary(at: number): boolean {
    const token = this.tokens[at];
    if (token === undefined || token.kind === 'mark') return true;
    const found = connectiveAt(this.tokens, at);
    return found !== null && found.connective.type !== 'filler';
  }

  amountFollows(at: number): boolean {
    const word = this.tokens[at]?.text ?? '';
    return (
      readQuantity(word) !== null ||
      ((readNumber(word) !== null || /^an?$/i.test(word)) && readUnit(this.tokens[at + 1]?.word ?? '') !== null)
    );
  }

  inputFollows(at: number): boolean {
    const words: string[] = [];
    for (let length = 1; length <= 4; length += 1) {
      const token = this.tokens[at + length - 1];
      if (token === undefined || token.kind !== 'word') break;
      words.push(token.word);
      if (this.lexicon.inputName(words) && !(this.lexicon.subject(words) === 1 && length === 1)) return true;
    }
    return false;
  }

  /** A subject or input of the catalogue begins here, exactly or nearly. */
  namesSomething(at: number): boolean {
    const words = [0, 1, 2].map((offset) => this.tokens[at + offset]?.word ?? '');
    for (let length = 1; length <= 3; length += 1) if (this.lexicon.subject(words.slice(0, length)) > 0.9) return true;
    return this.lexicon.subjectWord(words[0] ?? '');
  }

  skipPlain(at: number): number {
    let next = at;
    for (;;) {
      const token = this.tokens[next];
      if (token === undefined || token.kind !== 'word' || token.joined) return next;
      const found = connectiveAt(this.tokens, next);
      if (found?.connective.type === 'filler') {
        next += found.length;
        continue;
      }
      if (found !== null && found.connective.type !== 'and') return next;
      const isVerbWord = verbPhrases(token.word).length > 0;
      if (
        (determiners.has(token.word) || (fillers.has(token.word) && !isVerbWord)) &&
        !this.lexicon.places.isName(token.word)
      )
        next += 1;
      else return next;
    }
  }

  /** A word that looks like a connective but is part of a name. */
  isJoined(length: number, at: number): boolean {
    const token = this.tokens[at];
    const last = this.tokens[at + length - 1];
    const next = this.tokens[at + length];
    const previous = this.tokens[at - 1];
    // Parts of a hyphenated name are never connectives: `check-in`, `for-sale`.
    return (
      (next !== undefined && last !== undefined && next.chunk === last.chunk) ||
      (previous !== undefined && token !== undefined && previous.chunk === token.chunk)
    );
  }

  /** Within the next few words, before a mark, stands an act as a noun or participle: `after the backup is done`. */
  nounActLater(from: number): boolean {
    for (let index = from; index < Math.min(from + 5, this.tokens.length); index += 1) {
      const token = this.tokens[index];
      if (token === undefined || token.kind === 'mark') return false;
      if (verbPhrases(token.word).some((phrase) => phrase.form === 'noun' || phrase.form === 'past')) return true;
    }
    return false;
  }
}
