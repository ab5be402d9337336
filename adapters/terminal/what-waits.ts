// What the next line is likely to answer: decides the words in the empty prompt, and whether what is typed may be seen.
import type { TaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';

export type Waiting = 'nothing' | 'plan' | 'question' | 'secret';

const secretWords = /pass(?:word|phrase|wd|code)|secret|token|credential|api[-_ ]?key|private[-_ ]?key/i;

/** After a view was shown; null when it changes nothing. */
export function waitingAfter(view: View): Waiting | null {
  if (view.type === 'plan') return view.standing === 'open' ? 'plan' : 'nothing';
  if (view.type === 'question') {
    return (view.secret ?? (view.candidates.length === 0 && secretWords.test(view.text))) ? 'secret' : 'question';
  }
  return view.type === 'result' ? 'nothing' : null;
}

/** What an empty prompt says. */
export function placeholder(waiting: Waiting, running: TaskId | null): string {
  if (waiting === 'plan') return 'approve, reject <reason> or change <what>';
  if (waiting === 'question') return 'a number or the answer';
  if (waiting === 'secret') return 'the answer; it is not shown and kept nowhere';
  return running === null ? 'ask for a change in your own words, or type help' : `cancel #${running} stops the run`;
}
