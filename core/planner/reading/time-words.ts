// Words that say when: a plan is done once it is approved, so a time has to be asked about rather than dropped.
import type { Token } from './tokens.ts';

const words =
  /^(tomorrow|tonight|midnight|noon|later|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|daily|weekly|hourly|monthly|nightly|everyday|weekday|weekdays|overnight|soon|schedule|scheduled|oclock|morning|evening|afternoon|night|week|month)$/;

/** The time that is said, or null. */
export function timeIn(tokens: readonly Token[]): { readonly text: string; readonly tokens: readonly Token[] } | null {
  const found: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    const next = tokens[index + 1];
    if (token === undefined || token.kind === 'mark' || token.kind === 'quoted') continue;
    if (words.test(token.word) || /^\d{1,2}:\d{2}$/.test(token.text) || /^\d{1,2}(am|pm)$/i.test(token.text))
      found.push(token);
    else if (token.kind === 'number' && next !== undefined && /^(am|pm|oclock|minutes?|mins?|hours?)$/.test(next.word))
      found.push(token, next);
  }
  return found.length === 0 ? null : { text: found.map((token) => token.text).join(' '), tokens: found };
}
