// A log in parts that a chat takes as files. Of one that is too long the end is kept.

const lineFeed = 10;

/**
 * Whole lines in parts of so many bytes, from the end; only a line larger than a part is divided, between characters. `leftOut`: lines
 * at the beginning that are in no part.
 */
export function divideLog(
  text: string,
  bytesAtMost: number,
  partsAtMost: number,
): { readonly parts: readonly string[]; readonly leftOut: number } {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let end = bytes.length;
  while (end > 0 && parts.length < partsAtMost) {
    const start = Math.max(0, end - bytesAtMost);
    const from = start === 0 ? 0 : beginOf(bytes, start, end);
    parts.unshift(bytes.toString('utf8', from, end));
    end = from;
  }
  return { parts, leftOut: linesIn(bytes.subarray(0, end)) };
}

/** The first line's begin from `start` on; of a line that is larger, the first character's. */
function beginOf(bytes: Buffer, start: number, end: number): number {
  const line = bytes.indexOf(lineFeed, start - 1) + 1;
  if (line > 0 && line < end) return line;
  let begin = start;
  // 10xxxxxx is the middle of a character.
  while (begin < end - 1 && ((bytes[begin] ?? 0) & 0xc0) === 0x80) begin += 1;
  return begin;
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines += 1;
  return lines;
}
