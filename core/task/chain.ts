// The hash chain over the log: what an event's hash is taken over, and how a record is checked against it.
// Written at append, checked by `audit verify`. Pure.
import { canonicalJson, sha256 } from '../json.ts';

/** An event exactly as the log keeps it; the payload is canonical JSON (RFC 8785) without the event's type. */
export type ChainLink = {
  readonly seq: number;
  readonly task: number;
  readonly version: number;
  readonly type: string;
  readonly payload: string;
  readonly actor: string;
  readonly at: string;
  readonly prevHash: string;
  readonly hash: string;
};

/** A place in the chain: the last event that is known to be right. */
export type ChainHead = { readonly seq: number; readonly hash: string };

export type ChainVerdict =
  | { readonly type: 'whole'; readonly head: ChainHead }
  /** `seq` is the first event that does not fit; `why` is a clause for people, e.g. `its content is not what was recorded`. */
  | { readonly type: 'broken'; readonly seq: number; readonly why: string };

/** Where every chain begins. */
export const chainStart: ChainHead = { seq: 0, hash: '0'.repeat(64) };

/**
 * SHA-256 over the canonical JSON of all that an event says and of the hash before it. The payload has to be canonical JSON,
 * so it is taken as it stands, between the other fields in their canonical order: an append costs half as much.
 */
export function eventHash(link: Omit<ChainLink, 'hash'>): string {
  const { seq, task, version, type, payload, actor, at, prevHash } = link;
  const before = `{"actor":${quoted(actor)},"at":${quoted(at)},"payload":${payload},"prevHash":"${prevHash}"`;
  return sha256(`${before},"seq":${seq},"task":${task},"type":${quoted(type)},"version":${version}}`);
}

/** What canonicalJson gives for a string, and throws; this asks the engine instead of going through it by hand. */
function quoted(text: string): string {
  return text.isWellFormed() ? JSON.stringify(text) : canonicalJson(text);
}

/** Checks links that follow `after`, in order; call it again with the head it gives for the next ones. */
export function verifyChain(links: Iterable<ChainLink>, after: ChainHead = chainStart): ChainVerdict {
  let head = after;
  for (const link of links) {
    const why = misfit(link, head);
    if (why !== undefined) return { type: 'broken', seq: Math.min(link.seq, head.seq + 1), why };
    head = { seq: link.seq, hash: link.hash };
  }
  return { type: 'whole', head };
}

function misfit(link: ChainLink, before: ChainHead): string | undefined {
  if (link.seq > before.seq + 1) return 'it is missing';
  if (link.seq < before.seq + 1) return 'it stands there twice or out of order';
  if (link.prevHash !== before.hash) return 'it does not follow the event before it';
  if (!isCanonical(link.payload)) return 'its content is not in the form in which events are recorded';
  if (eventHash(link) !== link.hash) return 'its content is not what was recorded';
  return undefined;
}

function isCanonical(payload: string): boolean {
  try {
    return canonicalJson(JSON.parse(payload)) === payload;
  } catch {
    return false;
  }
}
