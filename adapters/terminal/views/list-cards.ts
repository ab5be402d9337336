// What can be long: the list of tasks, a log, and details as data.

import { count, since } from '../../../core/chat/format.ts';
import { safeLine, safeLines } from '../../../core/chat/safe-text.ts';
import type { DetailView, ListView, LogView, TasksView } from '../../../core/ports/chat.ts';
import type { Colour, Look } from '../look.ts';
import { makeCard, paint } from '../look.ts';
import { clip, widthOf, wrapExactly } from '../width.ts';

/** A log on a screen ends here and says where the rest is. */
export const logLinesOnScreen = 200;
const stateColumnsAtMost = 10;

export function tasksCard(view: TasksView, look: Look): string[] {
  const title = view.list === 'status' ? 'Open tasks' : 'Newest tasks';
  const card = makeCard(look, title, view.tasks.length === 0 ? '' : count(view.tasks.length, 'task'), 'cyan');
  if (view.tasks.length === 0) card.text(view.list === 'status' ? 'Nothing is open.' : 'There has been no task yet.');
  const numbers = Math.max(2, ...view.tasks.map(({ task }) => `#${task}`.length));
  const states = Math.max(0, ...view.tasks.map(({ state }) => widthOf(shownState(state))));
  for (const row of view.tasks) {
    const state = shownState(row.state);
    const number = `#${row.task}`.padEnd(numbers);
    const head = `${paint(look, 'bold', number)} ${paint(look, stateColour(row.state), state)}${' '.repeat(states - widthOf(state))} `;
    const room = card.inner - numbers - states - 2;
    const what = safeLine(row.request);
    if (room >= 24) card.line(`${head} ${Number.isFinite(room) ? clip(what, room - 1) : what}`);
    else {
      card.line(head.trimEnd());
      card.text(what, { indent: 2 });
    }
    const more = [since(row.at, look.now), row.requester, row.summary].filter((part) => part !== '').join(' · ');
    card.text(more, { indent: room >= 24 ? numbers + 1 : 2, colour: 'dim' });
  }
  return card.close(view.more ? 'There are more; name one by its number, e.g. log #1' : '');
}

export function listCard(view: ListView, look: Look): string[] {
  const card = makeCard(look, safeLine(view.title), '', 'cyan');
  for (const { text, aside } of view.rows) {
    card.text(text, { mark: '• ' });
    if (aside !== '') card.text(aside, { indent: 2, colour: 'dim' });
  }
  if (view.rows.length === 0) card.text('There is nothing.', { colour: 'dim' });
  if (view.more > 0) card.text(`and ${view.more} more`, { colour: 'dim' });
  if (view.note !== '') card.text(view.note, { colour: 'dim' });
  return card.close();
}

export type WholeLog = { readonly linesAtMost: number; readonly file: string | null };

/** The last lines of a log; where they are not all, the file that holds them. */
export function logCard(view: LogView, look: Look, { linesAtMost, file }: WholeLog): string[] {
  const all = safeLines(view.text.replace(/[\r\n]+$/, ''));
  const left = Math.max(0, all.length - linesAtMost);
  const attempt = view.attempt === 1 ? '' : `, attempt ${view.attempt}`;
  const card = makeCard(look, `Log of #${view.task}, step ${view.step}${attempt}`, count(view.lines, 'line'), 'cyan');
  if (view.text === '')
    card.text(view.complete ? 'It printed nothing.' : 'It has printed nothing yet.', { colour: 'dim' });
  const missing = view.from + left;
  if (missing > 0) card.text(`… ${count(missing, 'earlier line')}${whereTheRestIs(view, file)}`, { colour: 'yellow' });
  if (view.text !== '')
    for (const line of all.slice(left))
      for (const part of wrapExactly(withoutRule(line, card.inner), card.inner)) card.line(part);
  return card.close(view.complete ? '' : 'It is still running; ask again for more');
}

/** The file holds what the view does, and that may not be all of it. */
function whereTheRestIs({ task, from }: LogView, file: string | null): string {
  if (file !== null && from === 0) return `; all of it is in ${file}`;
  const more = file === null ? ' not shown' : ` not shown; what could be kept of it is in ${file}`;
  return `${more}; \`npm start -- log ${task}\` prints all of it`;
}

/** Ansible fills its headings with stars up to 79 columns; where they do not fit they only break the line. */
function withoutRule(line: string, width: number): string {
  return line.length > width ? line.replace(/ \*{3,}$/, ' ***') : line;
}

export function detailCard(view: DetailView, look: Look): string[] {
  const card = makeCard(look, safeLine(view.title, 200), '', 'cyan');
  for (const line of safeLines(JSON.stringify(view.data, null, 2)))
    for (const part of wrapExactly(line, card.inner)) card.line(part);
  return card.close();
}

function shownState(state: string): string {
  return clip(safeLine(state), stateColumnsAtMost);
}

function stateColour(state: string): Colour {
  if (state === 'succeeded') return 'green';
  if (state === 'failed' || state === 'refused') return 'red';
  return ['running', 'approved', 'proposed', 'asking', 'paused'].includes(state) ? 'yellow' : 'gray';
}
