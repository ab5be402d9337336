// One line being typed. Node's readline does the editing (history, words, kill and yank) without ever writing to the
// screen: its input and output are empty, keys are handed to it one by one, and the prompt is drawn by interactive-face.ts.
import type { Key } from 'node:readline';
import { createInterface, emitKeypressEvents } from 'node:readline';
import type { Readable } from 'node:stream';
import { PassThrough, Writable } from 'node:stream';
import { belongsInHistory, historyLinesAtMost } from './history.ts';

/** Stands for a line break inside the one line that readline edits; of the private use area, so nobody types it. */
export const lineBreakMark = '\ue00a';
/** Far over what core takes; what is typed beyond is let go, for every key costs as much as the line is long. */
const charactersAtMost = 10_000;

export type EditorEvents = {
  readonly submit: (text: string) => void;
  readonly interrupt: () => void;
  /** Ctrl-D on an empty line. */
  readonly leave: () => void;
  readonly complete: () => void;
  readonly redraw: () => void;
  /** A key was handled; `wasCut` when not all of it was taken. */
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
  let typed = '';

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

  const take = (text: string): void => {
    const room = Math.max(0, charactersAtMost - readline.line.length);
    insert(text.slice(0, room));
    events.change(text.length > room);
  };
  /** Characters that come together go in together: each insertion costs as much as the line is long. */
  const takeTyped = (): void => {
    const text = typed;
    typed = '';
    if (text !== '') take(text);
  };
  const onPasteKey = (character: string | undefined, key: Key): void => {
    if (key.name === 'paste-end') {
      const text = pasted ?? '';
      pasted = null;
      take(text.replace(/[\r\n]+$/, ''));
    } else if (isCtrl(key, 'c')) {
      pasted = null;
      onKey(character, key);
    } else if (pasted !== null && pasted.length <= charactersAtMost) pasted += key.sequence ?? character ?? '';
  };
  const onKey = (character: string | undefined, key: Key): void => {
    if (pasted !== null) {
      onPasteKey(character, key);
      return;
    }
    if (isText(character, key)) {
      if (events.grab(character)) return;
      if (typed === '') queueMicrotask(takeTyped);
      if (typed.length <= charactersAtMost) typed += character;
      return;
    }
    takeTyped();
    if (key.name === 'paste-start') pasted = '';
    else if (isCtrl(key, 'c')) events.interrupt();
    else if (!events.grab('')) edit(character, key);
    events.change(false);
  };
  const edit = (character: string | undefined, key: Key): void => {
    if (isCtrl(key, 'd') && readline.line === '') events.leave();
    else if (isCtrl(key, 'l')) events.redraw();
    else if (key.name === 'tab') events.complete();
    else if (key.name === 'return' && key.meta === true) insert('\n');
    // Ctrl-Z would stop a running step together with the chat.
    else if (!isCtrl(key, 'z') && key.name !== 'paste-end') readline.write(character ?? '', key);
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

function isText(character: string | undefined, key: Key): character is string {
  const plain = key.ctrl !== true && key.meta !== true;
  return plain && character !== undefined && character >= ' ' && character !== '\u007f';
}

function isCtrl(key: Key, name: string): boolean {
  return key.ctrl === true && key.meta !== true && key.name === name;
}

function marked(text: string): string {
  return text.replace(/\r\n|[\r\n\u2028\u2029]/g, lineBreakMark);
}

function unmarked(line: string): string {
  return line.replaceAll(lineBreakMark, '\n');
}
