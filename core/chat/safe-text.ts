// Makes text that came from playbooks, repositories or persons harmless before any chat shows it: nothing moves the
// cursor, sets a title, hides, or runs backwards. What a chat's own markup could still make of it is its adapter's to break.
import { stripVTControlCharacters } from 'node:util';

/** How much of one field a card shows; the mark says how much there is beside it. */
const fieldCharactersAtMost = 2_000;
export const lineCharactersAtMost = 2_000;

// Invisible and without a width of their own: zero-width spaces and joiners, direction marks, soft hyphen, fillers,
// byte order mark, tag characters, and the selectors that change how wide the character before them is.
const invisible = /\p{Default_Ignorable_Code_Point}|[\ufff0-\ufffb]/gu;
const bidirectional = /[\u202a-\u202e\u2066-\u2069]/gu;
const lineBreaks = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g;
const otherLineBreaks = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
const stackedMarks = /(\p{M}{2})\p{M}+/gu;

/** One line: line breaks and tabs become spaces, what is invisible goes, other control characters become `�`. */
export function safeLine(text: string, charactersAtMost = fieldCharactersAtMost): string {
  return harmless(bounded(text, charactersAtMost).replace(lineBreaks, ' ').replaceAll('\t', ' '));
}

/** Several lines, each harmless and bounded. A carriage return, as of a progress bar, breaks the line as well. */
export function safeLines(text: string): string[] {
  return text.split(lineBreaks).map((line) => harmless(bounded(line, lineCharactersAtMost).replaceAll('\t', '    ')));
}

/** A text for a file: its lines whole, each harmless and ended by a line feed alone. Quick with megabytes, which are plain as a rule. */
export function safeText(text: string): string {
  if (/^[\n -~]*$/.test(text)) return text;
  const lines = text.replace(otherLineBreaks, '\n').replaceAll('\t', '    ');
  return hidden(stripVTControlCharacters(lines.toWellFormed()), /[^\P{Cc}\n]/gu);
}

/** Nothing but ASCII's visible characters and the space: such text is as it looks. */
export const isPlain = (text: string): boolean => /^[ -~]*$/.test(text);

function bounded(text: string, charactersAtMost: number): string {
  if (text.length <= charactersAtMost) return text;
  const kept = text.slice(0, charactersAtMost);
  return `${kept} … (${(text.length - charactersAtMost).toLocaleString('en')} more characters)`;
}

function harmless(text: string): string {
  if (isPlain(text)) return text;
  return hidden(stripVTControlCharacters(text.toWellFormed()), /\p{Cc}/gu);
}

function hidden(text: string, controls: RegExp): string {
  return text.replace(bidirectional, '�').replace(invisible, '').replace(controls, '�').replace(stackedMarks, '$1');
}
