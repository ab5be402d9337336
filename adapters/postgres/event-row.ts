// Between an event and its row: what may go into the log, its canonical form, and its parsing when it is read back.
import { ChiffonError } from '../../core/error.ts';
import { toActorId, toTaskId } from '../../core/ids.ts';
import { canonicalJson } from '../../core/json.ts';
import type { AppendRequest } from '../../core/ports/event-log.ts';
import type { ChainHead, ChainLink } from '../../core/task/chain.ts';
import { eventHash } from '../../core/task/chain.ts';
import type { StoredEvent, TaskEvent } from '../../core/task/event.ts';
import { parseTaskEvent } from '../../core/task/event.ts';

const payloadBytesAtMost = 4 * 1024 * 1024;

/** An event that the log can keep, with its payload in canonical form. */
export type FitEvent = { readonly event: TaskEvent; readonly payload: string };

/** Throws EVENT_UNFIT for an event over 4 MB, of no known shape, or with text that is not valid Unicode. */
export function fitEvents({ task, events }: AppendRequest): FitEvent[] {
  return events.map((given) => {
    const fit = canonical(given, `An event of task #${task} (${given.type})`);
    const bytes = Buffer.byteLength(fit.payload);
    if (bytes > payloadBytesAtMost)
      throw new ChiffonError(
        'EVENT_UNFIT',
        `An event of task #${task} (${given.type}) is ${(bytes / 1024 / 1024).toFixed(1)} MB; at most 4 MB go into the log.`,
      );
    return fit;
  });
}

function canonical(given: TaskEvent, name: string): FitEvent {
  try {
    // Parsed as it will be when it is read, so that nothing is hashed that a reader would not see.
    const event = parseTaskEvent(given);
    const { type: _, ...payload } = event;
    return { event, payload: canonicalJson(payload) };
  } catch (error) {
    throw new ChiffonError('EVENT_UNFIT', `${name} cannot be kept: it is not of the shape that the log has for it.`, {
      cause: error,
    });
  }
}

/** The events as they follow `head`: each as its row, and as it is given back. */
export function chainOn(
  head: ChainHead,
  { task, expectedVersion, actor, at }: AppendRequest,
  fit: readonly FitEvent[],
): { readonly link: ChainLink; readonly stored: StoredEvent }[] {
  let before = head;
  return fit.map(({ event, payload }, index) => {
    const place = { seq: before.seq + 1, task, version: expectedVersion + index + 1, actor, at, prevHash: before.hash };
    const hash = eventHash({ ...place, type: event.type, payload });
    before = { seq: place.seq, hash };
    return { link: { ...place, type: event.type, payload, hash }, stored: { ...place, hash, event } };
  });
}

/** Throws UNKNOWN_EVENT for what this version cannot read. */
export function storedEvent({ type, payload, ...link }: ChainLink): StoredEvent {
  try {
    return {
      ...link,
      task: toTaskId(link.task),
      actor: toActorId(link.actor),
      event: parseTaskEvent({ ...JSON.parse(payload), type }),
    };
  } catch (error) {
    throw new ChiffonError(
      'UNKNOWN_EVENT',
      `Event ${link.seq} of the log (task #${link.task}, ${type}) is not one that this version of Chiffon can read.`,
      { cause: error },
    );
  }
}
