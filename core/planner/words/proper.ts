// Whether a word stands for itself: a word of the language or another product's name. Such a word is never taken for a slip.
import { everydayWords, genericNouns, isPlain } from './plain-words.ts';
import { products } from './products.ts';

export function isProperWord(word: string): boolean {
  return everydayWords.has(word) || products.has(word) || isPlain(word) || genericNouns.has(word);
}
