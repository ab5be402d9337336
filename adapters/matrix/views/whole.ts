// What is longer than a message is its beginning, with all of it in a file.
import { safeText } from '../../../core/chat/safe-text.ts';
import type { Message, RenderOptions } from '../message.ts';
import { bytesAtMost } from './layout.ts';
import type { Line } from './markup.ts';
import { bytesOf, line, messageOf } from './markup.ts';

export type Whole = {
  readonly lines: readonly Line[];
  readonly file: { readonly name: string; readonly text: string };
};

export function wholeMessage({ lines, file }: Whole, options: RenderOptions): Message {
  const rest = line`… all of it is in the file`;
  const kept: Line[] = [];
  let room = bytesAtMost - bytesOf(rest);
  for (const each of lines) {
    room -= bytesOf(each);
    if (room < 0) break;
    kept.push(each);
  }
  if (kept.length === lines.length) return messageOf(lines);
  const text = cutToBytes(safeText(file.text), options.uploadBytesAtMost);
  return messageOf([...kept, rest], { file: { name: file.name, text } });
}

/** Cut at a line's end, which says so. */
function cutToBytes(text: string, atMost: number): string {
  if (Buffer.byteLength(text) <= atMost) return text;
  const note = '\n… cut here';
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, atMost - Buffer.byteLength(note)))
    .toString();
  return `${kept.slice(0, Math.max(0, kept.lastIndexOf('\n')))}${note}`;
}
