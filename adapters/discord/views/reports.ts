// What is asked for and read by one person: lists of tasks and other things, the commands, data.
import { safeLines } from '../../../core/chat/safe-text.ts';
import type { DetailView, HelpView, ListView, TasksView } from '../../../core/ports/chat.ts';
import type { Message, RenderOptions } from '../message.ts';
import { code, codeLine, plain, sentence, who } from './markup.ts';
import { overPages } from './pages.ts';

const lineCharactersAtMost = 300;

/** Two lines a task: what, and how it stands. */
export function tasksMessages(view: TasksView, options: RenderOptions): readonly Message[] {
  const title = view.list === 'status' ? 'Open tasks' : 'Newest tasks';
  const none = view.list === 'status' ? 'Nothing is open.' : 'There has been no task yet.';
  const rows = view.tasks.map((row) => {
    const at = Date.parse(row.at);
    const when = Number.isNaN(at) ? plain(row.at, 40) : `<t:${Math.floor(at / 1_000)}:R>`;
    const aside = [when, who(row.requester), sentence(row.summary, lineCharactersAtMost)].filter((part) => part !== '');
    return `**#${row.task} ${plain(row.state, 30)}** ${plain(row.request, 200)}\n-# ${aside.join(' · ')}`;
  });
  const more = view.more ? ['There are more; name one by its number, e.g. `/log` 1.'] : [];
  return report(`**${title}**`, [...(rows.length === 0 ? [none] : rows), ...more], view.list, options);
}

export function listMessages(view: ListView, options: RenderOptions): readonly Message[] {
  const rows = view.rows.map(({ text, aside }) => {
    const beside = sentence(aside, lineCharactersAtMost);
    return `- ${sentence(text, lineCharactersAtMost)}${beside === '' ? '' : `\n-# ${beside}`}`;
  });
  const note = sentence(view.note, 1_000);
  const rest = [
    ...(view.more > 0 ? [`and ${view.more.toLocaleString('en')} more`] : []),
    ...(note === '' ? [] : [note]),
  ];
  return report(
    `**${plain(view.title, 200) || 'List'}**`,
    [...(rows.length === 0 ? ['There is nothing.'] : rows), ...rest],
    'list',
    options,
  );
}

export function helpMessages(view: HelpView, options: RenderOptions): readonly Message[] {
  const commands = view.commands.map(
    ({ usage, meaning }) => `${code(usage, 200)} ${plain(meaning, lineCharactersAtMost)}`,
  );
  const examples = view.examples.map((example) => `- ${plain(example, lineCharactersAtMost)}`);
  const lines = [...commands, ...(examples.length === 0 ? [] : ['**For example**', ...examples])];
  return report('**What you can say**', lines, 'help', options);
}

export function detailMessages(view: DetailView, options: RenderOptions): readonly Message[] {
  const text = JSON.stringify(view.data, null, 2);
  const lines = safeLines(text).map((line) => codeLine(line, 1_800));
  const file = { name: 'details.json', text };
  return overPages(
    { blocks: [{ lines: [`**${plain(view.title, 200) || 'Details'}**`] }, { language: 'json', code: lines }], file },
    options,
  );
}

function report(title: string, lines: readonly string[], name: string, options: RenderOptions): readonly Message[] {
  const text = [title, ...lines].join('\n');
  return overPages({ blocks: [{ lines: [title, ...lines] }], file: { name: `${name}.txt`, text } }, options);
}
