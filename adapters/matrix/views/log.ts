// A step's output as files, each of a message of its own, as large as one may be.
import { count } from '../../../core/chat/format.ts';
import { divideLog } from '../../../core/chat/log-parts.ts';
import { safeText } from '../../../core/chat/safe-text.ts';
import type { LogView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { code, line, messageOf } from './markup.ts';

const messagesAtMost = 5;

export function logMessages(view: LogView, options: RenderOptions): readonly Message[] {
  const attempt = view.attempt === 1 ? '' : `, attempt ${view.attempt}`;
  const head = `Log of #${view.task}, step ${view.step}${attempt}`;
  if (view.text === '') {
    const nothing =
      view.from > 0 ? 'nothing newer' : view.complete ? 'it printed nothing' : 'it has printed nothing yet';
    return [messageOf([line`${head}: ${nothing}.`])];
  }
  const text = `${safeText(view.text.replace(/[\r\n]+$/, ''))}\n`;
  const { parts, leftOut } = divideLog(text, options.uploadBytesAtMost, messagesAtMost);
  const missing = view.from + leftOut;
  const first = [
    line`${head}: ${count(view.lines, 'line')}`,
    ...(missing === 0
      ? []
      : [
          line`${count(missing, 'line')} at the beginning ${missing === 1 ? 'is' : 'are'} left out: ${code(`npm start -- log ${view.task}`, 60)} prints all of it.`,
        ]),
    ...(view.complete ? [] : [line`It is still running; ask again for more.`]),
  ];
  const name = `task-${view.task}-step-${view.step}${view.attempt === 1 ? '' : `-attempt-${view.attempt}`}`;
  return parts.map((text, index) => {
    const file = { name: `${name}${parts.length > 1 ? `-part-${index + 1}` : ''}.log`, text };
    return messageOf(index === 0 ? first : [line`${head}, part ${index + 1} of ${parts.length}`], { file });
  });
}
