// The terminal with a person before it: what is said stays above, what happens now and the prompt stay below.
import type { Incoming, PlanStanding, View } from '../../core/ports/chat.ts';
import { makeKeyQuestion } from './ask-key.ts';
import { bottomFrame } from './bottom.ts';
import { complete } from './complete.ts';
import type { Face, TerminalInput, TerminalOutput } from './face.ts';
import { makeHistory } from './history.ts';
import type { EditorEvents, LineEditor } from './line-editor.ts';
import { makeLineEditor } from './line-editor.ts';
import { makeLiveRuns } from './live-runs.ts';
import type { Look } from './look.ts';
import { makePainter } from './painter.ts';
import { promptRows, saidRows } from './prompt-rows.ts';
import { makeRecent } from './recent.ts';
import type { Frame } from './screen.ts';
import { makeScreen } from './screen.ts';
import { makeTerminalMode } from './terminal-mode.ts';
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

const plannedAgain: ReadonlySet<PlanStanding> = new Set(['open', 'superseded', 'withdrawn', 'rejected', 'expired']);

export function makeInteractiveFace(parts: Parts): Face {
  const { input, output, look } = parts;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const history = makeHistory(parts.historyFile);
  const runs = makeLiveRuns();
  const tasks = makeRecent<number>(tasksToComplete);
  const screen = makeScreen(output, () => look().width);
  const painter = makePainter({ output, screen, frame, moving: () => runs.newest() !== null || busySince !== null });
  const question = makeKeyQuestion(look, (lines) => void painter.print(lines));
  const mode = makeTerminalMode({ ...parts, redraw: painter.now, clear: screen.clear });
  let editor: LineEditor | null = null;
  let waiting: Waiting = 'nothing';
  let hint = '';
  let busySince: number | null = null;
  let leaving: NodeJS.Timeout | null = null;
  let handling: Promise<void> = Promise.resolve();

  function frame(): Frame {
    if (editor === null) return { rows: [], cursor: { row: 0, column: 0 } };
    const now = look();
    const height = output.rows ?? 24;
    const typed = promptRows(now, {
      line: editor.line(),
      cursor: editor.cursor(),
      secret: waiting === 'secret',
      placeholder: placeholder(waiting, runs.newest()),
      rowsAtMost: Math.max(1, Math.floor(height / 2)),
    });
    return bottomFrame(now, { live: liveLines(now), typed: question.rows(now) ?? typed, hint, height });
  }

  function liveLines(now: Look): string[] {
    const tick = Math.floor(now.now.getTime() / 100);
    const lines = runs.lines(cardWidth(now), tick);
    if (lines.length > 0 || busySince === null) return lines;
    const busyFor = now.now.getTime() - busySince;
    if (busyFor > busyMs.until) busySince = null;
    return busyFor > busyMs.after ? [workingLine(now, tick)] : [];
  }

  const noteWhatItMeans = (view: View): void => {
    busySince = null;
    if ('task' in view && view.task !== null && view.task > 0) tasks.add(view.task);
    if (view.type === 'tasks') for (const { task } of view.tasks.toReversed()) tasks.add(task);
    waiting = waitingAfter(view) ?? waiting;
    if (view.type === 'result') runs.finish(view.task);
    // A task that is planned again does not run.
    if ((view.type === 'plan' && plannedAgain.has(view.standing)) || view.type === 'question') runs.drop(view.task);
  };

  const show = async (view: View): Promise<void> => {
    noteWhatItMeans(view);
    if (view.type === 'progress') {
      const lines = runs.update(view, cardWidth(look()));
      return lines.length > 0 ? painter.print(lines) : painter.moved();
    }
    const file = view.type === 'log' ? await writeWholeLog(view, parts.logFolder) : null;
    const lines = renderView(view, look(), { linesAtMost: logLinesOnScreen, file });
    return painter.print(view.type === 'notice' ? lines : ['', ...lines]);
  };

  const submit = (handle: (incoming: Incoming) => Promise<unknown>, text: string): void => {
    if (text.trim() === '') return;
    void painter.print(['', ...saidRows(look(), waiting === 'secret' ? '•••' : text)]);
    if (waiting !== 'plan') waiting = 'nothing';
    busySince = look().now.getTime();
    // As of when Enter was pressed, however long what was said before takes.
    const incoming = parts.incoming(text);
    handling = handling.then(async () => {
      await handle(incoming);
    });
    handling.catch(fail);
  };

  const interrupt = (): void => {
    if (question.isOpen()) {
      // The caller hears of it first: whether to leave without an answer is its business.
      if (parts.interrupt()) question.giveUp();
      return;
    }
    const typed = editor !== null && editor.line() !== '';
    if (typed) editor?.clear();
    if (runs.newest() !== null || (leaving !== null && !typed)) parts.interrupt();
    else if (!typed) hintAtLeaving();
  };

  const hintAtLeaving = (): void => {
    hint = 'Ctrl-C once more leaves; what waits stays parked.';
    leaving = setTimeout(() => {
      forgetLeaving();
      painter.soon();
    }, leaveAgainMs);
    leaving.unref();
  };
  const forgetLeaving = (): void => {
    if (leaving === null) return;
    clearTimeout(leaving);
    leaving = null;
    hint = '';
  };

  const completeLine = (): void => {
    if (editor === null || waiting === 'secret') return;
    const { insert, choices } = complete(editor.line().slice(0, editor.cursor()), tasks.newestFirst());
    editor.insert(insert);
    hint = insert === '' ? choices.join('  ') : '';
  };

  const editorEvents = (handle: (incoming: Incoming) => Promise<unknown>): EditorEvents => ({
    submit: (text) => submit(handle, text),
    interrupt,
    leave: end,
    complete: completeLine,
    redraw: screen.wipe,
    change: (wasCut) => {
      if (wasCut) hint = 'That is too long; only its beginning was taken.';
      painter.soon();
    },
    keep: history.save,
    grab: (key) => {
      forgetLeaving();
      hint = '';
      const taken = question.isOpen();
      question.press(key);
      return taken;
    },
    secret: () => waiting === 'secret',
  });

  // A terminal that went away ends the session; what runs is told of at the next start.
  output.on('error', () => {
    painter.stop();
    end();
  });

  return {
    start: async (handle) => {
      const lines = await history.load();
      mode.take();
      editor = makeLineEditor(input, lines, editorEvents(handle));
      input.on('end', end);
      input.on('error', end);
      output.on('resize', painter.resized);
      input.resume();
      painter.now();
    },
    post: (_conversation, view) => show(view),
    update: async (_conversation, view) => {
      if (view.type !== 'plan') return show(view);
      noteWhatItMeans(view);
      await painter.print(planStanding(view, cardWidth(look())));
    },
    ask: async (text, choices) => {
      if (editor === null) return null;
      const answer = question.ask(text, choices);
      painter.soon();
      return answer;
    },
    ended,
    close: async () => {
      const last = editor;
      editor = null;
      question.giveUp();
      forgetLeaving();
      painter.finish();
      output.off('resize', painter.resized);
      last?.close();
      if (last !== null) mode.giveBack();
      input.pause();
      await history.settled();
      end();
    },
  };
}
