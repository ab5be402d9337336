// The questions that wait, by their task's first message: what is said in its thread may be the answer.

import { makeRecent } from '../../core/chat/recent.ts';
import type { View } from '../../core/ports/chat.ts';
import { parseReference } from './reference.ts';

export type Questions = ReturnType<typeof makeQuestions>;

const rememberedAtMost = 2_000;

export function makeQuestions() {
  const waiting = makeRecent<{ readonly secret: boolean }>(rememberedAtMost);
  /** By the question's own message: an update does not say which the first one is. */
  const roots = makeRecent<string>(rememberedAtMost);

  return {
    shown(reference: string, view: View, root: string | null): void {
      if (view.type !== 'question') return;
      const before = roots.get(reference);
      const first = root ?? before ?? reference;
      if (before !== undefined && before !== first) waiting.delete(before);
      roots.set(reference, first);
      if (view.closed === null) waiting.set(first, { secret: view.secret === true });
      else waiting.delete(first);
    },
    of: (root: string) => waiting.get(root),
    /** Whether one waits in that thread, which has the id of the message that it hangs on. */
    waitIn: (thread: string): boolean => waiting.keys().some((root) => parseReference(root).message === thread),
  };
}
