// The agent: takes commands for its pool from the bus, carries out one attempt a slot, and tells core what is true.
// First it settles what an earlier life left behind.
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { AgentCommand, AgentEvent, CancelStep, StartStep } from '../../core/contracts/messages.ts';
import { agentCommandSchema } from '../../core/contracts/messages.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Bus, Handled, Queue } from '../../core/ports/bus.ts';
import type { Clock, NewId } from '../../core/ports/clock.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { beginAttempt, neverStarted, sayLast } from './attempt.ts';
import type { Attempt, AttemptParts } from './attempt-parts.ts';
import { envelopeOf } from './envelope.ts';
import type { Executor } from './executor.ts';
import type { AttemptAbout } from './journal.ts';
import { attemptKey, openJournal } from './journal.ts';
import { makeSender } from './sender.ts';
import { settleEarlierLife } from './settle.ts';

export type AgentOptions = {
  readonly bus: Bus;
  /** The queue `agent.<pool>` is shared by all agents of the pool. */
  readonly pool: string;
  /** This agent's own name, for `agent-control.<name>` and the record. */
  readonly name: string;
  readonly executor: Executor;
  readonly repository: Pick<InfrastructureRepository, 'checkout'>;
  /** The agent's own folder, for its journal. No other agent may use it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Logger;
  /** How many steps at once; 1 unless said otherwise. */
  readonly concurrency?: number;
  readonly heartbeatMs?: number;
};

export type Agent = {
  /** Resolves when what an earlier life left is settled and the agent takes commands. */
  readonly ready: Promise<void>;
  /** Stops what runs, says how it ended, and takes nothing more. */
  readonly close: () => Promise<void>;
};

/** Cancels of attempts not heard of yet are remembered up to so many. */
const cancelsKept = 1_000;
/** How long a close waits for the bus to take the last words; the journal keeps them in any case. */
const lastWordsMs = 5_000;

/** Opens the journal and begins. What an earlier life left is settled in the background; commands are taken after that. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { bus, pool, name, log, concurrency = 1, heartbeatMs = 10_000 } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const journal = await openJournal(options.folder);
  const closing = new AbortController();
  const running = new Map<string, Attempt>();
  const cancelled = new Set<string>();
  let stopTaking: (() => Promise<void>) | undefined;
  const stops: (() => Promise<void>)[] = [];

  const partsFor = (): AttemptParts => ({
    ...{ name, pool, journal, heartbeatMs },
    ...{ executor: options.executor, repository: options.repository, clock: options.clock, newId: options.newId, log },
    sender: makeSender({ bus, log, signal: closing.signal }),
  });

  async function onCommand(message: unknown): Promise<Handled> {
    const command = parse(message);
    if (command === undefined) return 'poison';
    if (command.type === 'step.cancel') return onCancel(command);
    const key = attemptKey(command);
    const known = journal.entry(key);
    if (known !== undefined) {
      if (known.event !== null && !running.has(key)) void sayAgain(known.about, known.event);
      return 'done';
    }
    try {
      await journal.claim(command);
    } catch (error) {
      log.error({ err: error }, 'the journal cannot be written; the command stays in the queue');
      return 'again';
    }
    begin(key, command);
    return 'done';
  }

  function begin(key: string, command: StartStep): void {
    const parts = partsFor();
    if (cancelled.delete(key)) {
      const no = neverStarted('cancelled');
      void sayLast(parts, command, {
        type: 'attempt.refused',
        ...envelopeOf(parts, command),
        kind: no.kind,
        reason: no.message,
      }).catch(unsaid);
      return;
    }
    const attempt = beginAttempt(parts, command);
    running.set(key, attempt);
    // While every slot is taken the queue is left to the other agents of the pool; a delivery is never sat upon.
    if (running.size >= concurrency) pause();
    void attempt.done.catch(unsaid).finally(() => {
      running.delete(key);
      if (running.size < concurrency) void take();
    });
  }

  async function onControl(message: unknown): Promise<Handled> {
    const command = parse(message);
    return command?.type === 'step.cancel' ? onCancel(command) : 'poison';
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

  function parse(message: unknown): AgentCommand | undefined {
    const parsed = agentCommandSchema.safeParse(message);
    if (!parsed.success)
      log.warn(
        { issues: parsed.error.issues.slice(0, 5) },
        'a command on the bus is not in the protocol; it was put aside',
      );
    return parsed.data;
  }

  async function sayAgain(about: AttemptAbout, event: AgentEvent): Promise<void> {
    await partsFor()
      .sender.send(event)
      .then(() => journal.sent(attemptKey(about)))
      .catch(unsaid);
  }

  function unsaid(error: unknown): void {
    if (!closing.signal.aborted) log.error({ err: error }, 'a last word could not be said; the journal keeps it');
  }

  async function take(): Promise<void> {
    if (closing.signal.aborted || stopTaking !== undefined) return;
    stopTaking = async () => {};
    const stop = await bus.consume(`agent.${pool}`, onCommand);
    stopTaking = stop;
    if (closing.signal.aborted || running.size >= concurrency) pause();
  }

  function pause(): void {
    const stop = stopTaking;
    stopTaking = undefined;
    // Called by the very handler that it stops, so it is not waited for.
    void stop?.().catch((error: unknown) => log.warn({ err: error }, 'consuming could not be stopped'));
  }

  async function listen(): Promise<void> {
    await settleEarlierLife(partsFor());
    const control: Queue[] = [...new Set([`agent-control.${name}` as const, `agent-control.${pool}` as const])];
    for (const queue of control) stops.push(await bus.consume(queue, onControl));
    await take();
  }

  const ready = listen();
  ready.catch((error: unknown) => log.error({ err: error }, 'the agent cannot take commands'));

  return {
    ready,
    async close() {
      await ready.catch(() => {});
      await Promise.all(stops.splice(0).map((stop) => stop()));
      const attempts = [...running.values()];
      const taking = stopTaking;
      stopTaking = async () => {};
      await taking?.();
      for (const attempt of attempts) attempt.stop('shutdown');
      const timer = setTimeout(
        () => closing.abort(new ChiffonError('BUS_FAILED', 'The agent is closing.')),
        attempts.length === 0 ? 0 : stopMs + lastWordsMs,
      );
      await Promise.all(attempts.map((attempt) => attempt.done.catch(() => {})));
      clearTimeout(timer);
      closing.abort(new ChiffonError('BUS_FAILED', 'The agent is closing.'));
      await journal.close();
    },
  };
}

/** The longest that an executor may take to stop. */
const stopMs = 25_000;
