// One line being typed. Node's readline does the editing (history, words, kill and yank) without ever writing to the
// screen: its input and output are empty, keys are handed to it one by one, and the prompt is drawn by interactive-face.ts.
import type { Key } from 'node:readline';
import { createInterface, emitKeypressEvents } from 'node:readline';
import type { Readable } from 'node:stream';
import { PassThrough, Writable } from 'node:stream';
import { belongsInHistory, historyLinesAtMost } from './history.ts';

/** Stands for a line break inside the one line that readline edits; of the private use area, so nobody types it. */
export const lineBreakMark = '\ue00a';
const pasteCharactersAtMost = 20_000;

export type EditorEvents = {
  readonly submit: (text: string) => void;
  readonly interrupt: () => void;
  /** Ctrl-D on an empty line. */
  readonly leave: () => void;
  readonly complete: () => void;
  readonly redraw: () => void;
  /** A key was handled; `wasCut` when a paste was longer than is taken. */
  readonly change: (wasCut: boolean) => void;
  readonly keep: (history: readonly string[]) => void;
  /** Takes the key away from the line, e.g. to answer a question. */
  readonly grab: (key: string) => boolean;
  /** The line is a secret: it is shown as dots and kept nowhere. */
  readonly secret: () => boolean;
};

export type LineEditor = {
  readonly line: () => string;
  /** Characters before the cursor. */
  readonly cursor: () => number;
  readonly insert: (text: string) => void;
  readonly clear: () => void;
  readonly close: () => void;
};

export function makeLineEditor(input: Readable, history: readonly string[], events: EditorEvents): LineEditor {
  const readline = createInterface({
    input: new PassThrough(),
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: true,
    prompt: '',
    history: history.map(marked),
    historySize: historyLinesAtMost,
    removeHistoryDuplicates: true,
  });
  let pasted: string | null = null;

  readline.on('history', (lines) => {
    const [newest] = lines;
    if (newest !== undefined && (events.secret() || !belongsInHistory(unmarked(newest)))) lines.shift();
    events.keep(lines.map(unmarked));
  });
  readline.on('line', (line) => events.submit(unmarked(line)));

  const clear = (): void => {
    readline.write(null, { ctrl: true, name: 'e' });
    readline.write(null, { ctrl: true, name: 'u' });
  };
  const insert = (text: string): void => readline.write(marked(text));

  const endPaste = (text: string): void => {
    insert(text.slice(0, pasteCharactersAtMost).replace(/[\r\n]+$/, ''));
    events.change(text.length > pasteCharactersAtMost);
  };
  const onKey = (character: string | undefined, key: Key): void => {
    const ctrl = key.ctrl === true && key.meta !== true;
    if (key.name === 'paste-start') {
      pasted = '';
      return;
    }
    if (pasted !== null) {
      if (key.name === 'paste-end' || (ctrl && key.name === 'c')) {
        const text = pasted;
        pasted = null;
        if (key.name === 'paste-end') {
          endPaste(text);
          return;
        }
      } else {
        if (pasted.length <= pasteCharactersAtMost) pasted += key.sequence ?? character ?? '';
        return;
      }
    }
    if (ctrl && key.name === 'c') events.interrupt();
    else if (!events.grab(character ?? '')) edit(character, key, ctrl);
    events.change(false);
  };
  const edit = (character: string | undefined, key: Key, ctrl: boolean): void => {
    if (ctrl && key.name === 'd' && readline.line === '') events.leave();
    else if (ctrl && key.name === 'l') events.redraw();
    else if (key.name === 'tab') events.complete();
    else if (key.name === 'return' && key.meta === true) insert('\n');
    // Ctrl-Z would stop a running step together with the chat.
    else if (!(ctrl && key.name === 'z') && key.name !== 'paste-end') readline.write(character ?? '', key);
  };
  emitKeypressEvents(input);
  input.on('keypress', onKey);

  return {
    line: () => readline.line,
    cursor: () => readline.cursor,
    insert,
    clear,
    close: () => {
      input.off('keypress', onKey);
      readline.close();
    },
  };
}

function marked(text: string): string {
  return text.replace(/\r\n|[\r\n\u2028\u2029]/g, lineBreakMark);
}

function unmarked(line: string): string {
  return line.replaceAll(lineBreakMark, '\n');
}
