// What a message means: a command of the conversation, or a request in the person's own words.
import type { TaskId } from '../../core/ids.ts';
import { toTaskId } from '../../core/ids.ts';

export type Intention =
  | {
      readonly type:
        | 'resume'
        | 'retry'
        | 'why'
        | 'details'
        | 'status'
        | 'history'
        | 'agents'
        | 'cost'
        | 'help'
        | 'quit';
      readonly task: TaskId | null;
    }
  /** `hashPrefix`: of the plan that is meant, where it was named. */
  | { readonly type: 'approve'; readonly task: TaskId | null; readonly hashPrefix?: string }
  | { readonly type: 'reject' | 'change' | 'cancel'; readonly task: TaskId | null; readonly text: string }
  /** `text`: only what has to do with that. */
  | { readonly type: 'catalogue'; readonly text: string }
  | { readonly type: 'log'; readonly task: TaskId | null; readonly step: number | null }
  | { readonly type: 'request'; readonly text: string };

const bare: ReadonlySet<string> = new Set([
  'resume',
  'retry',
  'why',
  'details',
  'status',
  'history',
  'agents',
  'cost',
  'help',
  'quit',
  'exit',
]);
const withText: ReadonlySet<string> = new Set(['reject', 'change', 'cancel']);

/** The beginning of a plan's hash, as its card shows it. */
const hashPrefix = /^[0-9a-f]{4,64}$/;
/** `catalogue of plants` and `catalogue my photos` ask for something; `catalogue grafana nas` is looked up. */
const asksForMore = /^(of|all|the|my|our|your|an?|every|each|new|this|that|these|those)\b/i;
const filterWordsAtMost = 5;

/** Commands are one word, an optional `#n`, and text for those that take it. Anything else is a request: `status of grafana` is one. */
export function parseCommand(message: string): Intention {
  const text = message.trim();
  const [, word = '', number, after = ''] = /^[/!]?([A-Za-z]+)(?:\s+#(\d{1,9}))?(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const verb = word.toLowerCase();
  const rest = after.trim();
  const task = number === undefined ? null : toTaskId(Number(number));
  if (withText.has(verb)) return { type: verb as 'reject', task, text: rest };
  if (verb === 'approve' && rest === '') return { type: 'approve', task };
  if (verb === 'approve' && hashPrefix.test(rest.toLowerCase()))
    return { type: 'approve', task, hashPrefix: rest.toLowerCase() };
  if (verb === 'log' && /^\d*$/.test(rest)) return { type: 'log', task, step: rest === '' ? null : Number(rest) };
  if ((verb === 'catalogue' || verb === 'catalog') && number === undefined && isFilter(rest))
    return { type: 'catalogue', text: rest };
  if (bare.has(verb) && rest === '') return { type: verb === 'exit' ? 'quit' : (verb as 'resume'), task };
  if (text === '?') return { type: 'help', task: null };
  return { type: 'request', text };
}

function isFilter(words: string): boolean {
  return words.split(/\s+/).length <= filterWordsAtMost && !asksForMore.test(words);
}
