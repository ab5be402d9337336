// `npm start -- audit verify`: the chain over the whole log, and the log against the audit repository, in both directions.
// Reads the log in pages and keeps only the streams of open tasks.
import { z } from 'zod';
import { ChiffonError } from '../error.ts';
import { toActorId, toTaskId } from '../ids.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { AuditRepository } from '../ports/repository.ts';
import { type ChainHead, type ChainLink, chainStart, verifyChain } from '../task/chain.ts';
import { finalEventTypes, parseTaskEvent, type StoredEvent } from '../task/event.ts';
import { auditEntry, auditFormat, entryJson, entryPath, isAudited, linkOf, storyPath } from './audit-entry.ts';

export type AuditVerdict =
  | {
      readonly ok: true;
      readonly events: number;
      readonly entries: number;
      /** The chain's head: the last event's hash. */
      readonly head: string;
      /** Events that belong into the audit repository and are not there yet. */
      readonly waiting: number;
    }
  /** `seq` is the first bad event; `message` is one sentence for people. */
  | {
      readonly ok: false;
      readonly kind: 'CHAIN_BROKEN' | 'AUDIT_MISMATCH';
      readonly seq: number;
      readonly message: string;
    };

const formatSchema = z.object({ format: z.number().int().min(1).max(auditFormat) });

type Log = Pick<EventLog, 'readChain' | 'readTask'>;
type Entry = Awaited<ReturnType<AuditRepository['entries']>>[number];
type Bad = Extract<AuditVerdict, { ok: false }>;

const pageLength = 500;

/** What is known besides the two. */
export type Expected = {
  /** A signing key is configured: from the first signed entry on, all must be. */
  readonly signed?: boolean;
  /** The audit projector's checkpoint: every decision and result up to this event was recorded. */
  readonly recorded?: number;
};

/** What it finds is a value; it throws only when it cannot look. */
export async function verifyAudit(log: Log, audit: AuditRepository, expected: Expected = {}): Promise<AuditVerdict> {
  const entries = await readEntries(audit);
  if ('ok' in entries) return entries;
  const streams = makeStreams(log);
  const pending = [...entries].reverse();
  let head: ChainHead = chainStart;
  let waiting = 0;

  for (;;) {
    const links = await log.readChain(head.seq, pageLength);
    const chain = verifyChain(links, head);
    for (const link of links) {
      if (chain.type === 'broken' && link.seq >= chain.seq) break;
      const stream = await streams.with(link);
      const entry = pending.at(-1);
      const bad =
        entry?.seq === link.seq ? await compare(audit, entry, link, stream) : unmatched(entry, link, expected);
      if (bad !== null) return bad;
      if (entry?.seq === link.seq) pending.pop();
      else if (isAudited(link.task, link.type)) waiting += 1;
    }
    if (chain.type === 'broken') return { ok: false, kind: 'CHAIN_BROKEN', seq: chain.seq, message: `${chain.why}.` };
    head = chain.head;
    if (links.length < pageLength) break;
  }

  const beyond = pending.at(-1);
  if (beyond !== undefined)
    return mismatch(
      head.seq + 1,
      `it is missing: the log ends before it, but the audit repository knows event ${beyond.seq}`,
    );
  const afterwards = unsignedEntry(entries, expected) ?? (await alteredFile(audit, entries));
  return afterwards ?? { ok: true, events: head.seq, entries: entries.length, head: head.hash, waiting };
}

/** An event with no entry of its own; `next` is the first entry that is still to be met. Null when that is right. */
function unmatched(next: Entry | undefined, link: ChainLink, { recorded = 0 }: Expected): Bad | null {
  if (!isAudited(link.task, link.type)) return null;
  if (next !== undefined) return mismatch(link.seq, 'the audit repository has later entries, but none for it');
  if (link.seq > recorded) return null;
  return mismatch(link.seq, 'it was recorded, but the audit repository has no entry for it');
}

async function readEntries(audit: AuditRepository): Promise<readonly Entry[] | Bad> {
  try {
    const entries = await audit.entries();
    const disorder = entries.find((entry, index) => entry.seq <= (entries[index - 1]?.seq ?? 0));
    if (disorder === undefined) return entries;
    return mismatch(
      disorder.seq,
      `commit ${disorder.commit} of the audit repository records it a second time or out of order`,
    );
  } catch (fault) {
    if (fault instanceof ChiffonError && fault.kind === 'AUDIT_MISMATCH') return mismatch(0, fault.message);
    throw fault;
  }
}

/** Null when the entry says what the log says. */
async function compare(audit: AuditRepository, entry: Entry, link: ChainLink, stream: readonly ChainLink[]) {
  const why = await difference(audit, entry, link, stream);
  return why === null ? null : mismatch(link.seq, why);
}

async function difference(audit: AuditRepository, entry: Entry, link: ChainLink, stream: readonly ChainLink[]) {
  const where = `commit ${entry.commit} of the audit repository`;
  if (entry.task !== link.task) return `${where} records it for task #${entry.task}, the log for #${link.task}`;
  if (entry.hash !== link.hash) return `${where} has another hash for it than the log`;
  if (!isAudited(link.task, link.type)) return `${where} records it, but it is no decision or result`;
  if (entry.signed === false) return `the signature of ${where} does not hold`;
  const path = entryPath(link.task, link.seq, link.type);
  const json = await audit.read(entry.commit, path);
  if (json === undefined) return `${where} lacks ${path}`;
  const format = formatOf(json);
  if (format === null || json !== entryJson(stream, format))
    return `${path} in ${where} does not say what the log says`;
  // Its page was written by an earlier version, in that version's words.
  if (format < auditFormat) return null;
  const story = auditEntry(stream.map(storedOf))?.files.find((file) => file.path === storyPath(link.task))?.text;
  const page = await audit.read(entry.commit, storyPath(link.task));
  return page === story ? null : `${storyPath(link.task)} in ${where} does not tell what the log tells`;
}

/** Null when this version does not know it. */
function formatOf(json: string): number | null {
  try {
    return formatSchema.parse(JSON.parse(json)).format;
  } catch {
    return null;
  }
}

function unsignedEntry(entries: readonly Entry[], { signed }: Expected): Bad | null {
  if (signed !== true) return null;
  const firstSigned = entries.findIndex((entry) => entry.signed !== null);
  const unsigned = entries.slice(Math.max(0, firstSigned)).find((entry) => entry.signed === null);
  if (firstSigned < 0 || unsigned === undefined) return null;
  return mismatch(
    unsigned.seq,
    `commit ${unsigned.commit} of the audit repository is not signed, though earlier ones are`,
  );
}

/** A file that changed where people read it; its entry is told by its name, a page's is its task's last. */
async function alteredFile(audit: AuditRepository, entries: readonly Entry[]): Promise<Bad | null> {
  const [path] = await audit.altered();
  if (path === undefined) return null;
  const [, task = ''] = /^tasks\/\d+\/(\d+)\//.exec(path) ?? [];
  const [, seq] = /\/0*(\d+)-[^/]+\.json$/.exec(path) ?? [];
  const last = entries.findLast((entry) => entry.task === Number(task)) ?? entries.at(-1);
  return mismatch(Number(seq ?? last?.seq ?? 0), `the file ${path} was altered since it was recorded`);
}

/** Each task's stream up to now. An ended task's is let go, and read again if something is added to it after all. */
function makeStreams(log: Log) {
  const open = new Map<number, ChainLink[]>();
  const ended = new Set<string>(finalEventTypes);
  return {
    async with(link: ChainLink): Promise<readonly ChainLink[]> {
      const stream = open.get(link.task) ?? (link.version === 1 ? [] : await earlier(log, link));
      stream.push(link);
      if (ended.has(link.type)) open.delete(link.task);
      else if (isAudited(link.task, 'task.failed')) open.set(link.task, stream);
      return stream;
    },
  };
}

async function earlier(log: Log, link: ChainLink): Promise<ChainLink[]> {
  const stream = await log.readTask(toTaskId(link.task));
  return stream.filter(({ version }) => version < link.version).map(linkOf);
}

function storedOf({ type, payload, ...link }: ChainLink): StoredEvent {
  try {
    const event = parseTaskEvent({ ...JSON.parse(payload), type });
    return { ...link, task: toTaskId(link.task), actor: toActorId(link.actor), event };
  } catch (cause) {
    throw new ChiffonError(
      'UNKNOWN_EVENT',
      `Event ${link.seq} (${type}) is not one that this version of Chiffon can read.`,
      { cause },
    );
  }
}

function mismatch(seq: number, why: string): Bad {
  return { ok: false, kind: 'AUDIT_MISMATCH', seq, message: `${why}.` };
}
