// What one commit of the audit repository holds: the events since the last one as JSON, and the task's story as a page.
// Pure. bot/projectors/audit.ts hands it over; verify.ts makes it again from the log and compares.
import { systemTask } from '../ids.ts';
import { canonicalJson } from '../json.ts';
import type { AuditEntry } from '../ports/repository.ts';
import type { ChainLink } from '../task/chain.ts';
import type { StoredEvent, TaskEventType } from '../task/event.ts';
import { visible } from './markdown.ts';
import { sentence } from './sentence.ts';
import { storyPage } from './story-page.ts';

/** Raised whenever the same events would give another file: entries of an older format keep their page unchecked. */
export const auditFormat = 2;

/** Decisions and results. What lies between them stands in the next entry. */
const auditedTypes: ReadonlySet<string> = new Set<TaskEventType>([
  'task.refused',
  'plan.proposed',
  'approval.given',
  'approval.taken-back',
  'plan.approved',
  'plan.rejected',
  'plan.expired',
  'changes.requested',
  'plan.withdrawn',
  'run.started',
  'attempt.refused',
  'attempt.finished',
  'run.paused',
  'run.resumed',
  'cancel.requested',
  'change.merged',
  'change.kept',
  'task.succeeded',
  'task.failed',
  'task.cancelled',
  'task.unknown',
  'command.refused',
]);

/** The system's own stream (task 0) has no entries: the chain covers it. */
export function isAudited(task: number, type: string): boolean {
  return task !== systemTask && auditedTypes.has(type);
}

/** The entry for the last event of a task's stream, or null when that event makes none. The stream begins at version 1. */
export function auditEntry(stream: readonly StoredEvent[]): AuditEntry | null {
  const last = stream.at(-1);
  if (last === undefined || !isAudited(last.task, last.event.type)) return null;
  const { task, seq, hash, at } = last;
  return {
    task,
    seq,
    hash,
    at,
    title: title(last),
    files: [
      { path: entryPath(task, seq, last.event.type), text: entryJson(stream.map(linkOf)) },
      { path: storyPath(task), text: storyPage(stream) },
    ],
  };
}

/** `tasks/00/00042/00000041-plan.proposed.json`: a thousand tasks to a folder. */
export function entryPath(task: number, seq: number, type: string): string {
  return `${taskFolder(task)}/${String(seq).padStart(8, '0')}-${type}.json`;
}

export function storyPath(task: number): string {
  return `${taskFolder(task)}/README.md`;
}

/** The events since the entry before, each with all that its hash is taken over, as canonical JSON (RFC 8785). */
export function entryJson(stream: readonly ChainLink[], format = auditFormat): string {
  const last = stream.at(-1);
  if (last === undefined) throw new RangeError('an entry without events');
  const before = stream.findLastIndex((link) => link !== last && isAudited(link.task, link.type));
  const events = stream.slice(before + 1).map((link) => ({ ...link, payload: parsed(link.payload) }));
  return `${canonicalJson({ format, task: last.task, seq: last.seq, hash: last.hash, events })}\n`;
}

/** An event as the chain sees it. */
export function linkOf({ event, ...stored }: StoredEvent): ChainLink {
  const { type, ...payload } = event;
  return { ...stored, type, payload: canonicalJson(payload) };
}

function parsed(payload: string): unknown {
  return JSON.parse(payload);
}

function taskFolder(task: number): string {
  return `tasks/${String(Math.floor(task / 1000)).padStart(2, '0')}/${String(task).padStart(5, '0')}`;
}

function title(last: StoredEvent): string {
  const line = visible(`#${last.task} ${sentence(last)}`)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
