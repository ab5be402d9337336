// The prompt and the line that is being typed as rows of the screen, with the place of the cursor.

import { safeLines } from '../../core/chat/safe-text.ts';
import { lineBreakMark } from './line-editor.ts';
import type { Look } from './look.ts';
import { paint } from './look.ts';
import type { Frame } from './screen.ts';
import { clip, widthOf, wrap } from './width.ts';

export const promptMark = '› ';

type Typed = {
  readonly line: string;
  readonly cursor: number;
  readonly secret: boolean;
  readonly placeholder: string;
  readonly rowsAtMost: number;
};

export function promptRows(look: Look, { line, cursor, secret, placeholder, rowsAtMost }: Typed): Frame {
  const mark = paint(look, ['cyan', 'bold'], promptMark);
  if (line === '') {
    const hint = look.colours ? paint(look, 'dim', clip(placeholder, look.width - promptMark.length - 1)) : '';
    return { rows: [mark + hint], cursor: { row: 0, column: promptMark.length } };
  }
  const rows: string[] = [''];
  let column = promptMark.length;
  let place = { row: 0, column };
  let index = 0;
  for (const { segment } of segments.segment(line)) {
    if (index === cursor) place = { row: rows.length - 1, column };
    const shown = secret ? '•' : shownAs(segment);
    const width = widthOf(shown);
    if (column + width > look.width - 1) {
      rows.push('');
      column = promptMark.length;
      if (index === cursor) place = { row: rows.length - 1, column };
    }
    rows[rows.length - 1] += shown;
    column += width;
    // Inside of a cluster of several characters the cursor stands behind it.
    if (cursor > index && cursor <= index + segment.length) place = { row: rows.length - 1, column };
    index += segment.length;
  }
  const first = Math.max(0, Math.min(place.row - Math.floor(rowsAtMost / 2), rows.length - rowsAtMost));
  const seen = rows.slice(first, first + rowsAtMost).map((row, number) => (number + first === 0 ? mark : '  ') + row);
  return { rows: seen, cursor: { row: place.row - first, column: place.column } };
}

/** What a person said, as it stays above. */
export function saidRows(look: Look, text: string): string[] {
  return safeLines(text)
    .flatMap((line) => wrap(line, look.width - promptMark.length))
    .map((row, index) => (index === 0 ? paint(look, 'cyan', promptMark) : '  ') + row);
}

const segments = new Intl.Segmenter();

function shownAs(segment: string): string {
  if (segment === lineBreakMark) return '⏎';
  if (segment === '\t') return ' ';
  return segment.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '�');
}
