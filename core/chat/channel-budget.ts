// Which request to a chat platform goes next, and when: what people wait for goes first, a live state is replaced by a newer one
// and never queued behind itself, and no lane or the whole gets more requests than the platform allows. Time comes in.
export type Urgency = 'decisive' | 'milestone' | 'progress';

export type Window = { readonly requests: number; readonly withinMs: number };
export type BudgetLimits = { readonly lane: Window; readonly all: Window };

export type Job<Work> = {
  /** What the platform counts together, e.g. the edits of one channel. One request of a lane is under way at a time. */
  readonly lane: string;
  readonly urgency: Urgency;
  /** Of the jobs of one slot only the newest is sent. */
  readonly slot?: string;
  /** A slot's states are sent no more often than that. */
  readonly everyMs?: number;
  readonly work: Work;
};

export type Next<Work> =
  | { readonly type: 'send'; readonly job: Job<Work> }
  /** Nothing can go now. `ms`: when to ask again; Infinity when only a new job or an end changes that. */
  | { readonly type: 'wait'; readonly ms: number };

export type ChannelBudget<Work> = {
  /** Gives back the job that this one took the place of. */
  readonly put: (job: Job<Work>) => Job<Work> | undefined;
  /** The job that it gives is under way until `ended` or `back` is called with it. */
  readonly next: (nowMs: number) => Next<Work>;
  readonly ended: (job: Job<Work>, nowMs: number) => void;
  /** It ended without effect and waits again, not before that time. Gives the newer job that has its slot by now, if any: then it is over. */
  readonly back: (job: Job<Work>, nowMs: number, notBeforeMs: number) => Job<Work> | undefined;
  /** The platform wants no requests of that lane, or none at all, until then. */
  readonly hold: (lane: string | null, untilMs: number) => void;
  /** From now on everything goes as soon as the platform's limits allow. */
  readonly hurry: () => void;
  /** Takes out everything that waits. */
  readonly clear: () => readonly Job<Work>[];
  readonly waiting: () => number;
};

type Waiting<Work> = { readonly notBeforeMs: number; readonly job: Job<Work> };
type Lane = { flying: number; ends: number[]; heldUntilMs: number };

/** How much of a window is kept for what is more urgent: a part of its requests. */
const keptFor: Record<Urgency, number> = { decisive: 0, milestone: 0.2, progress: 0.4 };
const order: readonly Urgency[] = ['decisive', 'milestone', 'progress'];
const lanesSwept = 1_000;

export function makeChannelBudget<Work>(limits: BudgetLimits): ChannelBudget<Work> {
  let waiting: Waiting<Work>[] = [];
  const lanes = new Map<string, Lane>();
  const all: Lane = freshLane();
  const slotSentMs = new Map<string, number>();
  let hurried = false;

  const laneOf = (name: string): Lane => {
    const there = lanes.get(name) ?? freshLane();
    lanes.set(name, there);
    return there;
  };

  /** When a job may go, as far as it is known now. */
  const readyMs = ({ job, notBeforeMs }: Waiting<Work>, nowMs: number): number => {
    const lane = laneOf(job.lane);
    if (lane.flying > 0) return Number.POSITIVE_INFINITY;
    const kept = hurried ? 0 : keptFor[job.urgency];
    const last = job.slot === undefined || hurried ? undefined : slotSentMs.get(job.slot);
    return Math.max(
      notBeforeMs,
      roomMs(lane, limits.lane, kept, nowMs),
      roomMs(all, limits.all, kept, nowMs),
      last === undefined ? 0 : last + (job.everyMs ?? 0),
    );
  };

  const land = (job: Job<Work>, nowMs: number): void => {
    for (const lane of [laneOf(job.lane), all]) {
      lane.flying -= 1;
      lane.ends.push(nowMs);
    }
  };

  const sweep = (nowMs: number): void => {
    if (lanes.size <= lanesSwept && slotSentMs.size <= lanesSwept) return;
    for (const [name, lane] of lanes)
      if (lane.flying === 0 && lane.heldUntilMs <= nowMs && (lane.ends.at(-1) ?? 0) <= nowMs - limits.lane.withinMs)
        lanes.delete(name);
    for (const [slot, at] of slotSentMs) if (at < nowMs - sweptAfterMs) slotSentMs.delete(slot);
  };

  return {
    put(job) {
      const at = job.slot === undefined ? -1 : waiting.findIndex((each) => each.job.slot === job.slot);
      const before = waiting[at];
      if (before === undefined) {
        waiting.push({ notBeforeMs: 0, job });
        return undefined;
      }
      waiting[at] = { ...before, job: { ...job, urgency: moreUrgent(job.urgency, before.job.urgency) } };
      return before.job;
    },

    next(nowMs) {
      sweep(nowMs);
      let soonest = Number.POSITIVE_INFINITY;
      for (const urgency of order) {
        for (const each of waiting.filter(({ job }) => job.urgency === urgency)) {
          const ready = readyMs(each, nowMs);
          if (ready > nowMs) {
            soonest = Math.min(soonest, ready);
            continue;
          }
          waiting = waiting.filter((other) => other !== each);
          laneOf(each.job.lane).flying += 1;
          all.flying += 1;
          if (each.job.slot !== undefined) slotSentMs.set(each.job.slot, nowMs);
          return { type: 'send', job: each.job };
        }
      }
      return { type: 'wait', ms: soonest - nowMs };
    },

    ended: land,

    back(job, nowMs, notBeforeMs) {
      land(job, nowMs);
      const newer = job.slot === undefined ? undefined : waiting.find((each) => each.job.slot === job.slot);
      if (newer === undefined) {
        // In front of what came after it: messages keep their order.
        waiting.unshift({ notBeforeMs, job });
        return undefined;
      }
      const urgency = moreUrgent(newer.job.urgency, job.urgency);
      const put = { ...newer, notBeforeMs, job: { ...newer.job, urgency } };
      waiting = waiting.map((each) => (each === newer ? put : each));
      return put.job;
    },

    hold(name, untilMs) {
      const lane = name === null ? all : laneOf(name);
      lane.heldUntilMs = Math.max(lane.heldUntilMs, untilMs);
    },

    hurry() {
      hurried = true;
    },

    clear() {
      const left = waiting.map(({ job }) => job);
      waiting = [];
      return left;
    },

    waiting: () => waiting.length,
  };
}

const sweptAfterMs = 60_000;

const freshLane = (): Lane => ({ flying: 0, ends: [], heldUntilMs: 0 });

function moreUrgent(one: Urgency, other: Urgency): Urgency {
  return order.indexOf(one) < order.indexOf(other) ? one : other;
}

/** When a window has room for one more. A request counts from its end, for nobody knows when the platform counted it. */
function roomMs(lane: Lane, { requests, withinMs }: Window, kept: number, nowMs: number): number {
  lane.ends = lane.ends.filter((end) => end > nowMs - withinMs);
  const mine = Math.max(1, Math.floor(requests * (1 - kept))) - lane.flying;
  if (mine <= 0) return Number.POSITIVE_INFINITY;
  const inTheWay = lane.ends[lane.ends.length - mine];
  return Math.max(lane.heldUntilMs, inTheWay === undefined ? 0 : inTheWay + withinMs);
}
