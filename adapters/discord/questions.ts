// The questions that wait, by their task's first message: what is said in its thread may be the answer.
import type { OpenQuestion, OpenQuestions } from '../../core/chat/open-questions.ts';
import { parseReference } from './reference.ts';

export type Questions = ReturnType<typeof makeQuestions>;

export function makeQuestions(open: OpenQuestions) {
  return {
    of: (root: string): OpenQuestion | undefined => open.of(root),

    /** Whether one waits in that thread, which has the id of the message that it hangs on. */
    waitIn: (thread: string): boolean =>
      open.all().some(({ roots }) => roots.some((root) => parseReference(root).message === thread)),
  };
}
