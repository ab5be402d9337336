// What happens in a step, for the live line: the first at once, then together, never more often than every 15 ms.
import type { Progress } from '../../core/contracts/messages.ts';
import type { Redactor } from '../../core/redaction/redactor.ts';
import { makePace } from './pace.ts';
import { plainText } from './plain-text.ts';

/** Half of what an event may take to the bus at the 99th percentile, and some. */
const paceMs = 15;
/** Kept while the bus is behind; older ones are dropped, for the live line shows the newest. */
const keptAtMost = 500;
const longestName = 300;

export function makeProgress(parts: {
  readonly redactor: Redactor;
  readonly send: (progress: Progress[]) => Promise<void>;
}) {
  let waiting: Progress[] = [];
  let sending: Promise<void> | undefined;
  const pace = makePace(paceMs, flush);

  function flush(): void {
    if (waiting.length === 0 || sending !== undefined) return;
    const batch = waiting;
    waiting = [];
    sending = parts
      .send(batch)
      .catch(() => {})
      .then(() => {
        sending = undefined;
        if (waiting.length > 0) pace.ask();
      });
  }

  return {
    add: (progress: Progress): void => {
      waiting.push({
        ...progress,
        host: progress.host?.slice(0, longestName) ?? null,
        name: parts.redactor.redact(plainText(progress.name)).slice(0, longestName),
      });
      if (waiting.length > keptAtMost) waiting.shift();
      pace.ask();
    },
    /** Hands over what is left, and does not wait for the bus. */
    end: (): void => {
      pace.stop();
      if (waiting.length > 0) void parts.send(waiting).catch(() => {});
      waiting = [];
    },
  };
}
