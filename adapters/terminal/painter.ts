// When the screen is drawn: soon after a key or a message, about twelve times a second while something moves, and
// never while the terminal is still busy with the drawing before.
import type { TerminalOutput } from './face.ts';
import type { Frame, Screen } from './screen.ts';

type Parts = {
  readonly output: TerminalOutput;
  readonly screen: Screen;
  readonly frame: () => Frame;
  /** True while something on the screen changes by itself. */
  readonly moving: () => boolean;
};

export type Painter = {
  /** Puts lines above the prompt for good. Waits while more than a terminal can take is queued. */
  readonly print: (lines: readonly string[]) => Promise<void>;
  /** Something below changed: draws it once in this turn of the event loop, however often it is called. */
  readonly soon: () => void;
  readonly now: () => void;
  /** What moves by itself has news: drawn with the next picture of it. */
  readonly moved: () => void;
  /** The terminal has another size: draws again when it keeps it. */
  readonly resized: () => void;
  /** Draws a last time. */
  readonly finish: () => void;
  readonly stop: () => void;
};

const paceMs = 83;
const sizeKeptMs = 80;
const linesWaitingAtMost = 5_000;

export function makePainter({ output, screen, frame, moving }: Parts): Painter {
  let above: string[] = [];
  let room: (() => void)[] = [];
  let scheduled = false;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let resizing: NodeJS.Timeout | null = null;

  const now = (): void => {
    scheduled = false;
    if (stopped || resizing !== null || output.writableNeedDrain === true) return;
    draw();
    animate();
    release();
  };
  const draw = (): void => {
    const lines = above;
    above = [];
    screen.draw(frame(), lines);
  };
  const soon = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(now);
  };
  const animate = (): void => {
    if (moving() && timer === null) timer = setInterval(now, paceMs);
    if (!moving() && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
  const release = (): void => {
    const woken = room;
    room = [];
    for (const resolve of woken) resolve();
  };
  const stop = (): void => {
    stopped = true;
    if (timer !== null) clearInterval(timer);
    if (resizing !== null) clearTimeout(resizing);
    output.off('drain', soon);
    release();
  };
  output.on('drain', soon);

  return {
    print: async (lines) => {
      if (stopped) return;
      above.push(...lines);
      soon();
      while (!stopped && above.length > linesWaitingAtMost) await new Promise<void>((resolve) => room.push(resolve));
    },
    soon,
    now,
    moved: () => {
      if (timer === null) soon();
    },
    resized: () => {
      if (resizing !== null) clearTimeout(resizing);
      resizing = setTimeout(() => {
        resizing = null;
        now();
      }, sizeKeptMs);
    },
    finish: () => {
      if (!stopped) draw();
      stop();
    },
    stop,
  };
}
