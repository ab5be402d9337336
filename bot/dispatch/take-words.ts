// What an agent's word changes: the log, the output store, the leases, the live progress. One that speaks for what it does not hold
// changes nothing, and is told.
import type { Logger } from 'pino';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import { toActorId } from '../../core/ids.ts';
import type { Bus } from '../../core/ports/bus.ts';
import type { Store } from '../../core/ports/event-log.ts';
import { replay } from '../../core/task/evolve.ts';
import type { TaskState } from '../../core/task/state.ts';
import { poolOf } from '../../core/task/state.ts';
import type { Submit, Submitted } from '../submit.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { commandLifetimeMs } from './core-voice.ts';
import type { Holders } from './holders.ts';
import type { Leases } from './leases.ts';
import { stopMs } from './leases.ts';
import type { Tell } from './tell.ts';
import { withWholeOutput } from './whole-output.ts';

export type WordParts = {
  readonly bus: Pick<Bus, 'broadcast'>;
  readonly store: Store;
  readonly submit: Submit;
  readonly leases: Leases;
  readonly registry: AgentRegistry;
  readonly tell: Tell;
  /** Begins to send what the agent asked for; does not wait. */
  readonly sendCommit: (wanted: Extract<AgentMessage, { type: 'commit.wanted' }>) => void;
  readonly log: Logger;
};

export type OutputMessage = Extract<AgentMessage, { type: 'attempt.output' }>;

export async function takeOutput(
  parts: WordParts,
  holders: Holders,
  messages: readonly OutputMessage[],
): Promise<void> {
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

export async function take(
  parts: WordParts,
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
      return parts.sendCommit(message);
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
  parts: WordParts,
  holders: Holders,
  message: Extract<AgentMessage, { type: 'attempt.claimed' }>,
): Promise<void> {
  const { run, token, sender } = message;
  const about = aboutOf(message);
  const speaker = { agent: sender, instance: message.instance };
  // The log says who is enrolled: the one step that a revoked agent must not get is the next.
  const [state] = await Promise.all([stateOf(parts, message), parts.registry.refresh()]);
  const command = { type: 'attempt-claimed', run, token, speaker } as const;
  const submitted =
    whyNotItsPool(parts, message, state, message.pool) ??
    (await parts.submit(message.task, toActorId(`agent:${sender}`), command, { known: state }));
  if (submitted.type === 'refusal') {
    parts.log.warn({ task: message.task, agent: sender }, submitted.message);
    return parts.tell(sender, about, { type: 'step.cancel', reason: submitted.message });
  }
  holders.forget(about);
  // An agent that claims and never starts must not keep the run for ever.
  parts.leases.heard(about, { inMs: commandLifetimeMs, isRepeated: isRepeated(submitted) });
  parts.tell(sender, about, { type: 'step.go', claim: message.id });
}

async function stateOf(parts: WordParts, { task }: AgentMessage): Promise<TaskState> {
  return replay(task, await parts.store.readTask(task));
}

function isRepeated(submitted: Exclude<Submitted, Refusal>): boolean {
  return submitted.type === 'repeated' || submitted.events.length === 0;
}

/** An agent may only take, or give back, what its own pool is for, as it was enrolled. `says`: the pool that it names. */
function whyNotItsPool(parts: WordParts, message: AgentMessage, state: TaskState, says?: string): Refusal | undefined {
  const enrolled = parts.registry.agent(message.sender)?.pool;
  const needed = poolOf(state);
  const other = [says, needed].find((pool) => pool !== undefined && pool !== enrolled);
  if (other === undefined) return undefined;
  return refusal('NOT_ENROLLED', `The agent “${message.sender}” is not enrolled for the pool “${other}”.`);
}

async function takeStart(
  parts: WordParts,
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
  if (submitted.type !== 'accepted') return lost(parts, holders, message);
  const timeoutMs = submitted.state.proposal?.plan.steps[message.step - 1]?.timeoutMs ?? commandLifetimeMs;
  parts.leases.heard(aboutOf(message), { inMs: timeoutMs + stopMs, isRepeated: isRepeated(submitted) });
}

async function takeLastWord(
  parts: WordParts,
  holders: Holders,
  message: Extract<AgentMessage, { type: 'attempt.refused' | 'attempt.finished' }>,
): Promise<void> {
  const { run, token, sender, instance, task } = message;
  const about = aboutOf(message);
  const report = { run, token, speaker: { agent: sender, instance } };
  let recorded = false;
  if (message.type === 'attempt.refused') {
    const { kind, reason } = message;
    const why = whyNotItsPool(parts, message, await stateOf(parts, message));
    if (why !== undefined) parts.log.warn({ task, agent: sender, kind: why.kind }, why.message);
    else recorded = await submitReport(parts, message, { type: 'attempt-refused', ...report, kind, reason });
  } else if (await holders.holds(message)) {
    const whole = await withWholeOutput(parts, message);
    if (whole.type === 'incomplete') return parts.tell(sender, about, { type: 'output.wanted', after: whole.after });
    const { result } = whole;
    recorded = await submitReport(parts, message, { type: 'attempt-finished', ...report, result });
  }
  // The word of an agent that does not hold the attempt must not end the watch over the one that does.
  if (recorded) {
    parts.leases.ended(about);
    holders.forget(about);
  }
  parts.log.debug({ task, agent: sender, recorded }, 'the last word on an attempt was said');
  parts.tell(sender, about, { type: 'attempt.settled' });
}

async function submitReport(parts: WordParts, message: AgentMessage, command: Parameters<Submit>[2]): Promise<boolean> {
  const submitted = await parts.submit(message.task, toActorId(`agent:${message.sender}`), command);
  if (submitted.type === 'refusal')
    parts.log.warn({ task: message.task, agent: message.sender, kind: submitted.kind }, submitted.message);
  return submitted.type === 'accepted';
}

/** An agent that speaks for an attempt that is not its own any more is told to end it; not for each of its words. */
async function lost(parts: WordParts, holders: Holders, message: AgentMessage): Promise<void> {
  if ((await holders.isUnclaimed(message)) || !holders.isTimeToSaySo(message)) return;
  const state = await stateOf(parts, message);
  parts.log.warn({ task: message.task, agent: message.sender, status: state.status }, 'an agent lost its lease');
  parts.tell(message.sender, aboutOf(message), {
    type: 'step.cancel',
    reason: 'The attempt is no longer this agent’s.',
  });
}

function aboutOf({ task, run, step, attempt, token }: AttemptAbout): AttemptAbout {
  return { task, run, step, attempt, token };
}
