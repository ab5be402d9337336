// Leading-edge pacing: at once when it has been quiet, and never more often than the pace. For output and progress.

export type Pace = {
  /** Calls `flush` now, or when the pause is over. */
  readonly ask: () => void;
  readonly stop: () => void;
};

export function makePace(everyMs: number, flush: () => void): Pace {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    timer = undefined;
    last = performance.now();
    flush();
  };
  return {
    ask: () => {
      if (timer !== undefined) return;
      const left = last + everyMs - performance.now();
      if (left <= 0) run();
      else timer = setTimeout(run, left);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
