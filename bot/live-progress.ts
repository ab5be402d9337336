// What a run is doing right now, for the one live message of each run: folded from the log's events, with the agent's live news
// between them. Newest state only; the truth stays in the log.
import type { Progress } from '../core/contracts/messages.ts';
import type { TaskId } from '../core/ids.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { ProgressView, StepProgress } from '../core/ports/chat.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Store } from '../core/ports/event-log.ts';
import type { AttemptOutcome, StoredEvent } from '../core/task/event.ts';
import { replay } from '../core/task/evolve.ts';
import { liveAttempt } from '../core/task/state.ts';

export type LiveProgress = {
  readonly begin: (task: TaskId, plan: Plan) => void;
  /** Any event of a task; those that say nothing of a run that was begun change nothing. */
  readonly follow: (stored: StoredEvent) => void;
  /** News that came before, by its number, changes nothing. */
  readonly advance: (task: TaskId, step: number, progress: readonly Progress[]) => void;
  readonly addLines: (task: TaskId, step: number, lines: number) => void;
  /** Of that step's message; without a step, of the one that is at work or was last. */
  readonly view: (task: TaskId, step?: number) => ProgressView | undefined;
  /** The steps that have begun. */
  readonly begun: (task: TaskId) => readonly number[];
  readonly end: (task: TaskId) => void;
  /** Called with the task whenever there is something newer to show. */
  readonly onChange: (listener: (task: TaskId) => void) => void;
};

/** `seen`: the highest number of Ansible's news in this attempt. */
type Step = StepProgress & { readonly seen: number };
type Run = { steps: Step[]; cancelling: boolean };

/** For a bot that takes a run over: where it stands, as far as the log and the output store can tell. */
export async function restoreProgress(
  progress: LiveProgress,
  task: TaskId,
  store: Pick<Store, 'readTask' | 'outputExtent'>,
): Promise<void> {
  const history = await store.readTask(task);
  const state = replay(task, history);
  if (state.proposal === null || state.run === null) return;
  progress.begin(task, state.proposal.plan);
  const began = history.findLastIndex(({ event }) => event.type === 'run.started');
  for (const stored of history.slice(began)) progress.follow(stored);
  const live = liveAttempt(state);
  if (live === undefined) return;
  const { lines } = await store.outputExtent(state.run, live.step, live.attempt);
  progress.addLines(task, live.step, lines);
}

export function makeLiveProgress(clock: Clock): LiveProgress {
  const runs = new Map<TaskId, Run>();
  let tell: (task: TaskId) => void = () => {};

  const change = (task: TaskId, number: number, next: (step: Step) => Step): void => {
    const run = runs.get(task);
    if (run === undefined) return;
    run.steps = run.steps.map((step) => (step.number === number ? next(step) : step));
    tell(task);
  };

  return {
    begin: (task, plan) => {
      if (!runs.has(task)) runs.set(task, { steps: plan.steps.map(waiting), cancelling: false });
    },
    follow: ({ task, event, at }) => {
      if (event.type === 'cancel.requested') {
        const run = runs.get(task);
        if (run !== undefined) run.cancelling = true;
        return tell(task);
      }
      if ('attempt' in event) change(task, event.step, (step) => followed(step, event, at));
    },
    advance: (task, step, progress) =>
      change(task, step, (before) =>
        progress
          .filter(({ number }) => number > before.seen)
          .reduce(advanced, { ...before, elapsedMs: elapsed(before.startedAt, clock.now().getTime()) }),
      ),
    addLines: (task, step, lines) => change(task, step, (before) => ({ ...before, lines: before.lines + lines })),
    view: (task, wanted) => {
      const run = runs.get(task);
      if (run === undefined) return undefined;
      const steps = run.steps.map(({ seen: _, ...step }): StepProgress => step);
      const step = wanted ?? steps.findLast(({ state }) => state !== 'waiting')?.number ?? 1;
      return { type: 'progress', task, step, steps, cancelling: run.cancelling };
    },
    begun: (task) =>
      (runs.get(task)?.steps ?? []).filter(({ state }) => state !== 'waiting').map(({ number }) => number),
    end: (task) => {
      runs.delete(task);
    },
    onChange: (listener) => {
      tell = listener;
    },
  };
}

/** Of an attempt that has not begun. */
const nothingYet = { now: '', nowAt: null, ok: 0, changed: 0, failed: 0, lines: 0, startedAt: null, elapsedMs: 0 };

function waiting(step: { number: number; title: string; agent: string; estimatedMs: number }): Step {
  return {
    number: step.number,
    title: step.title,
    state: 'waiting',
    pool: step.agent,
    agent: null,
    ...nothingYet,
    estimatedMs: step.estimatedMs,
    seen: 0,
  };
}

type AttemptEvent = Extract<StoredEvent['event'], { attempt: number }>;

function followed(step: Step, event: AttemptEvent, at: string): Step {
  const afresh = {
    ...step,
    ...nothingYet,
  };
  switch (event.type) {
    case 'attempt.granted':
      return { ...afresh, state: 'starting', agent: null, seen: 0 };
    case 'attempt.claimed':
      return { ...step, state: 'starting', agent: event.agent };
    case 'attempt.started':
      return { ...step, state: 'running', agent: event.agent, startedAt: at };
    case 'attempt.refused':
      return { ...afresh, state: 'waiting', agent: null, seen: 0 };
    case 'attempt.finished':
      return {
        ...step,
        ...counted(event.result, step),
        state: event.result.outcome,
        lines: event.result.output.lines,
        elapsedMs: elapsed(step.startedAt, Date.parse(at)),
      };
  }
}

/** The recap counts better than the news, of which some may have been missed. An attempt that broke off has none. */
function counted({ recap }: AttemptOutcome, before: Step): Pick<Step, 'ok' | 'changed' | 'failed'> {
  const hosts = Object.values(recap);
  if (hosts.length === 0) return before;
  const sum = (of: (host: (typeof hosts)[number]) => number) => hosts.reduce((total, host) => total + of(host), 0);
  return {
    ok: sum(({ ok }) => ok),
    changed: sum(({ changed }) => changed),
    failed: sum(({ failed, unreachable }) => failed + unreachable),
  };
}

function advanced(before: Step, progress: Progress): Step {
  const step = { ...before, nowAt: progress.at, seen: Math.max(before.seen, progress.number) };
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

function elapsed(startedAt: string | null, nowMs: number): number {
  return startedAt === null ? 0 : Math.max(0, nowMs - Date.parse(startedAt));
}
