// A real terminal emulator for the tests: what a person would see of the bytes that the program writes.
import { Writable } from 'node:stream';
import xterm from '@xterm/headless';

export type Emulator = {
  /** A terminal's side of standard output. */
  readonly output: Writable & { columns: number; rows: number; isTTY: true };
  readonly write: (bytes: Uint8Array | string) => Promise<void>;
  /** All lines from the first one that scrolled away, without empty ones at the end. */
  readonly lines: () => string[];
  /** The lines that are on the screen now. */
  readonly screen: () => string[];
  /** The line that the cursor stands in, and its column. */
  readonly cursor: () => { readonly line: string; readonly column: number };
  readonly resize: (columns: number, rows: number) => void;
};

export function makeEmulator(columns: number, rows: number): Emulator {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 5_000, allowProposedApi: true });
  const write = (bytes: Uint8Array | string): Promise<void> => new Promise((resolve) => terminal.write(bytes, resolve));
  const output = Object.assign(
    new Writable({
      write: (chunk: Uint8Array, _encoding, done) => {
        terminal.write(chunk, () => done());
      },
    }),
    { columns, rows, isTTY: true as const },
  );
  const lineAt = (row: number): string => terminal.buffer.active.getLine(row)?.translateToString(true).trimEnd() ?? '';
  const range = (from: number, to: number): string[] => {
    const lines = Array.from({ length: to - from }, (_, index) => lineAt(from + index));
    return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
  };

  return {
    output,
    write,
    lines: () => range(0, terminal.buffer.active.length),
    screen: () => range(terminal.buffer.active.baseY, terminal.buffer.active.baseY + terminal.rows),
    cursor: () => {
      const { baseY, cursorY, cursorX } = terminal.buffer.active;
      return { line: lineAt(baseY + cursorY), column: cursorX };
    },
    resize: (toColumns, toRows) => {
      terminal.resize(toColumns, toRows);
      output.columns = toColumns;
      output.rows = toRows;
      output.emit('resize');
    },
  };
}
