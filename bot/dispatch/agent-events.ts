// What agents say, taken from the bus in batches: checked, then into the log, the output store and the live progress.
import type { Logger } from 'pino';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import { agentMessageSchema } from '../../core/contracts/messages.ts';
import { openMessage } from '../../core/contracts/open-message.ts';
import type { ErrorName, Refusal } from '../../core/error.ts';
import { ChiffonError } from '../../core/error.ts';
import type { Bus, Handled } from '../../core/ports/bus.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/event-log.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import type { Submit } from '../submit.ts';
import type { AgentRegistry } from './agent-registry.ts';
import type { CoreVoice } from './core-voice.ts';
import type { Holders } from './holders.ts';
import { makeHolders } from './holders.ts';
import type { Leases } from './leases.ts';
import { commitSender } from './send-commit.ts';
import type { OutputMessage, WordParts } from './take-words.ts';
import { take, takeOutput } from './take-words.ts';
import { makeTell } from './tell.ts';

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

/** A large message of a stranger costs memory before it is known as one. */
const batch = 50;

/** Begins to listen; returns how to stop. A message is done when what it says is stored. */
export async function listenToAgents(parts: AgentEventParts): Promise<() => Promise<void>> {
  const holders = makeHolders(parts.store);
  const words: WordParts = { ...parts, tell: makeTell(parts.voice, parts.log), sendCommit: commitSender(parts) };
  return parts.bus.consumeMany('core.events', batch, async (messages) => {
    const handled: Handled[] = [];
    try {
      while (handled.length < messages.length) {
        const at = handled.length;
        const opened = await openOne(parts, messages[at]);
        const run = opened.type === 'attempt.output' ? await openMore(parts, messages, at, opened) : [opened];
        handled.push(...(await takeAll(words, holders, run, messages[at])));
      }
    } catch (error) {
      parts.log.warn({ err: error, handled: handled.length, of: messages.length }, 'a word of an agent waits');
      handled.push(whoseFault(error));
    }
    // What is stored is done, even where something behind it has to come again.
    return messages.map((_, at) => handled[at] ?? 'later');
  });
}

/** Only a message's own fault counts against it: what comes behind it, and all when a service is away, waits uncounted. */
function whoseFault(error: unknown): Handled {
  if (!(error instanceof ChiffonError)) return 'again';
  return error.retryable || notTheMessages.has(error.kind) ? 'later' : 'poison';
}

const notTheMessages: ReadonlySet<ErrorName> = new Set([
  'FENCED',
  'DISK_FULL',
  'BUS_FAILED',
  'DATABASE_FAILED',
  'INTERNAL',
]);

type Opened = AgentMessage | { readonly type: 'mark' } | Refusal;

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
  parts: WordParts,
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
    const output = run.filter((each) => each.type === 'attempt.output');
    try {
      await takeOutput(parts, holders, output);
    } catch (error) {
      if (output.length === 1 || whoseFault(error) === 'later') throw error;
      // One of them is at fault: each on its own shows which.
      return takeAll(parts, holders, [first], raw);
    }
    return run.map(() => 'done' as const);
  }
  await take(parts, holders, first);
  return ['done'];
}
