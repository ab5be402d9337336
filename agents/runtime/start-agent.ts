// The agent: takes commands for its pool from the bus, carries out one attempt a slot, and tells core what is true.
// First it settles what an earlier life left behind.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { AgentIdentity } from '../../core/contracts/identity.ts';
import type { CancelStep, CoreMessage, LastWord, StartStep } from '../../core/contracts/messages.ts';
import { coreMessageSchema } from '../../core/contracts/messages.ts';
import { openMessage } from '../../core/contracts/open-message.ts';
import { controlQueue } from '../../core/contracts/queues.ts';
import type { Refusal } from '../../core/error.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Bus, Handled } from '../../core/ports/bus.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import { beginAttempt, neverStarted, writeLast } from './attempt.ts';
import type { AgentRepository, Attempt, AttemptParts, FetchLimits, PermissionLimits } from './attempt-parts.ts';
import type { Executor } from './executor.ts';
import { lockFolder } from './folder-lock.ts';
import { openJournal } from './journal.ts';
import { sayOutputAgain } from './last-words.ts';
import { makePoolQueues } from './pool-queues.ts';
import { settleEarlierLife } from './settle.ts';
import { removeSpool } from './spool.ts';
import { makeVoice } from './voice.ts';

export type AgentOptions = {
  readonly bus: Bus;
  /** Its pool's queues are shared by all agents of the pool; the control queue is its own. */
  readonly identity: AgentIdentity;
  readonly executor: Executor;
  readonly repository: AgentRepository;
  /** The agent's own folder, for its journal and output on its way. No other agent may use it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** How many steps at once; 1 unless said otherwise. */
  readonly concurrency?: number;
  readonly heartbeatMs?: number;
  readonly permission?: PermissionLimits;
  readonly commits?: FetchLimits;
  /** Called when another process took this agent's name on the bus. */
  readonly onNameLost?: () => void;
};

export type Agent = {
  /** Resolves when what an earlier life left is settled and the agent takes commands. Rejects with BUS_NAME_TAKEN. */
  readonly ready: Promise<void>;
  /** How many attempts it is carrying out. */
  readonly running: () => number;
  /** Stops what runs, says how it ended, and takes nothing more. */
  readonly close: () => Promise<void>;
};

/** Cancels of attempts not heard of yet are remembered up to so many. */
const cancelsKept = 1_000;
/** How long a close waits for the bus to take the last words; the journal keeps them in any case. */
const lastWordsMs = 5_000;
/** A claim that cannot be written down keeps its slot so long. */
const journalPauseMs = 5_000;
/** The longest that an executor may take to stop. */
const stopMs = 25_000;
/** How often last words that core has not settled are said again. */
const unsettledMs = 60_000;

/** Opens the journal and begins. What an earlier life left is settled in the background; commands are taken after that. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { bus, identity, log, concurrency = 1, heartbeatMs = 10_000 } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(options.folder, identity.name);
  const journal = await openJournal(options.folder).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const closing = new AbortController();
  const running = new Map<string, Attempt>();
  const cancelled = new Set<string>();
  const sayingAgain = new Set<string>();
  const stops: (() => Promise<void>)[] = [];
  let closed = false;
  const queues = makePoolQueues({ bus, pool: identity.pool, log, onStart });

  const parts: AttemptParts = {
    ...{ identity, journal, heartbeatMs, log, executor: options.executor, repository: options.repository },
    ...{ clock: options.clock, newId: options.newId, instance: options.newId() },
    ...(options.permission && { permission: options.permission }),
    ...(options.commits && { commits: options.commits }),
    voice: makeVoice({ bus, identity, clock: options.clock, newId: options.newId, log, signal: closing.signal }),
    spoolPath: (key) => join(options.folder, 'output', `${key}.jsonl`),
  };

  function open(raw: unknown, now = options.clock.now): CoreMessage | Refusal {
    const message = openMessage(raw, {
      schema: coreMessageSchema,
      keyOf: (sender) => (sender === 'core' ? identity.corePublicKey : undefined),
      addresses: [`agent:${identity.name}`, `pool:${identity.pool}`],
      now,
    });
    if (message.type === 'refusal') log.warn({ kind: message.kind }, message.message);
    return message;
  }

  async function onStart(raw: unknown): Promise<Handled> {
    // One that is out of date is refused by the attempt, with a word to core: it would wait in vain where only a clock is wrong.
    const command = open(raw, () => new Date(0));
    if (command.type === 'refusal') return refused(command);
    if (command.type !== 'step.start') return 'poison';
    const key = attemptKey(command);
    const known = journal.entry(key);
    if (known !== undefined) {
      if (known.event !== null && !running.has(key)) void parts.voice.say(known.event).catch(unsaid);
      return 'done';
    }
    const { expiresAt } = command;
    if (expiresAt === null || expiresAt <= journal.forgottenUntil()) {
      log.warn({ task: command.task, key }, 'a command may have been here before and does not run');
      return 'poison';
    }
    if (running.size >= concurrency || closed) return 'again';
    const attempt = hold(key);
    try {
      await journal.claim(command, parts.instance, expiresAt);
    } catch (error) {
      log.error({ err: error }, 'the journal cannot be written; the command stays in the queue');
      attempt.giveUp();
      return 'again';
    }
    attempt.begin(command);
    // The claim goes out first, for the broker takes one thing after the other; the command leaves its queue after the pause.
    await turn();
    attempt.pause();
    return 'done';
  }

  /** Takes a slot before anything is awaited: commands of both priorities may come together. */
  function hold(key: string) {
    const begun = Promise.withResolvers<void>();
    const notYet: Attempt = {
      stop: (reason) => void (reason === 'cancelled' && cancelled.add(key)),
      heard: () => {},
      done: begun.promise,
    };
    running.set(key, notYet);
    // While every slot is taken the queues are left to the other agents of the pool; a delivery is never sat upon.
    const pause = (): void => void (running.has(key) && running.size >= concurrency && queues.pause());
    const release = (): void => {
      running.delete(key);
      if (running.size < concurrency) void queues.take().catch(() => {});
    };
    return {
      pause,
      begin: (command: StartStep): void => {
        const attempt = cancelled.delete(key) ? refuseCancelled(command) : beginAttempt(parts, command);
        running.set(key, attempt);
        if (closed) attempt.stop('shutdown');
        void attempt.done.catch(unsaid).finally(() => {
          release();
          begun.resolve();
        });
      },
      /** Its slot is free only after a while: at once the command would come back to this agent, and not to another one. */
      giveUp: (): void => {
        pause();
        begun.resolve();
        setTimeout(release, journalPauseMs).unref();
      },
    };
  }

  function refuseCancelled(command: StartStep): Attempt {
    const no = neverStarted('cancelled');
    const say = async (): Promise<void> => {
      const { task, run, step, attempt, token } = command;
      const envelope = { ...parts.voice.envelope({ task, run, step, attempt, token }), instance: parts.instance };
      const word = { type: 'attempt.refused' as const, ...envelope, kind: no.kind, reason: no.message };
      await writeLast(parts, word);
      await parts.voice.say(word);
    };
    return { stop: () => {}, heard: () => {}, done: say() };
  }

  async function onControl(raw: unknown): Promise<Handled> {
    const message = open(raw);
    if (message.type === 'refusal') return refused(message);
    const key = attemptKey(message);
    switch (message.type) {
      case 'step.cancel':
        return onCancel(message);
      case 'step.go':
      case 'commit.pack':
        running.get(key)?.heard(message);
        return 'done';
      case 'output.wanted': {
        const entry = journal.entry(key);
        if (entry?.event && !entry.settled) sayOutput(key, entry.event, message.after);
        return 'done';
      }
      case 'attempt.settled':
        if (journal.entry(key)?.event === null) return 'done';
        await journal.settled(key);
        await removeSpool(parts.spoolPath(key));
        return 'done';
      case 'step.start':
        return 'poison';
    }
  }

  /** One at a time: core asks once more when something is missing even after this. */
  function sayOutput(key: string, event: LastWord, after: number): void {
    if (sayingAgain.has(key)) return;
    sayingAgain.add(key);
    void sayOutputAgain(parts, event, after)
      .catch(unsaid)
      .finally(() => sayingAgain.delete(key));
  }

  function onCancel(command: CancelStep): Handled {
    const key = attemptKey(command);
    const attempt = running.get(key);
    if (attempt !== undefined) attempt.stop('cancelled');
    else if (journal.entry(key) === undefined) {
      // Its start may still be on the way.
      cancelled.add(key);
      const [oldest] = cancelled;
      if (cancelled.size > cancelsKept && oldest !== undefined) cancelled.delete(oldest);
    }
    return 'done';
  }

  function unsaid(error: unknown): void {
    if (!closing.signal.aborted) log.error({ err: error }, 'a last word could not be said; the journal keeps it');
  }

  /** Core settles each last word. One that it did not may be lost on the way, and is said again while this agent lives. */
  async function sayUnsettled(): Promise<void> {
    const quiet = journal
      .entries()
      .filter(({ about, event, settled }) => event !== null && !settled && !running.has(attemptKey(about)));
    for (const { event } of quiet) if (event !== null) await parts.voice.say(event);
  }

  async function listen(): Promise<void> {
    const lost = (): void => {
      log.error('another process took this agent’s name on the bus');
      options.onNameLost?.();
    };
    stops.push(await bus.hold(`agent.${identity.name}`, lost));
    await settleEarlierLife(parts);
    stops.push(await bus.consume(controlQueue(identity.name), onControl));
    const again = setInterval(() => void sayUnsettled().catch(unsaid), unsettledMs).unref();
    stops.push(async () => clearInterval(again));
    await queues.take();
  }

  const ready = listen();
  ready.catch((error: unknown) => log.error({ err: error }, 'the agent cannot take commands'));

  async function close(): Promise<void> {
    closed = true;
    await ready.catch(() => {});
    await queues.close();
    const attempts = [...running.values()];
    for (const attempt of attempts) attempt.stop('shutdown');
    const end = (): void => closing.abort(new ChiffonError('BUS_FAILED', 'The agent is closing.'));
    const timer = setTimeout(end, attempts.length === 0 ? 0 : stopMs + lastWordsMs);
    await Promise.all(attempts.map((attempt) => attempt.done.catch(() => {})));
    clearTimeout(timer);
    end();
    try {
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await journal.close();
    } finally {
      unlock();
    }
  }

  let over: Promise<void> | undefined;
  return {
    ready,
    running: () => running.size,
    close: () => {
      over ??= close();
      return over;
    },
  };
}

/** What is out of date is no poison: nobody has to look at it. */
function refused({ kind }: Refusal): Handled {
  return kind === 'EXPIRED' ? 'done' : 'poison';
}
