// The tasks that a command can be about, by the beginning of their number or by words of their request.
import { wordsOf } from '../../core/catalogue/words.ts';
import { toTaskId } from '../../core/ids.ts';
import type { TaskRow, TaskTable } from '../../core/ports/event-log.ts';
import { withoutPlaceholders } from '../planning/request-secrets.ts';
import { fits, soundsLike } from './like-words.ts';

type Suggestion = { readonly label: string; readonly value: string };

const suggestionsAtMost = 25;
const labelAtMost = 100;
/** Newer tasks than these are looked through; an older one is found by its whole number. */
const rowsAtMost = 200;

export async function suggestTasks(
  store: Pick<TaskTable, 'listTasks'>,
  open: boolean,
  typed: string,
): Promise<readonly Suggestion[]> {
  const rows = await store.listTasks({ open, limit: rowsAtMost });
  const [, number] = /^\s*#?(\d{1,9})\s*$/.exec(typed) ?? [];
  const found = number === undefined ? byWords(rows, typed) : await byNumber(store, open, rows, number);
  return found.slice(0, suggestionsAtMost).map(suggestionOf);
}

async function byNumber(
  store: Pick<TaskTable, 'listTasks'>,
  open: boolean,
  rows: readonly TaskRow[],
  number: string,
): Promise<readonly TaskRow[]> {
  const task = toTaskId(Number(number));
  const [exact] = await store.listTasks({ open, before: toTaskId(task + 1), limit: 1 });
  const others = rows.filter((row) => row.task !== task && String(row.task).startsWith(number));
  return exact?.task === task ? [exact, ...others] : others;
}

function byWords(rows: readonly TaskRow[], typed: string): readonly TaskRow[] {
  const words = wordsOf(typed);
  const known = rows.map((row) => ({ row, own: wordsOf(`${withoutPlaceholders(row.request)} ${row.state}`) }));
  const found = known.filter(({ own }) => words.every((word) => fits(word, own)));
  const like = found.length > 0 ? found : known.filter(({ own }) => words.every((word) => soundsLike(word, own)));
  return like.map(({ row }) => row);
}

/** `#7 deploy grafana (running)`; a long request is cut, so that the state is seen. */
function suggestionOf({ task, state, request }: TaskRow): Suggestion {
  const [before, after] = [`#${task} `, ` (${state})`];
  const room = labelAtMost - before.length - after.length;
  const line = withoutPlaceholders(request).replace(/\s+/g, ' ').trim();
  const short = line.length > room ? `${line.slice(0, room - 1)}…` : line;
  return { label: `${before}${short}${after}`, value: String(task) };
}
