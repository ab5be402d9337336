// A step's output as files, each of a message of its own, as large as one may be. Of a log that is too long the end is kept.
import { count } from '../../../core/chat/format.ts';
import { divideLog } from '../../../core/chat/log-parts.ts';
import { safeText } from '../../../core/chat/safe-text.ts';
import type { LogView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { codeLine, fence } from './markup.ts';

const messagesAtMost = 5;
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
  const { parts, leftOut } = divideLog(text, options.uploadBytesAtMost, messagesAtMost);
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
