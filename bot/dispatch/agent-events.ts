// What agents say, taken from the bus in batches: checked, then into the log, the output store and the live progress.
import type { Logger } from 'pino';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { agentMessageSchema } from '../../core/contracts/messages.ts';
import { openMessage } from '../../core/contracts/open-message.ts';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import { toActorId } from '../../core/ids.ts';
import type { Bus, Handled } from '../../core/ports/bus.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { replay } from '../../core/task/evolve.ts';
import { poolOf } from '../../core/task/state.ts';
import type { Submit } from '../submit.ts';
import type { AgentRegistry } from './agent-registry.ts';
import type { CoreVoice } from './core-voice.ts';
import type { Holders } from './holders.ts';
import { makeHolders } from './holders.ts';
import type { Leases } from './leases.ts';
import { sendCommit } from './send-commit.ts';
import { withWholeOutput } from './whole-output.ts';

export type AgentEventParts = {
  readonly bus: Bus;
  readonly store: Store;
  readonly submit: Submit;
  readonly leases: Leases;
  readonly voice: CoreVoice;
  readonly registry: AgentRegistry;
  readonly repository: InfrastructureRepository;
  readonly clock: Clock;
  readonly log: Logger;
};

const batch = 200;

/** Begins to listen; returns how to stop. A message is done when what it says is stored. */
export async function listenToAgents(parts: AgentEventParts): Promise<() => Promise<void>> {
  const holders = makeHolders(parts.store);
  return parts.bus.consumeMany('core.events', batch, async (messages) => {
    const handled: Handled[] = [];
    try {
      while (handled.length < messages.length) {
        const at = handled.length;
        const opened = await openOne(parts, messages[at]);
        const run = opened.type === 'attempt.output' ? await openMore(parts, messages, at, opened) : [opened];
        handled.push(...(await takeAll(parts, holders, run, messages[at])));
      }
    } catch (error) {
      parts.log.warn({ err: error, handled: handled.length, of: messages.length }, 'a word of an agent waits');
    }
    // What is stored is done, even where something behind it has to come again.
    return messages.map((_, at) => handled[at] ?? 'again');
  });
}

type Opened = AgentMessage | { readonly type: 'mark' } | Refusal;
type OutputMessage = Extract<AgentMessage, { type: 'attempt.output' }>;

/** Output that comes in a row is stored in one go. */
async function openMore(
  parts: AgentEventParts,
  messages: readonly unknown[],
  at: number,
  first: OutputMessage,
): Promise<readonly OutputMessage[]> {
  const run = [first];
  for (const raw of messages.slice(at + 1)) {
    const next = await openOne(parts, raw);
    if (next.type !== 'attempt.output') break;
    run.push(next);
  }
  return run;
}

async function openOne(parts: AgentEventParts, raw: unknown): Promise<Opened> {
  if (parts.leases.isMark(raw)) return { type: 'mark' };
  const { registry, clock } = parts;
  const open = (): AgentMessage | Refusal =>
    openMessage(raw, {
      schema: agentMessageSchema,
      keyOf: (sender) => registry.agent(sender)?.key,
      addresses: ['core'],
      now: clock.now,
    });
  const opened = open();
  if (opened.type !== 'refusal' || opened.kind !== 'NOT_ENROLLED') return opened;
  await registry.refresh();
  return open();
}

async function takeAll(
  parts: AgentEventParts,
  holders: Holders,
  run: readonly Opened[],
  raw: unknown,
): Promise<readonly Handled[]> {
  const [first] = run;
  if (first === undefined) return [];
  if (first.type === 'mark') {
    await parts.leases.mark(raw);
    return ['done'];
  }
  if (first.type === 'refusal') {
    parts.log.warn({ kind: first.kind }, first.message);
    return ['poison'];
  }
  if (first.type === 'attempt.output') {
    await takeOutput(
      parts,
      holders,
      run.filter((each) => each.type === 'attempt.output'),
    );
    return run.map(() => 'done' as const);
  }
  await take(parts, holders, first);
  return ['done'];
}

async function takeOutput(parts: AgentEventParts, holders: Holders, messages: readonly OutputMessage[]): Promise<void> {
  const held: OutputMessage[] = [];
  for (const message of messages)
    if (await holders.holds(message)) held.push(message);
    else await lost(parts, holders, message);
  await parts.store.appendOutput(
    held.flatMap(({ run, step, attempt, chunks }) => chunks.map((chunk) => ({ run, step, attempt, ...chunk }))),
  );
  for (const message of held) {
    parts.leases.heard(aboutOf(message));
    const lines = message.chunks.reduce((sum, chunk) => sum + chunk.lines, 0);
    parts.bus.broadcast({ type: 'live.lines', task: message.task, step: message.step, lines });
  }
}

async function take(
  parts: AgentEventParts,
  holders: Holders,
  message: Exclude<AgentMessage, OutputMessage>,
): Promise<void> {
  const about = aboutOf(message);
  switch (message.type) {
    case 'attempt.heartbeat':
      if (await holders.holds(message)) return parts.leases.heard(about);
      return lost(parts, holders, message);
    case 'attempt.progress':
      if (!(await holders.holds(message))) return lost(parts, holders, message);
      parts.leases.heard(about);
      parts.bus.broadcast({
        type: 'live.progress',
        task: message.task,
        step: message.step,
        progress: message.progress,
      });
      return;
    case 'commit.wanted':
      // Not waited for: a large commit must not hold up what others say.
      void sendCommit(parts, message).catch((error: unknown) =>
        parts.log.error({ err: error, task: message.task }, 'a commit could not be sent to an agent'),
      );
      return;
    case 'attempt.claimed':
      return takeClaim(parts, holders, message);
    case 'attempt.started':
      return takeStart(parts, holders, message);
    case 'attempt.refused':
    case 'attempt.finished':
      return takeLastWord(parts, holders, message);
  }
}

async function takeClaim(
  parts: AgentEventParts,
  holders: Holders,
  message: Extract<AgentMessage, { type: 'attempt.claimed' }>,
): Promise<void> {
  const { run, token, sender } = message;
  const about = aboutOf(message);
  const speaker = { agent: sender, instance: message.instance };
  // The log says who is enrolled: the one step that a revoked agent must not get is the next.
  await parts.registry.refresh();
  const submitted =
    (await whyNotItsPool(parts, message, message.pool)) ??
    (await parts.submit(message.task, toActorId(`agent:${sender}`), { type: 'attempt-claimed', run, token, speaker }));
  if (submitted.type === 'refusal') {
    parts.log.warn({ task: message.task, agent: sender }, submitted.message);
    return parts.voice.tell(sender, about, { type: 'step.cancel', reason: submitted.message });
  }
  holders.learn(about, sender);
  parts.leases.heard(about);
  await parts.voice.tell(sender, about, { type: 'step.go', claim: message.id });
}

/** An agent may only take, or give back, what its own pool is for, as it was enrolled. `says`: the pool that it names. */
async function whyNotItsPool(
  parts: AgentEventParts,
  message: AgentMessage,
  says?: string,
): Promise<Refusal | undefined> {
  const enrolled = parts.registry.agent(message.sender)?.pool;
  const needed = poolOf(replay(message.task, await parts.store.readTask(message.task)));
  const other = [says, needed].find((pool) => pool !== undefined && pool !== enrolled);
  if (other === undefined) return undefined;
  return refusal('NOT_ENROLLED', `The agent “${message.sender}” is not enrolled for the pool “${other}”.`);
}

async function takeStart(
  parts: AgentEventParts,
  holders: Holders,
  message: Extract<AgentMessage, { type: 'attempt.started' }>,
): Promise<void> {
  const { run, token, sender, instance } = message;
  const submitted = await parts.submit(message.task, toActorId(`agent:${sender}`), {
    type: 'attempt-started',
    run,
    token,
    speaker: { agent: sender, instance },
  });
  if (submitted.type === 'refusal') return lost(parts, holders, message);
  parts.leases.heard(aboutOf(message));
}

async function takeLastWord(
  parts: AgentEventParts,
  holders: Holders,
  message: Extract<AgentMessage, { type: 'attempt.refused' | 'attempt.finished' }>,
): Promise<void> {
  const { run, token, sender, instance, task } = message;
  const about = aboutOf(message);
  const report = { run, token, speaker: { agent: sender, instance } };
  let recorded = false;
  if (message.type === 'attempt.refused') {
    const { kind, reason } = message;
    const why = await whyNotItsPool(parts, message);
    if (why !== undefined) parts.log.warn({ task, agent: sender, kind: why.kind }, why.message);
    else recorded = await submitReport(parts, message, { type: 'attempt-refused', ...report, kind, reason });
  } else if (await holders.holds(message)) {
    const whole = await withWholeOutput(parts, message);
    if (whole.type === 'incomplete')
      return parts.voice.tell(sender, about, { type: 'output.wanted', after: whole.after });
    const { result } = whole;
    recorded = await submitReport(parts, message, { type: 'attempt-finished', ...report, result });
  }
  // The word of an agent that does not hold the attempt must not end the watch over the one that does.
  if (recorded) {
    parts.leases.ended(about);
    holders.forget(about);
  }
  parts.log.debug({ task, agent: sender, recorded }, 'the last word on an attempt was said');
  await parts.voice.tell(sender, about, { type: 'attempt.settled' });
}

async function submitReport(
  parts: AgentEventParts,
  message: AgentMessage,
  command: Parameters<Submit>[2],
): Promise<boolean> {
  const submitted = await parts.submit(message.task, toActorId(`agent:${message.sender}`), command);
  if (submitted.type === 'refusal')
    parts.log.warn({ task: message.task, agent: message.sender, kind: submitted.kind }, submitted.message);
  return submitted.type === 'accepted';
}

/** An agent that speaks for an attempt that is not its own any more is told to end it; not for each of its words. */
async function lost(parts: AgentEventParts, holders: Holders, message: AgentMessage): Promise<void> {
  if (!holders.isTimeToSaySo(message)) return;
  const state = replay(message.task, await parts.store.readTask(message.task));
  parts.log.warn({ task: message.task, agent: message.sender, status: state.status }, 'an agent lost its lease');
  await parts.voice.tell(message.sender, aboutOf(message), {
    type: 'step.cancel',
    reason: 'The attempt is no longer this agent’s.',
  });
}

function aboutOf({ task, run, step, attempt, token }: AttemptAbout): AttemptAbout {
  return { task, run, step, attempt, token };
}
