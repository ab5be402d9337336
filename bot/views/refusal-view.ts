// Any "no" as people see it: one sentence, a code that can be looked up, and what to do.
import type { Refusal } from '../../core/error.ts';
import { ChiffonError, errorCode, errorTable } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { RefusalView } from '../../core/ports/chat.ts';

export function refusalView(
  task: TaskId | null,
  why: Pick<Refusal, 'kind' | 'message'>,
  nearest: readonly string[] = [],
): RefusalView {
  return {
    type: 'refusal',
    task,
    code: errorCode(why.kind),
    text: why.message,
    advice: errorTable[why.kind].advice,
    nearest,
  };
}

export function faultView(task: TaskId | null, error: unknown): RefusalView {
  if (error instanceof ChiffonError) return refusalView(task, error);
  return refusalView(task, { kind: 'INTERNAL', message: 'Something broke that should not have; nothing was decided.' });
}
