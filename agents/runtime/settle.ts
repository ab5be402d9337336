// At a start: what an earlier life of this agent left is ended and told, before a new command is taken.
import type { AgentEvent } from '../../core/contracts/messages.ts';
import { sayLast } from './attempt.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { envelopeOf } from './envelope.ts';
import type { JournalEntry } from './journal.ts';

export async function settleEarlierLife(parts: AttemptParts): Promise<void> {
  const open = parts.journal.entries().filter((entry) => !entry.sent);
  for (const entry of open)
    if (entry.mark !== null && entry.event === null) await parts.executor.endLeftover(entry.mark);
  await parts.executor.removeLeftoverFiles();
  for (const entry of open) {
    const event = entry.event ?? lastWord(parts, entry);
    parts.log.info({ task: entry.about.task, type: event.type }, 'telling how an attempt of an earlier life ended');
    // Not waited for: the bus may be away, and other work can go on.
    void sayLast(parts, entry.about, event).catch((error: unknown) =>
      parts.log.warn({ err: error }, 'a last word could not be said'),
    );
  }
}

/** What can be said truthfully: without a process nothing was done; with one, nobody knows how far it came. */
function lastWord(parts: AttemptParts, entry: JournalEntry): AgentEvent {
  const envelope = envelopeOf(parts, entry.about);
  if (entry.mark === null)
    return {
      type: 'attempt.refused',
      ...envelope,
      kind: 'NOT_STARTED',
      reason: 'The agent was restarted before it started the step. Nothing was done.',
    };
  return {
    type: 'attempt.finished',
    ...envelope,
    chunks: 0,
    result: {
      outcome: 'unknown',
      error: {
        kind: 'STEP_UNKNOWN',
        message: `The agent died while step ${entry.about.step} ran. What was left of it has been ended; nobody can say how far it came.`,
      },
      recap: {},
      changed: {},
      notes: [],
      exitCode: null,
      durationMs: 0,
      output: { sha256: '', lines: 0, bytes: 0 },
    },
  };
}
