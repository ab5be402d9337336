// The questions that wait for an answer, by the task and by its first message: what is said in its thread may be the answer. They are
// kept for a chat's next life, for what was said meanwhile is heard before anything is looked at, and by then a secret has to be
// known for one.
import { z } from 'zod';
import { toActorId, toTaskId } from '../ids.ts';
import type { ChatMemory, View } from '../ports/chat.ts';
import { makeQueue } from '../queue.ts';
import { makeRecent } from './recent.ts';

export type OpenQuestions = Awaited<ReturnType<typeof recallOpenQuestions>>;
export type OpenQuestion = z.infer<typeof keptSchema>[number];

const rememberedAtMost = 1_000;
/** A card that was posted again, as in a room that took the place of another, begins another thread. */
const rootsAtMost = 5;
const memoryKey = 'open-questions';
const keptSchema = z.array(
  z
    .object({
      task: z.number().int().positive().transform(toTaskId),
      number: z.number().int().positive(),
      secret: z.boolean(),
      /** Whose answer it waits for, where it is a secret. */
      requester: z.string().min(1).transform(toActorId),
      /** References of the task's first message, or what names it while it is on its way. */
      roots: z.array(z.string()).readonly(),
    })
    .readonly(),
);

export async function recallOpenQuestions(memory: Pick<ChatMemory, 'recall' | 'keep'>) {
  const open = makeRecent<OpenQuestion>(rememberedAtMost);
  const inTurn = makeQueue();
  let kept = (await memory.recall(memoryKey)) ?? '[]';
  for (const question of keptSchema.safeParse(JSON.parse(kept)).data ?? []) open.set(String(question.task), question);

  const all = (): readonly OpenQuestion[] => open.keys().flatMap((task) => open.get(task) ?? []);

  const keep = (): Promise<void> =>
    inTurn(async () => {
      const now = JSON.stringify(all());
      if (now === kept) return;
      await memory.keep(memoryKey, now);
      kept = now;
    });

  return {
    all,
    of: (root: string): OpenQuestion | undefined => all().find(({ roots }) => roots.includes(root)),
    ofTask: (task: number): OpenQuestion | undefined => open.get(String(task)),

    /**
     * What people see by now, or will see in a moment. Resolves when it is kept.
     * @param root the reference of the task's first message, which may be the question itself, or what names it on its way
     */
    async shown(root: string, view: View): Promise<void> {
      if (view.type !== 'question' && !isPast(view)) return;
      const task = String(view.task);
      const before = open.get(task);
      if (view.type === 'question' && view.closed === null) {
        const roots = [...(before?.roots ?? []).filter((each) => each !== root), root].slice(-rootsAtMost);
        const { task: id, number, requester } = view;
        open.set(task, { task: id, number, requester, secret: view.secret === true, roots });
      } else if (view.type !== 'question' || before?.number === view.number) open.delete(task);
      await keep();
    },
  };
}

/** A task with a plan that waits, or a result, asks nothing. */
function isPast(view: View): view is Extract<View, { type: 'plan' | 'result' }> {
  return view.type === 'result' || (view.type === 'plan' && view.standing === 'open');
}
