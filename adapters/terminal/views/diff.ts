// A unified diff: + green, - red; a long one cut, with the command that shows all of it.
import { count } from '../../../core/chat/format.ts';
import { safeLines } from '../../../core/chat/safe-text.ts';
import type { Colour, Look } from '../look.ts';
import { paint } from '../look.ts';
import { wrapExactly } from '../width.ts';

const linesAtMost = 200;

export function diffLines(diff: string, width: number, look: Look, showAll: string): string[] {
  const all = safeLines(diff.replace(/\n$/, '')).filter((line) => !isFileHeader(line));
  const shown = all.slice(0, linesAtMost).flatMap((line) => {
    const colour = colourOf(line);
    return wrapExactly(line, width).map((part) => (colour === undefined ? part : paint(look, colour, part)));
  });
  const rest = all.length - linesAtMost;
  return rest > 0 ? [...shown, `… ${count(rest, 'more line')}: ${showAll}`] : shown;
}

/** The card's heading names the file already. */
function isFileHeader(line: string): boolean {
  return /^(?:diff --git |index |--- |\+\+\+ |={10})/.test(line);
}

function colourOf(line: string): Colour | undefined {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@@') ? 'cyan' : undefined;
}
