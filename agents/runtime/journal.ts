// The agent's own memory of its attempts, fsynced: what it claimed, what runs, how it ended, and whether core knows.
// Written before each step is taken, so that after any crash the agent can say what is true.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AgentEvent } from '../../core/contracts/messages.ts';
import { agentEventSchema } from '../../core/contracts/messages.ts';
import { toRunId, toTaskId } from '../../core/ids.ts';
import type { ProcessMark } from './executor.ts';

const aboutSchema = z.object({
  task: z.number().transform(toTaskId),
  run: z.string().transform(toRunId),
  step: z.number().int(),
  attempt: z.number().int(),
  token: z.number().int(),
});
/** Which attempt is meant. */
export type AttemptAbout = z.infer<typeof aboutSchema>;

const markSchema = z.object({
  pid: z.number().int(),
  startTime: z.string().nullable(),
  bootId: z.string().nullable(),
  tag: z.string(),
});

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('claimed'), about: aboutSchema }),
  z.object({ type: z.literal('running'), key: z.string(), mark: markSchema }),
  z.object({ type: z.literal('ended'), key: z.string(), event: agentEventSchema }),
  z.object({ type: z.literal('sent'), key: z.string() }),
]);
type Line = z.infer<typeof lineSchema>;

export type JournalEntry = {
  readonly about: AttemptAbout;
  /** Set once its process exists. */
  readonly mark: ProcessMark | null;
  /** The last word on it, `attempt.refused` or `attempt.finished`. */
  readonly event: AgentEvent | null;
  /** The bus has taken the last word. */
  readonly sent: boolean;
};

export type Journal = {
  readonly entry: (key: string) => JournalEntry | undefined;
  /** Oldest first. */
  readonly entries: () => readonly JournalEntry[];
  readonly claim: (about: AttemptAbout) => Promise<void>;
  readonly running: (key: string, mark: ProcessMark) => Promise<void>;
  readonly ended: (key: string, event: AgentEvent) => Promise<void>;
  readonly sent: (key: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Attempts whose end core knows are kept so long, to answer a command that comes twice. */
const endedKept = 500;

export function attemptKey(about: Pick<AttemptAbout, 'run' | 'token'>): string {
  return `${about.run}.${about.token}`;
}

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'attempts.jsonl');
  const entries = remember(await readLines(path));
  await rewrite(folder, path, entries);
  const file = await open(path, 'a', 0o600);
  let writing: Promise<void> = Promise.resolve();

  /** One line after another, each on the disk before the next; one that failed does not hold up those after it. */
  function write(line: Line): Promise<void> {
    const written = writing.then(async () => {
      await file.write(`${JSON.stringify(line)}\n`);
      await file.datasync();
      apply(entries, line);
    });
    writing = written.catch(() => {});
    return written;
  }

  return {
    entry: (key) => entries.get(key),
    entries: () => [...entries.values()],
    // Field by field: what is handed over is a whole command, whose secrets must not reach the disk.
    claim: ({ task, run, step, attempt, token }) =>
      write({ type: 'claimed', about: { task, run, step, attempt, token } }),
    running: (key, mark) => write({ type: 'running', key, mark }),
    ended: (key, event) => write({ type: 'ended', key, event }),
    sent: (key) => write({ type: 'sent', key }),
    close: async () => {
      await writing;
      await file.close();
    },
  };
}

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines: Line[] = [];
  for (const line of text.split('\n')) {
    const parsed = lineSchema.safeParse(parseJson(line));
    // A line that a power cut tore was never acted upon.
    if (parsed.success) lines.push(parsed.data);
  }
  return lines;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function remember(lines: readonly Line[]): Map<string, JournalEntry> {
  const entries = new Map<string, JournalEntry>();
  for (const line of lines) apply(entries, line);
  const settled = [...entries].filter(([, entry]) => entry.sent);
  for (const [key] of settled.slice(0, Math.max(0, settled.length - endedKept))) entries.delete(key);
  return entries;
}

function apply(entries: Map<string, JournalEntry>, line: Line): void {
  if (line.type === 'claimed') {
    entries.set(attemptKey(line.about), { about: line.about, mark: null, event: null, sent: false });
    return;
  }
  const entry = entries.get(line.key);
  if (entry === undefined) return;
  if (line.type === 'running') entries.set(line.key, { ...entry, mark: line.mark });
  else if (line.type === 'ended') entries.set(line.key, { ...entry, event: line.event });
  else entries.set(line.key, { ...entry, sent: true });
}

/** Starts the file anew with what still counts, so that it stays small; the old one stands until the new one is on the disk. */
async function rewrite(folder: string, path: string, entries: ReadonlyMap<string, JournalEntry>): Promise<void> {
  const lines: Line[] = [...entries].flatMap(([key, entry]) => [
    { type: 'claimed' as const, about: entry.about },
    ...(entry.mark === null ? [] : [{ type: 'running' as const, key, mark: entry.mark }]),
    ...(entry.event === null ? [] : [{ type: 'ended' as const, key, event: entry.event }]),
    ...(entry.sent ? [{ type: 'sent' as const, key }] : []),
  ]);
  const next = await open(`${path}.new`, 'w', 0o600);
  await next.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await next.sync();
  await next.close();
  await rename(`${path}.new`, path);
  const directory = await open(folder, 'r');
  await directory.sync();
  await directory.close();
}
