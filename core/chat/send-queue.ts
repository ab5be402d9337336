// Sends what a chat shows, in the order and at the pace of its channel budget: waits where the platform says so, tries again what
// did not get through, and gives up in the end.
import type { BudgetLimits, Job, Urgency } from './channel-budget.ts';
import { makeChannelBudget } from './channel-budget.ts';

export type Verdict =
  /** The platform wants it later: for `lane` and `all` nothing else goes there before that, for `job` only it waits. */
  | { readonly type: 'wait'; readonly ms: number; readonly scope: 'job' | 'lane' | 'all' }
  /** It may not have got through. */
  | { readonly type: 'again' }
  | { readonly type: 'failed' };

export type SendJob = {
  readonly lane: string;
  readonly urgency: Urgency;
  readonly slot?: string;
  readonly everyMs?: number;
  readonly run: () => Promise<void>;
};

export type SendQueue = {
  /** Resolves when it was sent, or a newer state of its slot; rejects with the error of the last attempt. */
  readonly send: (job: SendJob) => Promise<void>;
  /** Sends what waits without any pauses of its own. Resolves when nothing waits any more, or after that time. */
  readonly flush: (atMostMs: number) => Promise<void>;
  /** What waits is rejected with that error, and so is all that comes. */
  readonly close: (error: Error) => void;
};

type Work = {
  readonly run: () => Promise<void>;
  readonly sent: (() => void)[];
  readonly failed: ((error: unknown) => void)[];
  attempts: number;
};

const attemptsAtMost = 5;
const pauseMs = { first: 250, most: 5_000 };

export function makeSendQueue(parts: {
  readonly limits: BudgetLimits;
  readonly nowMs: () => number;
  /** Calls back after that time; returns how to call that off. */
  readonly wake: (ms: number, call: () => void) => () => void;
  readonly judge: (error: unknown) => Verdict;
}): SendQueue {
  const { nowMs, wake, judge } = parts;
  const budget = makeChannelBudget<Work>(parts.limits);
  let callOff = (): void => {};
  let closed: Error | null = null;
  let underWay = 0;
  const whenEmpty = new Set<() => void>();

  function go(): void {
    callOff();
    for (;;) {
      const next = budget.next(nowMs());
      if (next.type === 'wait') {
        callOff = Number.isFinite(next.ms) ? wake(Math.max(1, next.ms), go) : () => {};
        break;
      }
      underWay += 1;
      void attempt(next.job);
    }
    if (underWay === 0 && budget.waiting() === 0) for (const tell of whenEmpty) tell();
  }

  async function attempt(job: Job<Work>): Promise<void> {
    const { work } = job;
    try {
      await work.run();
      budget.ended(job, nowMs());
      for (const tell of work.sent) tell();
    } catch (error) {
      decide(job, error);
    }
    underWay -= 1;
    go();
  }

  function decide(job: Job<Work>, error: unknown): void {
    const { work } = job;
    const now = nowMs();
    const verdict = judge(error);
    if (verdict.type === 'again') work.attempts += 1;
    if (verdict.type === 'failed' || work.attempts >= attemptsAtMost || closed !== null) {
      budget.ended(job, now);
      for (const tell of work.failed) tell(error);
      return;
    }
    const ms = verdict.type === 'wait' ? verdict.ms : Math.min(pauseMs.most, pauseMs.first * 2 ** (work.attempts - 1));
    const scope = verdict.type === 'wait' ? verdict.scope : 'lane';
    if (scope !== 'job') budget.hold(scope === 'all' ? null : job.lane, now + ms);
    const newer = budget.back(job, now, scope === 'job' ? now + ms : 0);
    if (newer !== undefined) follow(newer.work, work);
  }

  return {
    send: ({ run, ...job }) =>
      new Promise((sent, failed) => {
        if (closed !== null) return failed(closed);
        const work: Work = { run, sent: [sent], failed: [failed], attempts: 0 };
        const replaced = budget.put({ ...job, work });
        if (replaced !== undefined) follow(work, replaced.work);
        go();
      }),

    async flush(atMostMs) {
      budget.hurry();
      const { promise, resolve } = Promise.withResolvers<void>();
      whenEmpty.add(resolve);
      const enough = wake(atMostMs, resolve);
      go();
      await promise;
      enough();
      whenEmpty.delete(resolve);
    },

    close(error) {
      closed = error;
      callOff();
      for (const { work } of budget.clear()) for (const tell of work.failed) tell(error);
    },
  };
}

/** Who waited for the older state hears of the newer one. */
function follow(newer: Work, older: Work): void {
  newer.sent.push(...older.sent);
  newer.failed.push(...older.failed);
}
