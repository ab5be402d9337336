// What a run is doing right now, for the one live message of each run. Newest state only; the truth stays in the log.
import type { Progress } from '../core/contracts/messages.ts';
import type { TaskId } from '../core/ids.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { ProgressView, StepProgress } from '../core/ports/chat.ts';
import type { Clock } from '../core/ports/clock.ts';

export type LiveProgress = {
  readonly begin: (task: TaskId, plan: Plan) => void;
  readonly setStep: (task: TaskId, step: number, state: StepProgress['state']) => void;
  readonly advance: (task: TaskId, step: number, progress: readonly Progress[]) => void;
  readonly addLines: (task: TaskId, step: number, lines: number) => void;
  readonly cancelling: (task: TaskId) => void;
  readonly view: (task: TaskId) => ProgressView | undefined;
  readonly end: (task: TaskId) => void;
  /** Called with the task whenever there is something newer to show. */
  readonly onChange: (listener: (task: TaskId) => void) => void;
};

type Mutable = { steps: StepProgress[]; cancelling: boolean };

export function makeLiveProgress(clock: Clock): LiveProgress {
  const runs = new Map<TaskId, Mutable>();
  let tell: (task: TaskId) => void = () => {};

  const change = (task: TaskId, number: number, next: (step: StepProgress) => StepProgress): void => {
    const run = runs.get(task);
    if (run === undefined) return;
    run.steps = run.steps.map((step) => (step.number === number ? next(step) : step));
    tell(task);
  };

  return {
    begin: (task, plan) => {
      if (runs.has(task)) return;
      const steps = plan.steps.map(
        (step): StepProgress => ({
          number: step.number,
          title: step.title,
          state: 'waiting',
          now: '',
          nowAt: null,
          ok: 0,
          changed: 0,
          failed: 0,
          lines: 0,
          startedAt: null,
          elapsedMs: 0,
          estimatedMs: step.estimatedMs,
        }),
      );
      runs.set(task, { steps, cancelling: false });
    },
    setStep: (task, number, state) =>
      change(task, number, (step) => {
        const startedAt =
          step.startedAt ?? (state === 'running' || state === 'starting' ? clock.now().toISOString() : null);
        return { ...step, state, startedAt, elapsedMs: elapsed(startedAt, clock) };
      }),
    advance: (task, number, progress) =>
      change(task, number, (step) => progress.reduce(advanced, { ...step, elapsedMs: elapsed(step.startedAt, clock) })),
    addLines: (task, number, lines) => change(task, number, (step) => ({ ...step, lines: step.lines + lines })),
    cancelling: (task) => {
      const run = runs.get(task);
      if (run === undefined) return;
      run.cancelling = true;
      tell(task);
    },
    view: (task) => {
      const run = runs.get(task);
      return run === undefined ? undefined : { type: 'progress', task, steps: run.steps, cancelling: run.cancelling };
    },
    end: (task) => {
      runs.delete(task);
    },
    onChange: (listener) => {
      tell = listener;
    },
  };
}

function advanced(before: StepProgress, progress: Progress): StepProgress {
  const step = { ...before, nowAt: progress.at };
  const now = progress.host === null ? progress.name : `${progress.name} · ${progress.host}`;
  switch (progress.kind) {
    case 'ok':
      return { ...step, now, ok: step.ok + 1 };
    case 'changed':
      return { ...step, now, ok: step.ok + 1, changed: step.changed + 1 };
    case 'failed':
    case 'unreachable':
      return { ...step, now, failed: step.failed + 1 };
    case 'recap':
      return step;
    default:
      return { ...step, now };
  }
}

function elapsed(startedAt: string | null, clock: Clock): number {
  return startedAt === null ? 0 : Math.max(0, clock.now().getTime() - Date.parse(startedAt));
}
