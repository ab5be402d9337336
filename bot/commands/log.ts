// `npm start -- log <task>`: the whole output of a task on standard output, however long it is.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { safeLines } from '../../core/chat/safe-text.ts';
import { ChiffonError } from '../../core/error.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { openDataFolder, openSettingsStore } from '../compose.ts';
import { whyNoLog } from '../conversation/reports/log.ts';
import type { Settings } from '../settings.ts';
import { attemptsOf, streamOutput } from '../stream-log.ts';

/** Exit code 0 when something was printed. Throws NO_SUCH_TASK when there is nothing to print. */
export async function logCommand(settings: Settings, task: TaskId, step: number | null): Promise<number> {
  await openDataFolder(settings);
  const store = await openSettingsStore(settings);
  try {
    const source = Readable.from(wholeLog(store, task, step), { objectMode: true, highWaterMark: 1 });
    await pipeline(source, process.stdout, { end: false }).catch((error: unknown) => {
      // A reader that goes away, as `| head` does, has read what it wanted.
      if (!isGoneReader(error)) throw error;
    });
    return 0;
  } finally {
    await store.close();
  }
}

async function* wholeLog(store: Store, task: TaskId, step: number | null): AsyncGenerator<string> {
  if ((await store.versionOf(task)) === 0 || task === 0)
    throw new ChiffonError('NO_SUCH_TASK', `There is no task #${task}; \`history\` in the chat lists the tasks.`);
  const attempts = await attemptsOf(store, task, step);
  if (attempts.length === 0) throw new ChiffonError('NO_SUCH_TASK', whyNoLog(task, step));
  const forScreen = process.stdout.isTTY === true;
  let hasPrinted = false;
  for (const each of attempts) {
    // Beside the output and not in it: what is piped on is what was printed.
    let headed = attempts.length === 1;
    for await (const text of streamOutput(store, each)) {
      if (!headed) process.stderr.write(`— #${task}, step ${each.step}, attempt ${each.attempt}\n`);
      headed = true;
      hasPrinted = true;
      yield forScreen ? safeLines(text).join('\n') : text;
    }
  }
  if (!hasPrinted) throw new ChiffonError('NO_SUCH_TASK', `Task #${task} has printed nothing.`);
}

function isGoneReader(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
