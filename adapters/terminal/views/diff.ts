// A unified diff: + green, - red; a long one cut, with the command that shows all of it.
import { diffLinesOf } from '../../../core/chat/diff.ts';
import { count } from '../../../core/chat/format.ts';
import type { Colour, Look } from '../look.ts';
import { paint } from '../look.ts';
import { wrapExactly } from '../width.ts';

export type DiffExtent = { readonly linesAtMost: number /** A command. */; readonly showAll: string };

export function diffLines(diff: string, width: number, look: Look, { linesAtMost, showAll }: DiffExtent): string[] {
  const all = diffLinesOf(diff);
  const shown = all.slice(0, linesAtMost).flatMap((line) => {
    const colour = colourOf(line);
    return wrapExactly(line, width).map((part) => (colour === undefined ? part : paint(look, colour, part)));
  });
  const rest = all.length - linesAtMost;
  return rest > 0 ? [...shown, `… ${count(rest, 'more line')}: ${showAll}`] : shown;
}

function colourOf(line: string): Colour | undefined {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@@') ? 'cyan' : undefined;
}
