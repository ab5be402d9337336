// Says the last word on an attempt again, with the output that core misses: after a crash, or when core asks.
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { LastWord } from '../../core/contracts/messages.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { openSpool } from './spool.ts';

const messageBytes = 128 * 1024;

type Saying = Pick<AttemptParts, 'voice' | 'spoolPath' | 'journal' | 'log'>;

/** The output that follows chunk `after`, and the last word as a message of its own, which counts how often that was done. */
export async function sayOutputAgain(parts: Saying, event: LastWord, after: number): Promise<void> {
  if (event.type === 'attempt.refused') return parts.voice.say(event);
  // What can no longer be read must not keep core from the last word: it counts the chunks and judges.
  await sayOutput(parts, event, after).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ChiffonError') throw error;
    parts.log.error({ err: error, task: event.task }, 'output on the disk cannot be read');
  });
  const word = { ...event, ...parts.voice.envelope(event), resent: event.resent + 1 };
  await parts.journal.ended(attemptKey(event), word);
  await parts.voice.say(word);
}

async function sayOutput({ voice, spoolPath }: Saying, event: LastWord, after: number): Promise<void> {
  const spool = await openSpool(spoolPath(attemptKey(event)));
  try {
    for (let sent = after; ; ) {
      const chunks = await spool.read(sent, messageBytes);
      const last = chunks.at(-1);
      if (last === undefined) return;
      await voice.say({ type: 'attempt.output', ...voice.envelope(event), chunks: [...chunks] });
      sent = last.seq;
    }
  } finally {
    await spool.close();
  }
}
