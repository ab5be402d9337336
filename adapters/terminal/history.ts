// The lines that were typed, newest first, kept between starts in a file that only its owner can read.
// What looks like a secret is never kept, not even for this session.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { redactText } from '../../core/redaction/redactor.ts';

export const historyLinesAtMost = 500;
const charactersAtMost = 4_000;
const secretWords =
  /pass(?:word|phrase|wd|code)|\bpwd\b|secret|token|credential|api[-_ ]?key|private[-_ ]?key|\bpin\b/i;

export type History = {
  readonly load: () => Promise<string[]>;
  /** Keeps these lines, newest first, from now on. Never fails: a history is a convenience. */
  readonly save: (lines: readonly string[]) => void;
  /** Resolves when what was to be kept has been written. */
  readonly settled: () => Promise<void>;
};

export function belongsInHistory(line: string): boolean {
  return line.trim() !== '' && line.length <= charactersAtMost && !secretWords.test(line) && redactText(line) === line;
}

/** `file` null keeps nothing. A line of the file is a JSON string, the newest last. */
export function makeHistory(file: string | null): History {
  let writing: Promise<void> = Promise.resolve();
  let next: readonly string[] | null = null;

  const write = async (path: string): Promise<void> => {
    if (next === null) return;
    const lines = next.slice(0, historyLinesAtMost).filter(belongsInHistory).toReversed();
    next = null;
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };

  return {
    load: async () => {
      if (file === null) return [];
      const text = await readFile(file, 'utf8').catch(() => '');
      return text.split('\n').flatMap(parsedLine).slice(-historyLinesAtMost).toReversed();
    },
    save: (lines) => {
      if (file === null) return;
      next = [...lines];
      writing = writing.then(() => write(file)).catch(() => {});
    },
    settled: () => writing,
  };
}

function parsedLine(line: string): string[] {
  if (line === '') return [];
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' && belongsInHistory(value) ? [value] : [];
  } catch {
    return [];
  }
}
