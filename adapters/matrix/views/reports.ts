// What is asked for and read by one person: lists of tasks and other things, the commands, data.
import { since } from '../../../core/chat/format.ts';
import { safeLines } from '../../../core/chat/safe-text.ts';
import type { DetailView, HelpView, ListView, TasksView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import type { Line } from './markup.ts';
import { bodyOf, code, line, plain, preformatted, sentence, strong, who } from './markup.ts';
import { wholeMessage } from './whole.ts';

const lineCharactersAtMost = 400;

/** Two lines a task: what, and how it stands. */
export function tasksMessage(view: TasksView, options: RenderOptions): Message {
  const title = view.list === 'status' ? 'Open tasks' : 'Newest tasks';
  const none = view.list === 'status' ? 'Nothing is open.' : 'There has been no task yet.';
  const rows = view.tasks.flatMap((row) => {
    const when = Number.isNaN(Date.parse(row.at)) ? plain(row.at, 40) : since(row.at, options.now);
    return [
      line`${strong(line`#${row.task} ${plain(row.state, 30)}`)} ${plain(row.request, 300)}`,
      line`  ${when} · ${who(row.requester)} · ${sentence(row.summary, lineCharactersAtMost)}`,
    ];
  });
  const more = view.more ? [line`There are more; name one by its number, e.g. ${code('log #1', 20)}.`] : [];
  return report(title, [...(rows.length === 0 ? [line`${none}`] : rows), ...more], view.list, options);
}

export function listMessage(view: ListView, options: RenderOptions): Message {
  const rows = view.rows.flatMap(({ text, aside }) => {
    const beside = sentence(aside, lineCharactersAtMost);
    return [line`• ${sentence(text, lineCharactersAtMost)}`, ...(beside.text === '' ? [] : [line`  ${beside}`])];
  });
  const note = sentence(view.note, 1_000);
  const rest = [
    ...(view.more > 0 ? [line`and ${view.more.toLocaleString('en')} more`] : []),
    ...(note.text === '' ? [] : [note]),
  ];
  return report(view.title, [...(rows.length === 0 ? [line`There is nothing.`] : rows), ...rest], 'list', options);
}

export function helpMessage(view: HelpView, options: RenderOptions): Message {
  const commands = view.commands.map(
    ({ usage, meaning }) => line`${code(usage, 200)} ${plain(meaning, lineCharactersAtMost)}`,
  );
  const examples = view.examples.map((example) => line`• ${plain(example, lineCharactersAtMost)}`);
  const how = line`Say it after ${code('!chiffon', 20)}, with a mention, in a room of the two of us, or in a task’s thread.`;
  const lines = [...commands, ...(examples.length === 0 ? [] : [strong('For example'), ...examples]), how];
  return report('What you can say', lines, 'help', options);
}

export function detailMessage(view: DetailView, options: RenderOptions): Message {
  const text = JSON.stringify(view.data, null, 2);
  const lines = [strong(plain(view.title, 200) || 'Details'), preformatted('json', safeLines(text))];
  return wholeMessage({ lines, file: { name: 'details.json', text } }, options);
}

function report(title: string, lines: readonly Line[], name: string, options: RenderOptions): Message {
  const all = [strong(plain(title, 200)), ...lines];
  return wholeMessage({ lines: all, file: { name: `${name}.txt`, text: bodyOf(all) } }, options);
}
