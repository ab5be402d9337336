// What a message means: a command of the conversation, or a request in the person's own words.
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';

export type Intention =
  | {
      readonly type:
        | 'approve'
        | 'resume'
        | 'retry'
        | 'why'
        | 'status'
        | 'history'
        | 'agents'
        | 'cost'
        | 'help'
        | 'quit';
      readonly task: TaskId | null;
    }
  | { readonly type: 'reject' | 'change' | 'cancel'; readonly task: TaskId | null; readonly text: string }
  /** `text`: only what has to do with that. */
  | { readonly type: 'catalogue'; readonly text: string }
  | { readonly type: 'log'; readonly task: TaskId | null; readonly step: number | null }
  | { readonly type: 'request'; readonly text: string };

const bare: ReadonlySet<string> = new Set([
  'approve',
  'resume',
  'retry',
  'why',
  'status',
  'history',
  'agents',
  'cost',
  'help',
  'quit',
  'exit',
  'log',
]);
const withText: ReadonlySet<string> = new Set(['reject', 'change', 'cancel']);

/** Commands are one word, an optional `#n`, and text for those that take it. Anything else is a request: `status of grafana` is one. */
export function parseCommand(message: string): Intention {
  const text = message.trim();
  const [, word = '', number, rest = ''] = /^[/!]?([A-Za-z]+)(?:\s+#(\d{1,9}))?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const verb = word.toLowerCase();
  const task = number === undefined ? null : toTaskId(Number(number));
  if (withText.has(verb)) return { type: verb as 'reject', task, text: rest.trim() };
  if (verb === 'log' && /^\d*$/.test(rest.trim()))
    return { type: 'log', task, step: rest.trim() === '' ? null : Number(rest) };
  if (bare.has(verb) && verb !== 'log' && rest.trim() === '')
    return { type: verb === 'exit' ? 'quit' : (verb as 'approve'), task };
  if (text === '?') return { type: 'help', task: null };
  return { type: 'request', text };
}
