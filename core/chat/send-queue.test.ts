import { describe, expect, it } from 'vitest';
import type { BudgetLimits } from './channel-budget.ts';
import type { Verdict } from './send-queue.ts';
import { makeSendQueue } from './send-queue.ts';

const limits: BudgetLimits = { lane: { requests: 5, withinMs: 5_000 }, all: { requests: 50, withinMs: 1_000 } };

class Refused extends Error {
  readonly verdict: Verdict;
  constructor(verdict: Verdict) {
    super(verdict.type);
    this.verdict = verdict;
  }
}

/** A queue on a clock of its own, which goes on as far as it is told. */
function openQueue() {
  let nowMs = 0;
  const timers = new Set<{ readonly atMs: number; readonly call: () => void }>();
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const queue = makeSendQueue({
    limits,
    nowMs: () => nowMs,
    wake: (ms, call) => {
      const timer = { atMs: nowMs + ms, call };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    judge: (error) => (error instanceof Refused ? error.verdict : { type: 'failed' }),
  });
  const goTo = async (ms: number): Promise<void> => {
    await settled();
    for (;;) {
      const next = [...timers].toSorted((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > ms) break;
      timers.delete(next);
      nowMs = next.atMs;
      next.call();
      await settled();
    }
    nowMs = ms;
  };
  const sent: string[] = [];
  const saying = (text: string, ...refusals: Verdict[]) => ({
    run: async () => {
      const refusal = refusals.shift();
      if (refusal !== undefined) throw new Refused(refusal);
      sent.push(`${nowMs} ${text}`);
    },
  });
  return { queue, goTo, sent, saying, timers };
}

describe('the queue of what is sent to a chat platform', () => {
  it('waits as long as the platform says, and lets other lanes go on', async () => {
    const { queue, goTo, sent, saying } = openQueue();
    const held = queue.send({
      ...{ lane: 'post:1', urgency: 'decisive' },
      ...saying('held', { type: 'wait', ms: 2_000, scope: 'lane' }),
    });
    const behind = queue.send({ lane: 'post:1', urgency: 'decisive', ...saying('behind') });
    const other = queue.send({ lane: 'post:2', urgency: 'decisive', ...saying('other') });
    await goTo(3_000);
    await Promise.all([held, behind, other]);
    expect(sent).toEqual(['0 other', '2000 held', '2000 behind']);
  });

  it('sends nothing anywhere while the platform wants nothing at all', async () => {
    const { queue, goTo, sent, saying } = openQueue();
    void queue.send({ lane: 'a', urgency: 'decisive', ...saying('first', { type: 'wait', ms: 900, scope: 'all' }) });
    await goTo(100);
    void queue.send({ lane: 'b', urgency: 'decisive', ...saying('second') });
    await goTo(1_000);
    expect(sent.toSorted()).toEqual(['900 first', '900 second']);
  });

  it('tries again what may not have got through, later each time, and gives up in the end', async () => {
    const { queue, goTo, sent, saying } = openQueue();
    const again: Verdict = { type: 'again' };
    const lucky = queue.send({ lane: 'a', urgency: 'decisive', ...saying('lucky', again, again) });
    const hopeless = queue.send({
      lane: 'b',
      urgency: 'decisive',
      ...saying('never', ...Array.from({ length: 9 }, () => again)),
    });
    const given = expect(hopeless).rejects.toThrow('again');
    await goTo(60_000);
    await lucky;
    await given;
    expect(sent).toEqual(['750 lucky']);
  });

  it('keeps a message that is edited too often for its newest state, and others go on', async () => {
    const { queue, goTo, sent, saying } = openQueue();
    const slow: Verdict = { type: 'wait', ms: 2_000, scope: 'job' };
    const live = { lane: 'edit:1', urgency: 'progress', slot: 'live' } as const;
    const older = queue.send({ ...live, ...saying('older', slow) });
    await goTo(10);
    const newer = queue.send({ ...live, ...saying('newer') });
    const card = queue.send({ lane: 'edit:1', urgency: 'decisive', slot: 'card', ...saying('card') });
    await goTo(5_000);
    await Promise.all([older, newer, card]);
    expect(sent).toEqual(['10 card', '2000 newer']);
  });

  it('flushes what waits without pauses of its own', async () => {
    const { queue, goTo, sent, saying } = openQueue();
    const live = { lane: 'edit:1', urgency: 'progress', slot: 'live', everyMs: 1_250 } as const;
    void queue.send({ ...live, ...saying('one') });
    await goTo(10);
    void queue.send({ ...live, ...saying('two') });
    await goTo(20);
    const flushed = queue.flush(3_000);
    await goTo(30);
    await flushed;
    expect(sent).toEqual(['0 one', '20 two']);
  });

  it('ends a flush in time, and rejects what is left when it is closed', async () => {
    const { queue, goTo, saying, timers } = openQueue();
    const stuck = queue.send({
      ...{ lane: 'a', urgency: 'decisive' },
      ...saying('stuck', { type: 'wait', ms: 60_000, scope: 'all' }),
    });
    const rejected = expect(stuck).rejects.toThrow('closed');
    await goTo(10);
    const flushed = queue.flush(3_000);
    await goTo(3_010);
    await flushed;
    queue.close(new Error('closed'));
    await rejected;
    await expect(queue.send({ lane: 'a', urgency: 'decisive', ...saying('late') })).rejects.toThrow('closed');
    expect(timers.size).toBe(0);
  });
});
