// The questions that wait, by their task's first message: what is said in its thread may be the answer.

import { makeRecent } from '../../core/chat/recent.ts';
import type { View } from '../../core/ports/chat.ts';
import { parseReference } from './reference.ts';
import type { Roots } from './roots.ts';

export type Questions = ReturnType<typeof makeQuestions>;

const rememberedAtMost = 2_000;

export function makeQuestions(roots: Roots) {
  /** By the question's own message. */
  const waiting = makeRecent<{ readonly secret: boolean }>(rememberedAtMost);

  return {
    shown(reference: string, view: View): void {
      if (view.type !== 'question') return;
      if (view.closed === null) waiting.set(reference, { secret: view.secret === true });
      else waiting.delete(reference);
    },

    of(root: string): { readonly secret: boolean } | undefined {
      const reference = waiting.keys().find((each) => roots.of(each) === root);
      return reference === undefined ? undefined : waiting.get(reference);
    },

    /** Whether one waits in that thread, which has the id of the message that it hangs on. */
    waitIn: (thread: string): boolean =>
      waiting.keys().some((reference) => parseReference(roots.of(reference)).message === thread),
  };
}
