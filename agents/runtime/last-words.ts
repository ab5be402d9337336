// Says the last word on an attempt again, with the output that core misses: after a crash, or when core asks.
import { attemptKey } from '../../core/contracts/envelope.ts';
import type { LastWord } from '../../core/contracts/messages.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { openSpool } from './spool.ts';

const messageBytes = 128 * 1024;

/** `after`: the last chunk that core has; undefined to send the last word alone. */
export async function sayAgain(
  parts: Pick<AttemptParts, 'voice' | 'spoolPath'>,
  event: LastWord,
  after?: number,
): Promise<void> {
  const { voice } = parts;
  if (after === undefined || event.type === 'attempt.refused') return voice.say(event);
  const spool = await openSpool(parts.spoolPath(attemptKey(event)));
  try {
    for (let sent = after; ; ) {
      const chunks = await spool.read(sent, messageBytes);
      const last = chunks.at(-1);
      if (last === undefined) break;
      await voice.say({ type: 'attempt.output', ...voice.envelope(event), chunks: [...chunks] });
      sent = last.seq;
    }
    await voice.say({ ...event, resent: event.resent + 1 });
  } finally {
    await spool.close();
  }
}
