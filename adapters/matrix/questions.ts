// The questions that wait, by their task's first message: what is said in its thread may be the answer.
import { makeRecent } from '../../core/chat/recent.ts';
import type { TaskId } from '../../core/ids.ts';
import type { View } from '../../core/ports/chat.ts';

export type Questions = ReturnType<typeof makeQuestions>;
type Question = { readonly task: TaskId; readonly number: number; readonly secret: boolean };

const rememberedAtMost = 2_000;

export function makeQuestions() {
  const byTask = makeRecent<Question>(rememberedAtMost);
  const tasks = makeRecent<string>(rememberedAtMost);

  return {
    /** `root`: the task's first message, which may be the question itself. */
    shown(root: string, view: View): void {
      if (view.type !== 'question') return;
      const task = String(view.task);
      tasks.set(root, task);
      if (view.closed === null)
        byTask.set(task, { task: view.task, number: view.number, secret: view.secret === true });
      else if (byTask.get(task)?.number === view.number) byTask.delete(task);
    },
    of: (root: string): Question | undefined => byTask.get(tasks.get(root) ?? ''),
    ofTask: (task: number): Question | undefined => byTask.get(String(task)),
  };
}
