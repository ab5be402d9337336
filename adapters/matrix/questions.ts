// The questions that wait, and for whom: what is said in a question's thread may be its answer, a secret among them.
import type { OpenQuestion, OpenQuestions } from '../../core/chat/open-questions.ts';
import type { ActorId } from '../../core/ids.ts';
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

    /** One for a secret that is asked of this person, in whatever room. */
    secretOf: (person: ActorId): OpenQuestion | undefined =>
      open.all().find(({ secret, requester }) => secret && requester === person),
  };
}
