import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetLimits, Job, Urgency } from './channel-budget.ts';
import { makeChannelBudget } from './channel-budget.ts';

type Sent = { readonly job: Job<number>; readonly atMs: number; endMs: number };

const limits: BudgetLimits = { lane: { requests: 5, withinMs: 5_000 }, all: { requests: 8, withinMs: 1_000 } };
const lanes = ['post:1', 'edit:1', 'edit:2'];

const job = fc
  .record({
    lane: fc.constantFrom(...lanes),
    urgency: fc.constantFrom<Urgency>('decisive', 'milestone', 'progress'),
    slot: fc.constantFrom(undefined, 'a', 'b'),
    everyMs: fc.constantFrom<number>(0, 1_250),
  })
  .map(({ slot, ...rest }) => ({ ...rest, ...(slot === undefined ? {} : { slot: `${rest.lane} ${slot}` }) }));

const happening = fc.oneof(
  { weight: 12, arbitrary: job.map((made) => ({ type: 'put' as const, job: made })) },
  { weight: 2, arbitrary: fc.nat(1_500).map((ms) => ({ type: 'time' as const, ms })) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('hold' as const),
      lane: fc.constantFrom(...lanes, null),
      ms: fc.nat(3_000),
    }),
  },
);

/** Plays what happens, with requests that take 100 ms of which one in ten is refused, until nothing waits. */
function play(happenings: readonly (typeof happening extends fc.Arbitrary<infer T> ? T : never)[]) {
  const budget = makeChannelBudget<number>(limits);
  const puts: Job<number>[] = [];
  const sent: Sent[] = [];
  const holds: { lane: string | null; sentBefore: number; untilMs: number }[] = [];
  const flying: Sent[] = [];
  const refused: Sent[] = [];
  let nowMs = 0;
  let count = 0;

  const land = (): void => {
    for (const each of flying.filter(({ endMs }) => endMs <= nowMs)) {
      flying.splice(flying.indexOf(each), 1);
      count += 1;
      if (count % 10 === 0) {
        refused.push(each);
        budget.back(each.job, nowMs, 0);
      } else budget.ended(each.job, nowMs);
    }
  };
  const go = (untilMs: number): void => {
    for (;;) {
      land();
      const next = budget.next(nowMs);
      if (next.type === 'send') {
        const each = { job: next.job, atMs: nowMs, endMs: nowMs + 100 };
        sent.push(each);
        flying.push(each);
        continue;
      }
      const soonest = Math.min(nowMs + next.ms, ...flying.map(({ endMs }) => endMs));
      if (soonest > untilMs) break;
      nowMs = soonest;
    }
  };
  for (const each of happenings) {
    if (each.type === 'put') {
      const made: Job<number> = { ...each.job, work: puts.length };
      puts.push(made);
      budget.put(made);
    } else if (each.type === 'hold') {
      holds.push({ lane: each.lane, sentBefore: sent.length, untilMs: nowMs + each.ms });
      budget.hold(each.lane, nowMs + each.ms);
    } else {
      const untilMs = nowMs + each.ms;
      go(untilMs);
      nowMs = untilMs;
    }
  }
  go(Number.MAX_SAFE_INTEGER);
  return { puts, sent, holds, refused, waiting: budget.waiting() };
}

const most = (times: readonly number[], withinMs: number): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + withinMs).length));

describe('the budget of what is sent to a chat platform', () => {
  it('is never exceeded, in a lane or in all, and one request of a lane is under way at a time', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120, size: 'max' }), (happenings) => {
        const { sent } = play(happenings);
        expect(
          most(
            sent.map(({ atMs }) => atMs),
            limits.all.withinMs,
          ),
        ).toBeLessThanOrEqual(limits.all.requests);
        for (const lane of lanes) {
          const own = sent.filter((each) => each.job.lane === lane);
          expect(
            most(
              own.map(({ atMs }) => atMs),
              limits.lane.withinMs,
            ),
          ).toBeLessThanOrEqual(limits.lane.requests);
          for (const [index, each] of own.entries())
            expect(each.atMs).toBeGreaterThanOrEqual(own[index - 1]?.endMs ?? 0);
        }
      }),
    );
  });

  it('sends everything in the end, of a slot its newest state at last', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120, size: 'max' }), (happenings) => {
        const { puts, sent, refused, waiting } = play(happenings);
        expect(waiting).toBe(0);
        const done = sent.filter((each) => !refused.includes(each)).map(({ job: { work } }) => work);
        for (const { slot, work } of puts) {
          if (slot === undefined) expect(done).toContain(work);
          else expect(done.findLast((each) => puts[each]?.slot === slot)).toBe(newestOf(puts, slot));
        }
      }),
    );
  });

  it('sends nothing of a lane, or nothing at all, while the platform wants none', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120, size: 'max' }), (happenings) => {
        const { sent, holds } = play(happenings);
        for (const { lane, sentBefore, untilMs } of holds)
          for (const { job: made, atMs } of sent.slice(sentBefore))
            if (lane === null || lane === made.lane) expect(atMs).toBeGreaterThanOrEqual(untilMs);
      }),
    );
  });

  it('never lets what people wait for stand behind a flood of live states', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (states) => {
        const flood = Array.from({ length: states }, (_, index) => [
          {
            type: 'put' as const,
            job: { lane: 'edit:1', urgency: 'progress' as const, slot: `edit:1 ${index % 7}`, everyMs: 0 },
          },
          { type: 'time' as const, ms: 50 },
        ]).flat();
        const card = { type: 'put' as const, job: { lane: 'edit:1', urgency: 'decisive' as const, everyMs: 0 } };
        const { sent } = play([...flood, card]);
        const decisive = sent.find(({ job: { urgency } }) => urgency === 'decisive');
        // At once, or after the live state that is under way.
        expect((decisive?.atMs ?? Number.POSITIVE_INFINITY) - states * 50).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('has one waiting state of each slot at most', () => {
    const budget = makeChannelBudget<number>(limits);
    for (let work = 0; work < 100; work += 1)
      budget.put({ lane: 'edit:1', urgency: 'progress', slot: 'live', everyMs: 1_250, work });
    expect(budget.waiting()).toBe(1);
    const next = budget.next(0);
    expect(next.type === 'send' && next.job.work).toBe(99);
  });

  it('sends a slot’s states no more often than they may come, unless it is in a hurry', () => {
    const budget = makeChannelBudget<number>(limits);
    const put = (work: number) =>
      budget.put({ lane: 'edit:1', urgency: 'progress', slot: 'live', everyMs: 1_250, work });
    put(1);
    const first = budget.next(0);
    if (first.type === 'send') budget.ended(first.job, 10);
    put(2);
    expect(budget.next(10)).toEqual({ type: 'wait', ms: 1_240 });
    budget.hurry();
    expect(budget.next(10)).toMatchObject({ type: 'send', job: { work: 2 } });
  });

  it('keeps the order of posts, also of one that is tried again', () => {
    const budget = makeChannelBudget<number>(limits);
    const take = (nowMs: number): Job<number> => {
      const next = budget.next(nowMs);
      if (next.type === 'wait') throw new Error('nothing can go');
      return next.job;
    };
    for (const work of [1, 2, 3]) budget.put({ lane: 'post:1', urgency: 'decisive', work });
    budget.back(take(0), 100, 0);
    const order = [1, 2, 3].map((at) => {
      const taken = take(at * 1_000);
      budget.ended(taken, at * 1_000 + 100);
      return taken.work;
    });
    expect(order).toEqual([1, 2, 3]);
  });
});

const newestOf = (puts: readonly Job<number>[], slot: string): number | undefined =>
  puts.findLast((each) => each.slot === slot)?.work;
