// The terminal with a person before it: what is said stays above, what happens now and the prompt stay below.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskId } from '../../core/ids.ts';
import type { Incoming, LogView, ProgressView, View } from '../../core/ports/chat.ts';
import { complete } from './complete.ts';
import type { Face, TerminalInput, TerminalOutput } from './face.ts';
import { makeHistory } from './history.ts';
import type { LineEditor } from './line-editor.ts';
import { makeLineEditor } from './line-editor.ts';
import type { Look } from './look.ts';
import { paint } from './look.ts';
import { promptMark, promptRows } from './prompt-rows.ts';
import { clip, safeLine, safeLines, wrap } from './safe-text.ts';
import type { Frame } from './screen.ts';
import { makeScreen } from './screen.ts';
import { logLinesOnScreen } from './views/list-cards.ts';
import { planStanding } from './views/plan-card.ts';
import { endedLine, hasEnded, liveLines } from './views/progress-lines.ts';
import { renderView } from './views/render-view.ts';

type Parts = {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly historyFile: string | null;
  readonly logFolder: string | null;
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  readonly look: () => Look;
  readonly incoming: (text: string) => Incoming;
  /** True when it counted: of two at once only the first does. */
  readonly interrupt: () => boolean;
};

/** About 12 drawings a second while something moves. */
const paceMs = 83;
const leaveAgainMs = 2_000;
const busyAfterMs = 300;
const linesWaitingAtMost = 5_000;
const placeholders = {
  idle: 'ask for a change in your own words, or type help',
  plan: 'approve, reject <reason> or change <what>',
  question: 'a number or the answer',
  secret: 'the answer; it is not shown',
};

type Asked = {
  readonly text: string;
  readonly choices: readonly string[];
  readonly answer: (choice: string | null) => void;
};

export function makeInteractiveFace(parts: Parts): Face {
  const { input, output, signals, look } = parts;
  const history = makeHistory(parts.historyFile);
  const screen = makeScreen(output, () => look().width);
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const live = new Map<TaskId, ProgressView>();
  const settledSteps = new Map<TaskId, Set<number>>();
  const tasks = new Set<number>();
  let editor: LineEditor | null = null;
  let above: string[] = [];
  let hint = '';
  let asked: Asked | null = null;
  let waitingFor: 'idle' | 'plan' | 'question' | 'secret' = 'idle';
  let busySince: number | null = null;
  let leaveUntil = 0;
  let tick = 0;
  let timer: NodeJS.Timeout | null = null;
  let scheduled = false;
  let closed = false;
  let handling: Promise<void> = Promise.resolve();
  const drained: (() => void)[] = [];

  const draw = (): void => {
    scheduled = false;
    if (closed || output.writableNeedDrain) return;
    const lines = above;
    above = [];
    screen.draw(frame(), lines);
    for (const resolve of drained.splice(0)) resolve();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(draw);
  };
  const animate = (): void => {
    const moving = live.size > 0 || busySince !== null;
    if (moving && timer === null) {
      timer = setInterval(() => {
        tick += 1;
        draw();
      }, paceMs);
    }
    if (!moving && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
  const print = async (lines: readonly string[]): Promise<void> => {
    above.push(...lines);
    schedule();
    if (above.length > linesWaitingAtMost) await new Promise<void>((resolve) => drained.push(resolve));
  };

  function frame(): Frame {
    if (editor === null) return { rows: [], cursor: null };
    const now = look();
    const rowsAtMost = Math.max(4, (output.rows ?? 24) - 1);
    const typed =
      asked === null
        ? promptRows(now, {
            line: editor.line(),
            cursor: editor.cursor(),
            secret: waitingFor === 'secret',
            placeholder: placeholders[waitingFor],
            rowsAtMost: Math.max(2, Math.floor(rowsAtMost / 2)),
          })
        : askRows(now, asked);
    const below = hint === '' ? [] : wrap(hint, now.width - 2).map((part) => `  ${paint(now, 'dim', part)}`);
    const room = rowsAtMost - typed.rows.length - below.length - 1;
    const moving = clipped(liveRows(now), room, now);
    const rows = ['', ...moving, ...(moving.length > 0 && room > moving.length ? [''] : []), ...typed.rows, ...below];
    const offset = rows.length - typed.rows.length - below.length;
    return {
      rows,
      cursor: typed.cursor === null ? null : { row: typed.cursor.row + offset, column: typed.cursor.column },
    };
  }

  function liveRows(now: Look): string[] {
    const rows = [...live.values()].flatMap((view) =>
      view.steps.filter((step) => !hasEnded(step)).flatMap((step) => liveLines(view, step, now, tick)),
    );
    if (rows.length === 0 && busySince !== null && now.now.getTime() - busySince > busyAfterMs) {
      return [`${paint(now, 'cyan', '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'[tick % 10] ?? '')} ${paint(now, 'dim', 'working on it')}`];
    }
    return rows;
  }

  const progress = async (view: ProgressView): Promise<void> => {
    const settled = settledSteps.get(view.task) ?? new Set<number>();
    settledSteps.set(view.task, settled);
    const lines: string[] = [];
    for (const step of view.steps) {
      if (!hasEnded(step) || settled.has(step.number)) continue;
      settled.add(step.number);
      lines.push(endedLine(view, step, look()));
    }
    if (view.steps.every(hasEnded)) live.delete(view.task);
    else live.set(view.task, view);
    animate();
    if (lines.length > 0) await print(lines);
  };

  const note = (view: View): void => {
    busySince = null;
    if ('task' in view && view.task !== null && view.task > 0) tasks.add(view.task);
    if (view.type === 'tasks') for (const row of view.tasks) tasks.add(row.task);
    if (view.type === 'plan') waitingFor = view.standing === 'open' ? 'plan' : 'idle';
    if (view.type === 'question') waitingFor = 'question';
    if (view.type === 'result') {
      live.delete(view.task);
      settledSteps.delete(view.task);
    }
    animate();
  };

  const show = async (view: View): Promise<void> => {
    note(view);
    if (view.type === 'progress') return progress(view);
    const file = view.type === 'log' ? await wholeLog(view, parts.logFolder) : null;
    const lines = renderView(view, look(), { linesAtMost: logLinesOnScreen, file });
    await print(view.type === 'notice' ? lines : ['', ...lines]);
  };

  const submit = (handle: (incoming: Incoming) => Promise<void>, text: string): void => {
    const shown = waitingFor === 'secret' ? '•••' : text;
    const now = look();
    const rows = safeLines(shown).flatMap((line) => wrap(line, now.width - 2));
    void print(['', ...rows.map((row, index) => `${index === 0 ? paint(now, 'cyan', promptMark) : '  '}${row}`)]);
    if (waitingFor !== 'plan') waitingFor = 'idle';
    busySince = now.now.getTime();
    animate();
    handling = handling.then(() => handle(parts.incoming(text)));
    handling.catch(fail);
  };

  const interrupt = (): void => {
    if (asked !== null) {
      const waiting = asked;
      if (!parts.interrupt()) return;
      waiting.answer(null);
      return;
    }
    const typed = editor !== null && editor.line() !== '';
    if (typed) editor?.clear();
    if (live.size > 0 || leaveUntil > Date.now()) {
      parts.interrupt();
      return;
    }
    if (typed) return;
    leaveUntil = Date.now() + leaveAgainMs;
    hint = 'Ctrl-C once more leaves; what waits stays parked.';
  };

  const grab = (key: string): boolean => {
    if (asked === null) return false;
    const choice = asked.choices.find((word) => word.startsWith(key.toLowerCase()) && key !== '');
    if (choice !== undefined) asked.answer(choice);
    return true;
  };

  const completeLine = (): void => {
    if (editor === null) return;
    const { insert, choices } = complete(editor.line().slice(0, editor.cursor()), [...tasks]);
    if (insert !== '') editor.insert(insert);
    hint = insert === '' ? choices.join('  ') : '';
  };

  const onResize = (): void => draw();
  const onContinue = (): void => {
    input.setRawMode?.(true);
    output.write(pasteOn);
    draw();
  };
  const restore = (): void => {
    screen.clear();
    output.write(pasteOff);
    input.setRawMode?.(false);
  };
  const onExit = (): void => {
    if (!closed && editor !== null) restore();
  };
  output.on('drain', draw);
  output.on('error', () => {
    closed = true;
    for (const resolve of drained.splice(0)) resolve();
    end();
  });

  return {
    start: async (handle) => {
      const lines = await history.load();
      input.setRawMode?.(true);
      output.write(pasteOn);
      editor = makeLineEditor(input, lines, {
        submit: (text) => {
          if (text.trim() !== '') submit(handle, text);
        },
        interrupt,
        leave: end,
        complete: completeLine,
        redraw: () => screen.wipe(),
        change: (wasCut) => {
          if (wasCut) hint = 'The paste was too long; only its beginning was taken.';
          schedule();
        },
        keep: history.save,
        grab: (key) => {
          hint = '';
          return grab(key);
        },
        secret: () => waitingFor === 'secret',
      });
      input.on('end', end);
      input.on('error', end);
      output.on('resize', onResize);
      signals.on('SIGCONT', onContinue);
      signals.on('exit', onExit);
      input.resume();
      draw();
    },
    post: (_conversation, view) => show(view),
    update: async (_conversation, view) => {
      if (view.type !== 'plan') return show(view);
      note(view);
      const standing = planStanding(view, look());
      if (standing !== null) await print([standing]);
    },
    ask: (text, choices) =>
      new Promise<string | null>((resolve) => {
        if (editor === null || closed) return resolve(null);
        asked = {
          text,
          choices,
          answer: (choice) => {
            asked = null;
            void print([
              '',
              `${paint(look(), 'yellow', '?')} ${clip(safeLine(text), look().width - 2)}`,
              `${paint(look(), 'cyan', promptMark)}${choice ?? '(no answer)'}`,
            ]);
            resolve(choice);
          },
        };
        schedule();
      }),
    ended,
    close: async () => {
      if (closed) return;
      asked?.answer(null);
      if (timer !== null) clearInterval(timer);
      live.clear();
      busySince = null;
      const last = editor;
      editor = null;
      draw();
      closed = true;
      output.off('drain', draw);
      output.off('resize', onResize);
      signals.off('SIGCONT', onContinue);
      signals.off('exit', onExit);
      if (last !== null) {
        last.close();
        restore();
      }
      input.pause();
      await history.settled();
      end();
    },
  };
}

const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

function askRows(now: Look, { text, choices }: Asked): Frame {
  const lines = wrap(safeLine(text), now.width - 2).map(
    (part, index) => `${paint(now, 'yellow', index === 0 ? '?' : ' ')} ${paint(now, 'bold', part)}`,
  );
  const keys = `${choices.map((choice) => `(${choice.slice(0, 1)})${choice.slice(1)}`).join('  ')} `;
  const row = `${paint(now, 'cyan', promptMark)}${clip(keys, now.width - promptMark.length - 1)}`;
  return {
    rows: [...lines, row],
    cursor: { row: lines.length, column: Math.min(now.width - 1, promptMark.length + keys.length) },
  };
}

/** The rows that fit, the first ones, and how many are left out. */
function clipped(rows: readonly string[], room: number, now: Look): readonly string[] {
  if (rows.length <= room) return rows;
  if (room < 1) return [];
  return [...rows.slice(0, room - 1), paint(now, 'dim', `  and ${rows.length - room + 1} more`)];
}

/** A log that the screen cannot hold goes into a file; null when that is not wanted or not possible. */
async function wholeLog(view: LogView, folder: string | null): Promise<string | null> {
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
