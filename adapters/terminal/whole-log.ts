// A log that a screen cannot hold is written to a file beside the other data, and its path is shown.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogView } from '../../core/ports/chat.ts';
import { logLinesOnScreen } from './views/list-cards.ts';

/** The file's path; null when the screen shows all of it, or there is no place to write to. */
export async function writeWholeLog(view: LogView, folder: string | null): Promise<string | null> {
  if (folder === null || view.text.split('\n').length - 1 <= logLinesOnScreen) return null;
  const file = join(folder, `task-${view.task}-step-${view.step}-attempt-${view.attempt}.log`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, view.text, { mode: 0o600 });
    return file;
  } catch {
    return null;
  }
}
