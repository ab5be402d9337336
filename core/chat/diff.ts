// A unified diff as people look at it: how much it changes, and its lines without what only programs read.
import { safeLines } from './safe-text.ts';

/** `+3 -1` */
export function changesIn(diff: string): string {
  const lines = diff.split('\n');
  const added = lines.filter((line) => line.startsWith('+') && !line.startsWith('+++')).length;
  const removed = lines.filter((line) => line.startsWith('-') && !line.startsWith('---')).length;
  return `+${added} -${removed}`;
}

/** Harmless lines; those that name the file are left out, for whatever shows it has named it already. */
export function diffLinesOf(diff: string): readonly string[] {
  return safeLines(diff.replace(/\n$/, '')).filter((line) => !isFileHeader(line));
}

function isFileHeader(line: string): boolean {
  return /^(?:diff --git |index |--- |\+\+\+ |={10})/.test(line);
}
