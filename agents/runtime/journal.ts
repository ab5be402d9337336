// The agent's own memory of its attempts, fsynced: what it claimed, what it may start, how it ended, and whether core knows.
// Written before each step is taken, so that after any crash the agent can say what is true.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AttemptAbout } from '../../core/contracts/envelope.ts';
import { aboutSchema, attemptKey } from '../../core/contracts/envelope.ts';
import type { LastWord } from '../../core/contracts/messages.ts';
import { agentMessageSchema } from '../../core/contracts/messages.ts';
import type { ProcessMark } from './executor.ts';

const markSchema = z.object({
  pid: z.number().int(),
  startTime: z.string().nullable(),
  bootId: z.string().nullable(),
  tag: z.string(),
});

const lastWordSchema = agentMessageSchema.refine(isLastWord);

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('claimed'), about: aboutSchema, instance: z.string(), expiresAt: z.string() }),
  z.object({ type: z.literal('prepared'), key: z.string(), mark: markSchema }),
  z.object({ type: z.literal('started'), key: z.string() }),
  z.object({ type: z.literal('ended'), key: z.string(), event: lastWordSchema }),
  z.object({ type: z.literal('settled'), key: z.string() }),
  z.object({ type: z.literal('forgotten'), expiresAt: z.string() }),
]);
type Line = z.infer<typeof lineSchema>;

export type JournalEntry = {
  readonly about: AttemptAbout;
  /** The life of the agent that claimed it. */
  readonly instance: string;
  /** UTC ISO-8601; the command that was claimed has no effect after it. */
  readonly expiresAt: string;
  /** Set once its process exists, which waits for the word to begin. */
  readonly mark: ProcessMark | null;
  /** Its process was about to be told to begin, or was. */
  readonly started: boolean;
  /** The last word on it. */
  readonly event: LastWord | null;
  /** Core has recorded the last word. */
  readonly settled: boolean;
};

export type Journal = {
  readonly entry: (key: string) => JournalEntry | undefined;
  /** Oldest first. */
  readonly entries: () => readonly JournalEntry[];
  /** Commands that expire by then may have been here and be forgotten: none of them may run. UTC ISO-8601. */
  readonly forgottenUntil: () => string;
  readonly claim: (about: AttemptAbout, instance: string, expiresAt: string) => Promise<void>;
  readonly prepared: (key: string, mark: ProcessMark) => Promise<void>;
  readonly started: (key: string) => Promise<void>;
  readonly ended: (key: string, event: LastWord) => Promise<void>;
  readonly settled: (key: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Attempts whose end core knows are kept so long, to answer a command that comes twice. */
const endedKept = 500;
const entriesAtMost = 3 * endedKept;
/** The file is made anew when so many can be forgotten, and not for each one. */
const worthIt = endedKept / 10;

type Memory = { readonly entries: Map<string, JournalEntry>; forgotten: string };

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'attempts.jsonl');
  const memory = remember(await readLines(path));
  const { entries } = memory;
  await rewrite(folder, path, memory);
  let file = await open(path, 'a', 0o600);
  let writing: Promise<void> = Promise.resolve();
  /** A write failed, perhaps in the middle: the next one begins a line of its own. */
  let torn = false;
  let settled = countSettled(memory);

  /** One line after another, each on the disk before the next; one that failed does not hold up those after it. */
  function write(line: Line): Promise<void> {
    const written = writing.then(async () => {
      await file.writeFile(`${torn ? '\n' : ''}${JSON.stringify(line)}\n`);
      await file.datasync();
      torn = false;
      if (line.type === 'settled' && entries.get(line.key)?.settled === false) settled += 1;
      apply(memory, line);
      if (entries.size > entriesAtMost && settled >= endedKept + worthIt) await compact();
    });
    writing = written.catch(() => {
      torn = true;
    });
    return written;
  }

  async function compact(): Promise<void> {
    forgetOldest(memory);
    await rewrite(folder, path, memory);
    const old = file;
    file = await open(path, 'a', 0o600);
    settled = countSettled(memory);
    await old.close();
  }

  return {
    entry: (key) => entries.get(key),
    entries: () => [...entries.values()],
    forgottenUntil: () => memory.forgotten,
    // Field by field: what is handed over is a whole command, which is not the journal's to keep.
    claim: ({ task, run, step, attempt, token }, instance, expiresAt) =>
      write({ type: 'claimed', about: { task, run, step, attempt, token }, instance, expiresAt }),
    prepared: (key, mark) => write({ type: 'prepared', key, mark }),
    started: (key) => write({ type: 'started', key }),
    ended: (key, event) => write({ type: 'ended', key, event }),
    settled: (key) => write({ type: 'settled', key }),
    close: async () => {
      await writing;
      await file.close();
    },
  };
}

function isLastWord(message: z.infer<typeof agentMessageSchema>): message is LastWord {
  return message.type === 'attempt.finished' || message.type === 'attempt.refused';
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

function remember(lines: readonly Line[]): Memory {
  const memory: Memory = { entries: new Map(), forgotten: '' };
  for (const line of lines) apply(memory, line);
  forgetOldest(memory);
  return memory;
}

function countSettled({ entries }: Memory): number {
  return [...entries.values()].filter((entry) => entry.settled).length;
}

function forgetOldest(memory: Memory): void {
  const settled = [...memory.entries].filter(([, entry]) => entry.settled);
  for (const [key, { expiresAt }] of settled.slice(0, Math.max(0, settled.length - endedKept))) {
    memory.entries.delete(key);
    apply(memory, { type: 'forgotten', expiresAt });
  }
}

function apply(memory: Memory, line: Line): void {
  const { entries } = memory;
  if (line.type === 'forgotten') {
    if (line.expiresAt > memory.forgotten) memory.forgotten = line.expiresAt;
    return;
  }
  if (line.type === 'claimed') {
    const { about, instance, expiresAt } = line;
    entries.set(attemptKey(about), {
      about,
      instance,
      expiresAt,
      mark: null,
      started: false,
      event: null,
      settled: false,
    });
    return;
  }
  const entry = entries.get(line.key);
  if (entry === undefined) return;
  switch (line.type) {
    case 'prepared':
      entries.set(line.key, { ...entry, mark: line.mark });
      return;
    case 'started':
      entries.set(line.key, { ...entry, started: true });
      return;
    case 'ended':
      entries.set(line.key, { ...entry, event: line.event });
      return;
    case 'settled':
      entries.set(line.key, { ...entry, settled: true });
  }
}

/** Starts the file anew with what still counts, so that it stays small; the old one stands until the new one is on the disk. */
async function rewrite(folder: string, path: string, memory: Memory): Promise<void> {
  const lines: Line[] = [...memory.entries].flatMap(([key, entry]) => [
    { type: 'claimed' as const, about: entry.about, instance: entry.instance, expiresAt: entry.expiresAt },
    ...(entry.mark === null ? [] : [{ type: 'prepared' as const, key, mark: entry.mark }]),
    ...(entry.started ? [{ type: 'started' as const, key }] : []),
    ...(entry.event === null ? [] : [{ type: 'ended' as const, key, event: entry.event }]),
    ...(entry.settled ? [{ type: 'settled' as const, key }] : []),
  ]);
  if (memory.forgotten !== '') lines.push({ type: 'forgotten', expiresAt: memory.forgotten });
  const next = await open(`${path}.new`, 'w', 0o600);
  await next.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await next.sync();
  await next.close();
  await rename(`${path}.new`, path);
  const directory = await open(folder, 'r');
  await directory.sync();
  await directory.close();
}
