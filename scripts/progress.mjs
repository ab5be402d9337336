// Tells on standard error how the installation goes, for standard output belongs to the program. On a terminal one live
// line; elsewhere a line at the start, every ten seconds and at the end.
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const frames = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];

/** @typedef {{ done: (what: string) => void, failed: () => void }} Job */

/** @param {{ live?: boolean, write?: (text: string) => void, lineEveryMs?: number }} [options] */
export function openProgress({
  live = isatty(2) && process.env.TERM !== 'dumb',
  write = writeError,
  lineEveryMs = 10_000,
} = {}) {
  /** @type {Map<string, number>} what goes on, since when */
  const jobs = new Map();
  let frame = 0;
  const clear = live ? '\r\x1b[2K' : '';
  const state = () => [...jobs].map(([what, since]) => `${what}, ${seconds(since)}`);
  const draw = () => {
    if (jobs.size === 0) return;
    if (!live)
      return write(
        `${state()
          .map((line) => `… ${line}\n`)
          .join('')}`,
      );
    frame = (frame + 1) % frames.length;
    const line = `${frames[frame]} ${state().join('; ')}`;
    write(clear + line.slice(0, (process.stderr.columns || 80) - 1));
  };
  const timer = setInterval(draw, live ? 100 : lineEveryMs);
  timer.unref();

  return {
    /** @param {string} what e.g. "installing the dependencies" @returns {Job} */
    begin(what) {
      const since = performance.now();
      jobs.set(what, since);
      if (live) draw();
      else write(`… ${what}\n`);
      return {
        done(line) {
          jobs.delete(what);
          write(`${clear}✔ ${line} in ${seconds(since)}\n`);
          if (live) draw();
        },
        failed() {
          jobs.delete(what);
          write(`${clear}✘ ${what} failed after ${seconds(since)}\n`);
          if (live) draw();
        },
      };
    },
    /** A line of its own. @param {string} line */
    say(line) {
      write(`${clear}${line}\n`);
      if (live) draw();
    },
    close() {
      clearInterval(timer);
      if (jobs.size > 0) write(clear);
    },
  };
}

/** @typedef {ReturnType<typeof openProgress>} Progress */

/** @param {number} since */
function seconds(since) {
  return `${Math.round((performance.now() - since) / 1000)} s`;
}

/** @param {string} text */
function writeError(text) {
  try {
    writeSync(2, text);
  } catch {
    // A full or closed pipe: progress is not worth dying for.
  }
}
