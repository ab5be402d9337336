// The questions that wait, and in which rooms: what is said in a question's thread may be its answer, a secret among them.
import type { OpenQuestion, OpenQuestions } from '../../core/chat/open-questions.ts';
import type { OwnMessages } from './own-messages.ts';
import { parseReference } from './reference.ts';

export type Questions = ReturnType<typeof makeQuestions>;

export function makeQuestions(open: OpenQuestions, own: Pick<OwnMessages, 'of'>) {
  return {
    ofTask: open.ofTask,

    /** `root`: of its task's first message. An earlier life may have ended before it knew that message by more than its key. */
    async of(root: string): Promise<OpenQuestion | undefined> {
      return open.of(root) ?? open.of((await own.of(parseReference(root)))?.key ?? '');
    },

    /** One for a secret that was asked in that room. */
    secretIn: (room: string): OpenQuestion | undefined =>
      open.all().find(({ secret, roots }) => secret && roots.some((root) => parseReference(root).room === room)),
  };
}
