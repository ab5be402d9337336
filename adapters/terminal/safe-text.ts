// Makes text that came from playbooks, repositories or persons harmless and measurable before a terminal shows it:
// nothing moves the cursor, sets a title, hides, or pretends to be part of a card.
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** How much of one field a card shows; the mark says how much there is beside it. */
const fieldCharactersAtMost = 2_000;
export const lineCharactersAtMost = 2_000;

// Invisible and without a width of their own: zero-width spaces and joiners, direction marks, soft hyphen, fillers,
// byte order mark, tag characters, and the selectors that change how wide the character before them is.
const invisible = /\p{Default_Ignorable_Code_Point}|[\ufff0-\ufffb]/gu;
const bidirectional = /[\u202a-\u202e\u2066-\u2069]/gu;
const lineBreaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;
const controls = /\p{Cc}/gu;
const stackedMarks = /(\p{M}{2})\p{M}+/gu;

/** One line: line breaks and tabs become spaces, what is invisible goes, other control characters become `�`. */
export function safeLine(text: string, charactersAtMost = fieldCharactersAtMost): string {
  return harmless(bounded(text, charactersAtMost).replace(lineBreaks, ' ').replaceAll('\t', ' '));
}

/** Several lines, each harmless and bounded. A carriage return, as of a progress bar, breaks the line as well. */
export function safeLines(text: string): string[] {
  return text.split(lineBreaks).map((line) => harmless(bounded(line, lineCharactersAtMost).replaceAll('\t', '    ')));
}

/** Columns that a terminal needs for it. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/** Cut to so many columns, with `…` where something is missing. */
export function clip(text: string, width: number): string {
  if (width <= 0) return '';
  if (text.length <= width && isPlain(text)) return text;
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segments.segment(text)) {
    const next = widthOf(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

/** Wrapped at words, harder where a word is too long; `width` may be Infinity. Takes harmless text. */
export function wrap(text: string, width: number): string[] {
  if (!Number.isFinite(width)) return [text];
  if (text.length <= width && isPlain(text)) return [text];
  // A character of two columns never fits into one.
  return wrapAnsi(text, Math.max(2, width), { hard: true, trim: true }).split('\n');
}

/** Wrapped at the column, spaces kept: for code and diffs. */
export function wrapExactly(text: string, width: number): string[] {
  if (!Number.isFinite(width) || (text.length <= width && isPlain(text))) return [text];
  return wrapAnsi(text, Math.max(2, width), { hard: true, trim: false, wordWrap: false }).split('\n');
}

const segments = new Intl.Segmenter();
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

function bounded(text: string, charactersAtMost: number): string {
  if (text.length <= charactersAtMost) return text;
  const kept = text.slice(0, charactersAtMost);
  return `${kept} … (${(text.length - charactersAtMost).toLocaleString('en')} more characters)`;
}

function harmless(text: string): string {
  if (isPlain(text)) return text;
  return stripVTControlCharacters(text.toWellFormed())
    .replace(bidirectional, '�')
    .replace(invisible, '')
    .replace(controls, '�')
    .replace(stackedMarks, '$1');
}
