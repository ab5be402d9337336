// A step's output as files, each of a message of its own, as large as one may be. Of a log that is too long the end is kept.
import { count } from '../../../core/chat/format.ts';
import { safeText } from '../../../core/chat/safe-text.ts';
import type { LogView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { codeLine, fence } from './markup.ts';

const messagesAtMost = 5;
const lineFeed = 10;
const tail = { lines: 12, columns: 120, characters: 20_000 };

/** With `withTail`, for whoever asked for it, the newest lines can be read without opening a file. */
export function logMessages(view: LogView, options: RenderOptions, withTail: boolean): readonly Message[] {
  const text = `${safeText(view.text.replace(/[\r\n]+$/, ''))}\n`;
  const attempt = view.attempt === 1 ? '' : `, attempt ${view.attempt}`;
  const head = `Log of #${view.task}, step ${view.step}${attempt}`;
  const running = view.complete ? [] : ['It is still running; ask again for more.'];
  if (view.text === '') {
    const nothing =
      view.from > 0 ? 'nothing newer' : view.complete ? 'it printed nothing' : 'it has printed nothing yet';
    return [{ content: `${head}: ${nothing}.`, components: [], files: [], pings: [] }];
  }
  const { parts, leftOut } = divide(text, options.uploadBytesAtMost);
  const missing = view.from + leftOut;
  const left =
    missing === 0
      ? []
      : [
          `${count(missing, 'line')} at the beginning ${missing === 1 ? 'is' : 'are'} left out: \`npm start -- log ${view.task}\` prints all of it.`,
        ];
  const newest = withTail ? [fence('', newestOf(text))] : [];
  const name = `task-${view.task}-step-${view.step}${view.attempt === 1 ? '' : `-attempt-${view.attempt}`}`;
  return parts.map((text, index) => {
    const many = parts.length > 1;
    const first = [`${head}: ${count(view.lines, 'line')}`, ...left, ...running, ...newest].join('\n');
    return {
      content: index === 0 ? first : `${head}, part ${index + 1} of ${parts.length}`,
      components: [],
      files: [{ name: `${name}${many ? `-part-${index + 1}` : ''}.log`, text }],
      pings: [],
    };
  });
}

function newestOf(text: string): readonly string[] {
  const end = text.slice(-tail.characters).split('\n');
  return end.slice(-tail.lines - 1, -1).map((line) => codeLine(line, tail.columns));
}

/** Whole lines in parts of so many bytes, from the end; only a line larger than a part is divided, between characters. */
function divide(text: string, bytesAtMost: number): { parts: readonly string[]; leftOut: number } {
  const bytes = Buffer.from(text);
  const parts: string[] = [];
  let end = bytes.length;
  while (end > 0 && parts.length < messagesAtMost) {
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
