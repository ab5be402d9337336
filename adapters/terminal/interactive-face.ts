// The terminal with a person before it: what is said stays above, what happens now and the prompt stay below.
import type { Incoming, View } from '../../core/ports/chat.ts';
import type { KeyQuestion } from './ask-key.ts';
import { answeredRows, choiceOf, questionRows } from './ask-key.ts';
import { bottomFrame } from './bottom.ts';
import { complete } from './complete.ts';
import type { Face, TerminalInput, TerminalOutput } from './face.ts';
import { makeHistory } from './history.ts';
import type { EditorEvents, LineEditor } from './line-editor.ts';
import { makeLineEditor } from './line-editor.ts';
import { makeLiveRuns } from './live-runs.ts';
import type { Look } from './look.ts';
import { paint } from './look.ts';
import { makePainter } from './painter.ts';
import { promptMark, promptRows } from './prompt-rows.ts';
import { makeRecent } from './recent.ts';
import { safeLines, wrap } from './safe-text.ts';
import type { Frame } from './screen.ts';
import { makeScreen } from './screen.ts';
import { logLinesOnScreen } from './views/list-cards.ts';
import { planStanding } from './views/plan-card.ts';
import { workingLine } from './views/progress-lines.ts';
import { cardWidth, renderView } from './views/render-view.ts';
import type { Waiting } from './what-waits.ts';
import { placeholder, waitingAfter } from './what-waits.ts';
import { writeWholeLog } from './whole-log.ts';

type Parts = {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly historyFile: string | null;
  readonly logFolder: string | null;
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
  readonly look: () => Look;
  readonly incoming: (text: string) => Incoming;
  /** False when it was the same Ctrl-C once more. */
  readonly interrupt: () => boolean;
};

const leaveAgainMs = 2_000;
const tasksToComplete = 50;
/** An answer usually comes sooner; one that takes very long is no longer announced. */
const busyMs = { after: 300, until: 60_000 };
const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

export function makeInteractiveFace(parts: Parts): Face {
  const { input, output, signals, look } = parts;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const history = makeHistory(parts.historyFile);
  const runs = makeLiveRuns();
  const tasks = makeRecent<number>(tasksToComplete);
  const screen = makeScreen(output, () => look().width);
  const painter = makePainter({ output, screen, frame, moving: () => runs.newest() !== null || busySince !== null });
  let editor: LineEditor | null = null;
  let asked: (KeyQuestion & { readonly answer: (choice: string | null) => void }) | null = null;
  let waiting: Waiting = 'nothing';
  let hint = '';
  let busySince: number | null = null;
  let leaveUntil = 0;
  let handling: Promise<void> = Promise.resolve();
  let closed = false;

  const time = (): number => look().now.getTime();

  function frame(): Frame {
    if (editor === null) return { rows: [], cursor: { row: 0, column: 0 } };
    const now = look();
    const height = output.rows ?? 24;
    const typed =
      asked === null
        ? promptRows(now, {
            line: editor.line(),
            cursor: editor.cursor(),
            secret: waiting === 'secret',
            placeholder: placeholder(waiting, runs.newest()),
            rowsAtMost: Math.max(1, Math.floor(height / 2)),
          })
        : questionRows(now, asked);
    return bottomFrame(now, { live: liveLines(now), typed, hint, height });
  }

  function liveLines(now: Look): string[] {
    const tick = Math.floor(now.now.getTime() / 100);
    const lines = runs.lines(cardWidth(now), tick);
    if (lines.length > 0 || busySince === null) return lines;
    const busyFor = now.now.getTime() - busySince;
    if (busyFor > busyMs.until) busySince = null;
    return busyFor > busyMs.after ? [workingLine(now, tick)] : [];
  }

  const show = async (view: View): Promise<void> => {
    busySince = null;
    if ('task' in view && view.task !== null && view.task > 0) tasks.add(view.task);
    if (view.type === 'tasks') for (const { task } of view.tasks.toReversed()) tasks.add(task);
    waiting = waitingAfter(view) ?? waiting;
    if (view.type === 'result') runs.finish(view.task);
    if (view.type === 'progress') {
      const lines = runs.update(view, cardWidth(look()));
      return lines.length > 0 ? painter.print(lines) : painter.moved();
    }
    const file = view.type === 'log' ? await writeWholeLog(view, parts.logFolder) : null;
    const lines = renderView(view, look(), { linesAtMost: logLinesOnScreen, file });
    return painter.print(view.type === 'notice' ? lines : ['', ...lines]);
  };

  const submit = (handle: (incoming: Incoming) => Promise<void>, text: string): void => {
    const now = look();
    const rows = safeLines(waiting === 'secret' ? '•••' : text).flatMap((line) => wrap(line, now.width - 2));
    const shown = rows.map((row, index) => `${index === 0 ? paint(now, 'cyan', promptMark) : '  '}${row}`);
    void painter.print(['', ...shown]);
    if (waiting !== 'plan') waiting = 'nothing';
    busySince = time();
    handling = handling.then(() => handle(parts.incoming(text)));
    handling.catch(fail);
  };

  const interrupt = (): void => {
    const question = asked;
    if (question !== null) {
      // The caller hears of it first: to leave is its business, and it may still want the answer.
      if (parts.interrupt()) question.answer(null);
      return;
    }
    const typed = editor !== null && editor.line() !== '';
    if (typed) editor?.clear();
    if (runs.newest() !== null || (!typed && time() < leaveUntil)) parts.interrupt();
    else if (!typed) {
      leaveUntil = time() + leaveAgainMs;
      hint = 'Ctrl-C once more leaves; what waits stays parked.';
    }
  };

  const grab = (key: string): boolean => {
    hint = '';
    if (asked === null) return false;
    const choice = choiceOf(asked, key);
    if (choice !== undefined) asked.answer(choice);
    return true;
  };

  const completeLine = (): void => {
    if (editor === null || waiting === 'secret') return;
    const { insert, choices } = complete(editor.line().slice(0, editor.cursor()), tasks.newestFirst());
    editor.insert(insert);
    hint = insert === '' ? choices.join('  ') : '';
  };

  const editorEvents = (handle: (incoming: Incoming) => Promise<void>): EditorEvents => ({
    submit: (text) => {
      if (text.trim() !== '') submit(handle, text);
    },
    interrupt,
    leave: end,
    complete: completeLine,
    redraw: screen.wipe,
    change: (wasCut) => {
      if (wasCut) hint = 'The paste was too long; only its beginning was taken.';
      painter.soon();
    },
    keep: history.save,
    grab,
    secret: () => waiting === 'secret',
  });

  const takeTerminal = (): void => {
    input.setRawMode?.(true);
    output.write(pasteOn);
  };
  const giveTerminalBack = (): void => {
    screen.clear();
    output.write(pasteOff);
    input.setRawMode?.(false);
  };
  const onContinue = (): void => {
    takeTerminal();
    painter.now();
  };
  const onExit = (): void => {
    if (editor !== null) giveTerminalBack();
  };
  // A terminal that went away ends the session; what runs is told of at the next start.
  output.on('error', () => {
    painter.stop();
    end();
  });

  return {
    start: async (handle) => {
      const lines = await history.load();
      takeTerminal();
      editor = makeLineEditor(input, lines, editorEvents(handle));
      input.on('end', end);
      input.on('error', end);
      output.on('resize', painter.resized);
      signals.on('SIGCONT', onContinue);
      signals.on('exit', onExit);
      input.resume();
      painter.now();
    },
    post: (_conversation, view) => show(view),
    update: async (_conversation, view) => {
      if (view.type !== 'plan') return show(view);
      busySince = null;
      waiting = waitingAfter(view) ?? waiting;
      await painter.print(planStanding(view, cardWidth(look())));
    },
    ask: async (text, choices) => {
      if (editor === null) return null;
      asked?.answer(null);
      const { promise, resolve } = Promise.withResolvers<string | null>();
      asked = {
        text,
        choices,
        answer: (choice) => {
          if (asked !== null) void painter.print(answeredRows(look(), asked, choice));
          asked = null;
          resolve(choice);
        },
      };
      painter.soon();
      return promise;
    },
    ended,
    close: async () => {
      if (closed) return;
      closed = true;
      asked?.answer(null);
      const last = editor;
      editor = null;
      painter.finish();
      output.off('resize', painter.resized);
      signals.off('SIGCONT', onContinue);
      signals.off('exit', onExit);
      last?.close();
      if (last !== null) giveTerminalBack();
      input.pause();
      await history.settled();
      end();
    },
  };
}
