// A log in parts that a chat takes as files. Of one that is too long the end is kept.

/** Whole lines in parts of so many bytes, from the end; only a line larger than a part is divided. */
export function divideLog(
  lines: readonly string[],
  bytesAtMost: number,
  partsAtMost: number,
): { readonly parts: readonly string[]; readonly leftOut: number } {
  const parts: string[] = [];
  let kept: string[] = [];
  let size = 0;
  let index = lines.length;
  const finish = (): void => {
    if (kept.length > 0) parts.unshift(kept.toReversed().join(''));
    kept = [];
    size = 0;
  };
  while (index > 0) {
    const pieces = piecesOf(`${lines[index - 1] ?? ''}\n`, bytesAtMost);
    for (const piece of pieces.toReversed()) {
      const bytes = Buffer.byteLength(piece);
      if (size + bytes > bytesAtMost) finish();
      if (parts.length === partsAtMost) return { parts, leftOut: index };
      kept.push(piece);
      size += bytes;
    }
    index -= 1;
  }
  finish();
  return { parts, leftOut: 0 };
}

/** A line in pieces of at most so many bytes; no character is divided. */
function piecesOf(line: string, bytesAtMost: number): readonly string[] {
  const bytes = Buffer.from(line);
  if (bytes.length <= bytesAtMost) return [line];
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(bytes.length, start + bytesAtMost);
    // 10xxxxxx is the middle of a character.
    while (end > start + 1 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.subarray(start, end).toString());
    start = end;
  }
  return pieces;
}
