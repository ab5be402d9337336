// A result counts when the output that it speaks of is there: what is missing is asked for again, and then nothing is called a success.
import type { Logger } from 'pino';
import type { AgentMessage } from '../../core/contracts/messages.ts';
import type { OutputStore } from '../../core/ports/event-log.ts';
import type { AttemptOutcome } from '../../core/task/event.ts';

type Finished = Extract<AgentMessage, { type: 'attempt.finished' }>;
export type WholeOutput =
  | { readonly type: 'whole'; readonly result: AttemptOutcome }
  /** Chunks after number `after` are missing. */
  | { readonly type: 'incomplete'; readonly after: number };

const askAtMost = 3;

export async function withWholeOutput(
  parts: { readonly store: OutputStore; readonly log: Logger },
  message: Finished,
): Promise<WholeOutput> {
  const { result, chunks, resent } = message;
  const stored = await parts.store.outputExtent(message.run, message.step, message.attempt);
  if (stored.contiguous < chunks && resent < askAtMost) return { type: 'incomplete', after: stored.contiguous };
  const counted = { lines: stored.lines, bytes: stored.bytes };
  // Of an attempt that nobody saw the end of, the agent knows no sums to compare with.
  if (result.outcome === 'unknown')
    return { type: 'whole', result: { ...result, output: { ...result.output, ...counted } } };
  const isWhole =
    stored.contiguous === chunks && stored.lines === result.output.lines && stored.bytes === result.output.bytes;
  if (isWhole) return { type: 'whole', result };
  const sentence = `Only ${stored.lines} of ${result.output.lines} lines of output arrived, so the result “${result.outcome}” cannot be trusted.`;
  parts.log.error({ task: message.task, stored, said: result.output }, sentence);
  const outcome = result.outcome === 'succeeded' ? 'unknown' : result.outcome;
  return {
    type: 'whole',
    result: { ...result, outcome, error: { kind: 'OUTPUT_INCOMPLETE', message: sentence } },
  };
}
