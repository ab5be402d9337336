// How wide harmless text is on a terminal, and how it is cut and wrapped to a width.
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { isPlain } from '../../core/chat/safe-text.ts';

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
