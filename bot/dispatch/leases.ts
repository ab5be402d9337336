// An agent holds an attempt while it is heard of. One that falls silent ends as `unknown`: nobody can say what it did. An attempt
// that no agent takes ends, too. Silence is judged in the order of the bus: a mark of our own goes through the same queue as the
// agents' words, so that a long backlog, or a broker that was away, is not taken for an agent's silence.
import type { Logger } from 'pino';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { attemptKey } from '../../core/contracts/envelope.ts';
import { toActorId } from '../../core/ids.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { NewId } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { TaskCommand } from '../../core/task/command.ts';
import { replay } from '../../core/task/evolve.ts';
import type { Attempt, TaskState } from '../../core/task/state.ts';
import { liveAttempt } from '../../core/task/state.ts';
import type { Submit } from '../submit.ts';
import { commandLifetimeMs } from './core-voice.ts';

export type Leases = {
  /** An attempt is out for an agent to take. */
  readonly granted: (about: AttemptAbout) => void;
  /** Any word of its agent renews the lease. */
  readonly heard: (about: AttemptAbout, end?: AttemptEnd) => void;
  readonly ended: (about: AttemptAbout) => void;
  /** A message that is a mark of ours came out of the queue. */
  readonly isMark: (message: unknown) => boolean;
  readonly mark: (message: unknown) => Promise<void>;
  readonly stop: () => void;
};

export type AttemptEnd = {
  /** How long it can go on at most from now on, whatever its agent says. */
  readonly inMs: number;
  /** The word came before: where an end is known, it stands. Or else whoever says it over and over again has the attempt for ever. */
  readonly isRepeated?: boolean;
};

type Held = {
  readonly about: AttemptAbout;
  readonly waitsForAgent: boolean;
  heardMs: number;
  /** When it has to be over, by the steady clock; null when it is not known. */
  overMs: number | null;
};

/** An agent that stops a step takes no longer, from what it was told to what it says of it. */
export const stopMs = 60_000;

/** Marks that wait in a long queue; the older ones can go, a newer one says more. */
const marksAtMost = 100;
const leaseActor = toActorId('system:leases');

/** `leaseMs`: how long an agent may be silent. All times are of the steady clock, which nobody can set. */
export function watchLeases(parts: {
  readonly store: Store;
  readonly submit: Submit;
  readonly bus: Bus;
  readonly newId: NewId;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly unclaimedMs?: number;
}): Leases {
  const { store, submit, bus, log, leaseMs, unclaimedMs = commandLifetimeMs } = parts;
  const everyMs = Math.max(250, leaseMs / 4);
  const held = new Map<string, Held>();
  /** Unguessable, for nobody signs them. */
  const marks = new Map<string, number>();
  /** Those that the bus has not taken yet, and when it was asked to. */
  const underway = new Map<string, number>();
  /** Since when no mark could be sent. */
  let missedSince: number | null = null;

  async function sendMark(): Promise<void> {
    const id = parts.newId();
    const sentMs = performance.now();
    // A bus that takes no mark for so long takes no agent's word either, connected or not: it may be short of memory.
    const [stuckSince] = underway.values();
    if (stuckSince !== undefined) missedSince ??= stuckSince;
    marks.set(id, sentMs);
    underway.set(id, sentMs);
    const [oldest] = marks.keys();
    if (marks.size > marksAtMost && oldest !== undefined) marks.delete(oldest);
    try {
      if (!bus.connected()) throw new Error('the bus is away');
      await bus.publish('core.events', { type: 'core.mark', id });
    } catch {
      // No agent could be heard either: each gets its whole lease again when the bus is back.
      marks.delete(id);
      missedSince ??= sentMs;
    } finally {
      underway.delete(id);
    }
  }

  /** While the bus was away no agent could be heard, nor end in time. */
  function giveBack(since: number): void {
    const now = performance.now();
    for (const lease of held.values()) {
      if (lease.waitsForAgent) continue;
      lease.heardMs = now;
      if (lease.overMs !== null) lease.overMs += now - since;
    }
  }

  /** Everything that the bus took before the mark was sent has been heard by now. */
  async function onMark(sentMs: number): Promise<void> {
    if (missedSince !== null) giveBack(missedSince);
    missedSince = null;
    for (const [key, lease] of held) {
      const silentMs = sentMs - lease.heardMs;
      const isOver = lease.overMs !== null && sentMs > lease.overMs + leaseMs;
      if (silentMs < (lease.waitsForAgent ? unclaimedMs : leaseMs) && !isOver) continue;
      try {
        await giveUp(lease, isOver);
        if (held.get(key) === lease) held.delete(key);
      } catch (error) {
        // The next mark tries again; the others have their turn now.
        log.error({ err: error, task: lease.about.task }, 'a lease could not be given up');
      }
    }
  }

  async function giveUp({ about, waitsForAgent }: Held, isOver: boolean): Promise<void> {
    const state = replay(about.task, await store.readTask(about.task));
    const live = liveAttempt(state);
    if (live === undefined || live.token !== about.token) return;
    if (waitsForAgent !== (live.phase === 'granted')) return;
    await submit(
      about.task,
      leaseActor,
      waitsForAgent ? nobodyTookIt(about, state, live) : await silent(about, live, isOver),
    );
  }

  function nobodyTookIt(about: AttemptAbout, state: TaskState, live: Attempt): TaskCommand {
    const pool = state.proposal?.plan.steps[live.step - 1]?.agent ?? '';
    const reason = `No agent of the pool ${pool} took step ${live.step} within ${Math.round(unclaimedMs / 60_000)} min. Nothing of it was done.`;
    return { type: 'attempt-refused', run: about.run, token: about.token, speaker: null, kind: 'NO_AGENT', reason };
  }

  async function silent(about: AttemptAbout, live: Attempt, isOver: boolean): Promise<TaskCommand> {
    const stored = await store.outputExtent(about.run, live.step, live.attempt);
    const why = isOver
      ? 'goes on with it beyond all its time'
      : `has not been heard of for ${Math.round(leaseMs / 1000)} s`;
    const agent = live.holder === null ? 'The agent' : `The agent “${live.holder.agent}”`;
    return {
      type: 'attempt-finished',
      run: about.run,
      token: about.token,
      speaker: null,
      result: {
        outcome: 'unknown',
        error: {
          kind: 'STEP_UNKNOWN',
          message: `${agent} ${why}; nobody can say whether step ${live.step} was done.`,
        },
        recap: {},
        changed: {},
        notes: [],
        exitCode: null,
        durationMs: 0,
        output: { sha256: '', lines: stored.lines, bytes: stored.bytes },
      },
    };
  }

  const hold = (about: AttemptAbout, waitsForAgent: boolean, end?: AttemptEnd): void => {
    const now = performance.now();
    const known = held.get(attemptKey(about))?.overMs ?? null;
    const stands = end === undefined || (end.isRepeated === true && known !== null);
    held.set(attemptKey(about), { about, waitsForAgent, heardMs: now, overMs: stands ? known : now + end.inMs });
  };
  const timer = setInterval(() => void sendMark(), everyMs).unref();
  return {
    granted: (about) => {
      if (!held.has(attemptKey(about))) hold(about, true);
    },
    heard: (about, end) => hold(about, false, end),
    ended: (about) => void held.delete(attemptKey(about)),
    isMark: (message) => markId(message) !== undefined,
    mark: async (message) => {
      const id = markId(message);
      const sentMs = id === undefined ? undefined : marks.get(id);
      if (id === undefined || sentMs === undefined) return;
      marks.delete(id);
      await onMark(sentMs).catch((error: unknown) => log.error({ err: error }, 'the lease check failed'));
    },
    stop: () => clearInterval(timer),
  };
}

function markId(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message)) return undefined;
  return message.type === 'core.mark' && typeof message.id === 'string' ? message.id : undefined;
}
