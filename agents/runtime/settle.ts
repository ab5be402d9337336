// At a start: what an earlier life of this agent left is ended and told, before a new command is taken.
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { LastWord } from '../../core/contracts/messages.ts';
import { writeLast } from './attempt.ts';
import type { AttemptParts } from './attempt-parts.ts';
import type { JournalEntry } from './journal.ts';
import { openSpool } from './spool.ts';

export async function settleEarlierLife(parts: AttemptParts): Promise<void> {
  const open = parts.journal.entries().filter((entry) => !entry.settled);
  for (const entry of open)
    if (entry.mark !== null && entry.event === null) await parts.executor.endLeftover(entry.mark);
  await parts.executor.removeLeftoverFiles();
  await removeSpools(parts, open);
  for (const entry of open) {
    const event = entry.event ?? (await lastWord(parts, entry));
    if (entry.event === null) await writeLast(parts, event);
    parts.log.info({ task: entry.about.task, type: event.type }, 'telling how an attempt of an earlier life ended');
    // Not waited for: the bus may be away, and other work can go on.
    void parts.voice
      .say(event)
      .catch((error: unknown) => parts.log.warn({ err: error }, 'a last word could not be said'));
  }
}

/** What can be said truthfully: before the start nothing was done; after it, nobody knows how far it came. */
async function lastWord(parts: AttemptParts, entry: JournalEntry): Promise<LastWord> {
  const envelope = { ...parts.voice.envelope(entry.about), instance: entry.instance };
  if (!entry.started)
    return {
      type: 'attempt.refused',
      ...envelope,
      kind: 'NOT_STARTED',
      reason: 'The agent was restarted before it started the step. Nothing was done.',
    };
  const spool = await openSpool(parts.spoolPath(attemptKey(entry.about)));
  const chunks = spool.count();
  await spool.close();
  return {
    type: 'attempt.finished',
    ...envelope,
    chunks,
    resent: 0,
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

/** Output that no open attempt needs any more. */
async function removeSpools(parts: AttemptParts, open: readonly JournalEntry[]): Promise<void> {
  const needed = new Set(open.map((entry) => parts.spoolPath(attemptKey(entry.about))));
  const folder = dirname(parts.spoolPath('any'));
  for (const name of await readdir(folder).catch(() => []))
    if (!needed.has(join(folder, name))) await rm(join(folder, name), { force: true });
}
