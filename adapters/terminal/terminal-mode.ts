// Takes the terminal over while the chat is open (each key by itself, pastes marked), and gives it back however it ends.
import type { TerminalInput, TerminalOutput } from './face.ts';

type Parts = {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  /** Draws again after the program was stopped and continued. */
  readonly redraw: () => void;
  /** Takes away what is drawn at the bottom. */
  readonly clear: () => void;
};

export type TerminalMode = { readonly take: () => void; readonly giveBack: () => void };

const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

export function makeTerminalMode({ input, output, signals, redraw, clear }: Parts): TerminalMode {
  const enter = (): void => {
    input.setRawMode?.(true);
    output.write(pasteOn);
  };
  const onContinue = (): void => {
    enter();
    redraw();
  };
  const giveBack = (): void => {
    signals.off('SIGCONT', onContinue);
    signals.off('exit', giveBack);
    clear();
    output.write(pasteOff);
    input.setRawMode?.(false);
  };
  return {
    take: () => {
      signals.on('SIGCONT', onContinue);
      signals.on('exit', giveBack);
      enter();
    },
    giveBack,
  };
}
