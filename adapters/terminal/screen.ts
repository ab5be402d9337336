// The bottom of the screen that is drawn over and over (live lines and the prompt), and the lines above it that stay.
// One write a drawing, only what changed, never wrapped by the terminal, so that nothing flickers or drifts.
import type { TerminalOutput } from './face.ts';
import { widthOf } from './width.ts';

export type Frame = {
  /** Each of at most the terminal's width. */
  readonly rows: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
};

export type Screen = {
  /** Puts `above` over the frame for good, and shows the frame with an empty line between. */
  readonly draw: (frame: Frame, above?: readonly string[]) => void;
  /** Takes the frame away; the cursor stands where it began. */
  readonly clear: () => void;
  /** The screen was wiped: the next drawing begins at its top. */
  readonly wipe: () => void;
};

const csi = '\u001b[';
// Synchronised output where the terminal knows it; no wrapping, so that a width measured wrongly cannot add a row.
const begin = `${csi}?2026h${csi}?25l${csi}?7l`;
const end = `${csi}?7h${csi}?25h${csi}?2026l`;

type Drawn = Frame & { readonly columns: number };

export function makeScreen(output: TerminalOutput, columns: () => number): Screen {
  let drawn: Drawn = { rows: [], cursor: { row: 0, column: 0 }, columns: columns() };

  return {
    draw: (wanted, above = []) => {
      const width = columns();
      const frame = withGap(wanted);
      const fresh = above.length > 0 || width !== drawn.columns;
      const old = fresh ? [] : drawn.rows;
      let out = begin + toStart(drawn, width);
      if (fresh) out += `${csi}J${above.map((line) => `${line}\r\n`).join('')}`;
      for (const [index, row] of frame.rows.entries()) {
        if (index > 0) out += '\r\n';
        if (old[index] === undefined) out += row;
        else if (old[index] !== row) out += `${csi}2K${row}`;
      }
      const last = Math.max(0, frame.rows.length - 1);
      if (old.length > frame.rows.length) out += frame.rows.length === 0 ? `${csi}J` : `\r\n${csi}J${csi}1A`;
      const { row, column } = frame.cursor;
      output.write(`${out}${up(last - row)}\r${column > 0 ? `${csi}${column}C` : ''}${end}`);
      drawn = { ...frame, columns: width };
    },
    clear: () => {
      if (drawn.rows.length > 0) output.write(`${toStart(drawn, columns())}${csi}J${end}`);
      drawn = { rows: [], cursor: { row: 0, column: 0 }, columns: columns() };
    },
    wipe: () => {
      output.write(`${csi}2J${csi}H`);
      drawn = { rows: [], cursor: { row: 0, column: 0 }, columns: columns() };
    },
  };
}

function withGap({ rows, cursor }: Frame): Frame {
  return rows.length === 0 ? { rows, cursor } : { rows: ['', ...rows], cursor: { ...cursor, row: cursor.row + 1 } };
}

/**
 * Back to where the frame began. A terminal that became narrower has broken wide rows into several; whether the row
 * with the cursor too, terminals disagree, so the gap is left out: one row too many does not touch what is above.
 */
function toStart(drawn: Drawn, width: number): string {
  const { row, column } = drawn.cursor;
  if (width >= drawn.columns) return `${up(row)}\r`;
  const broken = drawn.rows.slice(1, row).reduce((sum, text) => sum + Math.max(1, Math.ceil(widthOf(text) / width)), 0);
  return `${up(broken + Math.floor(column / width))}\r`;
}

function up(rows: number): string {
  return rows > 0 ? `${csi}${rows}A` : '';
}
