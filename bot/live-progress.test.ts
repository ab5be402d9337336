import { describe, expect, it } from 'vitest';
import type { Progress } from '../core/contracts/messages.ts';
import { toActorId, toPlanHash, toRunId, toTaskId } from '../core/ids.ts';
import type { AttemptOutcome, StoredEvent, TaskEvent } from '../core/task/event.ts';
import { aPlan, aStep } from '../test/builders/plan.ts';
import { makeLiveProgress } from './live-progress.ts';

const task = toTaskId(12);
const run = toRunId('00000000-0000-4000-8000-000000000001');
const attempt = { run, step: 1, attempt: 1, token: 1 };
const hash = toPlanHash('a'.repeat(64));
const noon = Date.parse('2026-01-01T12:00:00.000Z');
const outcome = (recap: AttemptOutcome['recap']): AttemptOutcome => ({
  ...{ outcome: 'succeeded', error: null, recap, changed: {}, notes: [], exitCode: 0, durationMs: 1 },
  output: { sha256: '', lines: 0, bytes: 0 },
});
const told = (number: number, kind: Progress['kind'], name: string): Progress => ({
  ...{ number, kind, name, host: 'nas', at: '2026-01-01T12:00:01.000Z' },
});

/** Events come a second after one another, from noon on. */
function started() {
  let now = noon;
  const progress = makeLiveProgress({ now: () => new Date(now) });
  progress.begin(task, aPlan({ task, steps: [aStep(), aStep({ number: 2 })] }));
  const follow = (...events: readonly TaskEvent[]): void => {
    for (const event of events) progress.follow(storedAt(event, now));
    now += 1_000;
  };
  return { progress, follow, step: () => progress.view(task)?.steps[0] };
}

function storedAt(event: TaskEvent, ms: number): StoredEvent {
  const at = new Date(ms).toISOString();
  return { seq: 1, task, version: 1, event, actor: toActorId('terminal:local'), at, prevHash: '', hash: '' };
}

const granted: TaskEvent = { type: 'attempt.granted', ...attempt, planHash: hash };
const claimed: TaskEvent = { type: 'attempt.claimed', ...attempt, agent: 'nas-agent', instance: 'a' };
const begun: TaskEvent = { type: 'attempt.started', ...attempt, agent: 'nas-agent' };

describe('a step that was handed out', () => {
  it('waits for an agent of its pool until one takes it', () => {
    const { follow, step } = started();
    follow(granted);
    expect(step()).toMatchObject({ state: 'starting', pool: 'ansible', agent: null, startedAt: null });
    follow(claimed);
    expect(step()).toMatchObject({ state: 'starting', agent: 'nas-agent', startedAt: null });
    follow(begun);
    expect(step()).toMatchObject({ state: 'running', agent: 'nas-agent', startedAt: '2026-01-01T12:00:02.000Z' });
  });

  it('and was not started is as if it had never been handed out', () => {
    const { progress, follow, step } = started();
    const before = progress.view(task)?.steps[0];
    follow(granted, claimed, { type: 'attempt.refused', ...attempt, kind: 'NOT_STARTED', reason: 'no' });
    expect(step()).toEqual(before);
  });

  it('took as long as the log says', () => {
    const { follow, step } = started();
    follow(granted, claimed, begun);
    follow({ type: 'attempt.finished', ...attempt, result: outcome({}) });
    expect(step()).toMatchObject({ state: 'succeeded', elapsedMs: 1_000 });
  });
});

describe('news that comes more than once, or late', () => {
  it('counts once', () => {
    const { progress, follow, step } = started();
    follow(granted, claimed, begun);
    progress.advance(task, 1, [told(1, 'task', 'Write it'), told(2, 'changed', 'Write it')]);
    progress.advance(task, 1, [told(1, 'task', 'Write it'), told(2, 'changed', 'Write it'), told(3, 'ok', 'Start it')]);
    progress.advance(task, 1, [told(2, 'changed', 'Write it')]);
    expect(step()).toMatchObject({ ok: 2, changed: 1, now: 'Start it · nas' });
  });

  it('of another attempt begins from 1 again', () => {
    const { progress, follow, step } = started();
    follow(granted, claimed, begun);
    progress.advance(task, 1, [told(1, 'ok', 'One'), told(2, 'ok', 'Two')]);
    follow({ ...granted, attempt: 2, token: 2 });
    progress.advance(task, 1, [told(1, 'ok', 'One')]);
    expect(step()).toMatchObject({ ok: 1, now: 'One · nas' });
  });

  it('gives way to the recap, which counts what was missed', () => {
    const { progress, follow, step } = started();
    follow(granted, claimed, begun);
    progress.advance(task, 1, [told(1, 'ok', 'One')]);
    const counts = { ok: 5, changed: 2, failed: 0, unreachable: 0, skipped: 1, ignored: 0, rescued: 0 };
    follow({ type: 'attempt.finished', ...attempt, result: outcome({ nas: counts, atlas: counts }) });
    expect(step()).toMatchObject({ ok: 10, changed: 4, failed: 0 });
  });

  it('about a task that does not run is nothing', () => {
    const { progress } = started();
    progress.advance(toTaskId(13), 1, [told(1, 'ok', 'One')]);
    progress.addLines(toTaskId(13), 1, 5);
    expect(progress.view(toTaskId(13))).toBeUndefined();
  });
});
