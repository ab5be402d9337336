// All that a task printed, in all attempts and without a cap, a page at a time: whoever takes it decides how fast it is read.
import type { RunId, TaskId } from '../core/ids.ts';
import type { EventLog, OutputStore } from '../core/ports/event-log.ts';

export type LoggedAttempt = { readonly run: RunId; readonly step: number; readonly attempt: number };

const chunkPage = 10;

/** The attempts of a task in the order in which they were handed out, those of a run that was given up among them. */
export async function attemptsOf(
  log: Pick<EventLog, 'readTask'>,
  task: TaskId,
  step: number | null,
): Promise<readonly LoggedAttempt[]> {
  const granted = await log.readTask(task, ['attempt.granted']);
  return granted.flatMap(({ event }) =>
    event.type === 'attempt.granted' && (step === null || event.step === step) ? [event] : [],
  );
}

/** What an attempt printed, in pieces of whole lines. */
export async function* streamOutput(
  store: Pick<OutputStore, 'readOutput'>,
  { run, step, attempt }: LoggedAttempt,
): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const chunks = await store.readOutput(run, step, attempt, after, chunkPage);
    const last = chunks.at(-1);
    if (last === undefined) return;
    for (const { text } of chunks) yield text;
    after = last.seq;
  }
}
