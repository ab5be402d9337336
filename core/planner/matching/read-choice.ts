// One of an input's choices as said: exactly, by another name of what it names, by initials, or with one slip.

import type { JsonValue } from '../../json.ts';
import { jsonText } from '../../json.ts';
import type { Token } from '../reading/tokens.ts';
import { compact, slipNearness, wordsOf } from '../words/nearness.ts';
import { nicknames } from '../words/products.ts';
import { isProperWord } from '../words/proper.ts';

/** The choice that begins at the first token, exactly or with a slip that fits one choice only. */
export function choiceAt(
  choices: readonly JsonValue[],
  tokens: readonly Token[],
  slips = true,
  otherNames: (value: string) => readonly string[] = () => [],
): { readonly value: JsonValue; readonly length: number; readonly sure: number } | null {
  for (let length = Math.min(5, tokens.length); length > 0; length -= 1) {
    const words = tokens.slice(0, length);
    if (words.some((token) => token.kind === 'mark')) continue;
    if (tokens[length]?.chunk === words.at(-1)?.chunk) continue;
    const joined = compact(words.map((token) => (token.kind === 'word' ? token.word : token.text)).join(''));
    const exact =
      choices.find((choice) => compact(jsonText(choice)) === joined) ??
      choices.find((choice) => jsonText(choice) === words[0]?.text && length === 1);
    if (exact !== undefined) return { value: exact, length, sure: 1 };
    const called = choices.filter((choice) => typeof choice === 'string' && otherNames(choice).includes(joined));
    if (called.length === 1 && called[0] !== undefined) return { value: called[0], length, sure: 0.97 };
  }
  if (!slips) return null;
  for (let length = Math.min(3, tokens.length); length > 0; length -= 1) {
    const words = tokens.slice(0, length);
    if (words.some((token) => token.kind !== 'word') || tokens[length]?.chunk === words.at(-1)?.chunk) continue;
    const joined = words.map((token) => token.word).join('');
    const short =
      length === 1 && joined.length >= 2
        ? choices.filter(
            (value) =>
              nicknames.get(joined) === compact(jsonText(value)) ||
              (wordsOf(jsonText(value)).length > 1 &&
                wordsOf(jsonText(value))
                  .map((word) => word[0])
                  .join('') === joined),
          )
        : [];
    if (short.length === 1 && short[0] !== undefined && !isProperWord(joined))
      return { value: short[0], length, sure: 0.93 };
    const near = choices
      .map((value) => ({ value, near: slipNearness(joined, compact(jsonText(value))) }))
      .filter((other) => other.near > 0.85)
      .sort((a, b) => b.near - a.near);
    const [best, second] = near;
    if (best !== undefined && (second === undefined || second.near < best.near))
      return { value: best.value, length, sure: best.near };
  }
  return null;
}
