// What stands at the bottom of the screen: what happens now, the prompt, and a hint under it; never higher than the screen.
import type { Look } from './look.ts';
import { paint } from './look.ts';
import type { Frame } from './screen.ts';
import { wrap } from './width.ts';

type Parts = {
  readonly live: readonly string[];
  readonly typed: Frame;
  readonly hint: string;
  /** Rows of the terminal. */
  readonly height: number;
};

export function bottomFrame(look: Look, { live, typed, hint, height }: Parts): Frame {
  const below = hint === '' ? [] : wrap(hint, look.width - 2).map((part) => `  ${paint(look, 'dim', part)}`);
  // One row stays free for what is above, one keeps apart from it.
  const room = height - 2 - typed.rows.length - below.length;
  const shown = fitting(live, room, look);
  const apart = shown.length > 0 && room > shown.length ? [''] : [];
  const before = [...shown, ...apart];
  const { row, column } = typed.cursor;
  return { rows: [...before, ...typed.rows, ...below], cursor: { row: row + before.length, column } };
}

function fitting(live: readonly string[], room: number, look: Look): readonly string[] {
  if (live.length <= room) return live;
  return room < 1 ? [] : [...live.slice(0, room - 1), paint(look, 'dim', `  and ${live.length - room + 1} more lines`)];
}
