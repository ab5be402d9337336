// What an attempt printed, as one text that a chat can show or attach.
import type { RunId, TaskId } from '../core/ids.ts';
import type { LogView } from '../core/ports/chat.ts';
import type { OutputStore } from '../core/ports/event-log.ts';
import type { Attempt } from '../core/task/state.ts';

const chunkPage = 500;
/** A chat is no pager: a longer log is cut here, its beginning left out, and says so. */
const charactersAtMost = 8_000_000;

export async function readLog(
  store: OutputStore,
  task: TaskId,
  run: RunId,
  { step, attempt, phase }: Pick<Attempt, 'step' | 'attempt' | 'phase'>,
): Promise<LogView> {
  const kept: string[] = [];
  let [length, after, dropped] = [0, 0, 0];
  for (;;) {
    const chunks = await store.readOutput(run, step, attempt, after, chunkPage);
    for (const chunk of chunks) {
      kept.push(chunk.text);
      length += chunk.text.length;
      while (length > charactersAtMost && kept.length > 1) {
        const first = kept.shift() ?? '';
        length -= first.length;
        dropped += first.split('\n').length - 1;
      }
    }
    const last = chunks.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  const { lines } = await store.outputExtent(run, step, attempt);
  const complete = phase === 'finished' || phase === 'refused';
  return { type: 'log', task, step, attempt, text: kept.join(''), from: dropped, lines, complete };
}
