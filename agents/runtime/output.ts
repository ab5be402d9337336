// An attempt's output on its way to core: plain text, redacted, whole lines, numbered chunks, with a digest over what was sent.

import { createHash } from 'node:crypto';
import type { AttemptOutcome, Chunk } from '../../core/contracts/messages.ts';
import type { Redactor } from '../../core/redaction/redactor.ts';
import { makePace } from './pace.ts';
import { makePlainText } from './plain-text.ts';

export type Output = {
  /** Resolves when more can be taken: at once, unless the bus is behind. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Sends the rest. The digest, lines and bytes are over the text of all chunks. */
  readonly end: () => Promise<AttemptOutcome['output'] & { readonly chunks: number }>;
};

const chunkBytes = 64 * 1024;
const paceMs = 50;
/** So many chunks may be on their way before the writer has to wait. */
const chunksUnderway = 8;
const longestLineBytes = 64 * 1024;
const cutMark = Buffer.from(' [cut: the line goes on]\n');
const newline = 10;

export function makeOutput(parts: {
  readonly redactor: Redactor;
  readonly send: (chunk: Chunk) => Promise<void>;
}): Output {
  const plain = makePlainText();
  const hash = createHash('sha256');
  const pace = makePace(paceMs, flush);
  const underway: Promise<void>[] = [];
  let fault: Error | undefined;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let pendingLines = 0;
  let lines = 0;
  let bytes = 0;
  let seq = 0;
  /** The beginning of a line whose end has not come. */
  let open: Buffer[] = [];
  let openBytes = 0;

  /** Takes redacted text and makes lines of it. */
  function take(text: string): void {
    if (text === '') return;
    const buffer = Buffer.from(text, 'utf8');
    let start = 0;
    for (let end = buffer.indexOf(newline); end !== -1; end = buffer.indexOf(newline, start)) {
      addLine(buffer.subarray(start, end + 1));
      start = end + 1;
    }
    if (start < buffer.length) extend(buffer.subarray(start));
  }

  function addLine(rest: Buffer): void {
    const line = extend(rest);
    pending.push(...open);
    pendingBytes += line;
    pendingLines += 1;
    open = [];
    openBytes = 0;
    if (pendingBytes >= chunkBytes) flush();
  }

  /** Adds to the open line, ending it with a mark as often as it gets too long; its length then. */
  function extend(part: Buffer): number {
    let rest = part;
    while (openBytes + rest.length > longestLineBytes) {
      const cut = wholeCharacters(rest, longestLineBytes - openBytes - cutMark.length);
      pending.push(...open, rest.subarray(0, cut), cutMark);
      pendingBytes += openBytes + cut + cutMark.length;
      pendingLines += 1;
      open = [];
      openBytes = 0;
      rest = rest.subarray(cut);
      flush();
    }
    open.push(rest);
    openBytes += rest.length;
    return openBytes;
  }

  function flush(): void {
    if (pendingLines === 0) return;
    const chunk = Buffer.concat(pending);
    hash.update(chunk);
    lines += pendingLines;
    bytes += chunk.length;
    const sent = parts.send({ seq: ++seq, text: chunk.toString('utf8'), lines: pendingLines });
    underway.push(sent);
    sent.then(
      () => underway.shift(),
      (error: unknown) => {
        fault = error instanceof Error ? error : new Error('a chunk could not be sent', { cause: error });
      },
    );
    pending = [];
    pendingBytes = 0;
    pendingLines = 0;
  }

  return {
    async write(data) {
      take(parts.redactor.push(plain.push(data)));
      if (pendingLines > 0) pace.ask();
      while (underway.length > chunksUnderway && fault === undefined) await underway[0];
      if (fault !== undefined) throw fault;
    },
    async end() {
      pace.stop();
      take(parts.redactor.push(plain.end()) + parts.redactor.end());
      if (openBytes > 0) addLine(Buffer.from('\n'));
      flush();
      await Promise.all(underway);
      return { sha256: hash.digest('hex'), lines, bytes, chunks: seq };
    },
  };
}

/** The longest beginning of at most `limit` bytes that ends with a whole character. */
function wholeCharacters(buffer: Buffer, limit: number): number {
  let end = Math.max(0, limit);
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
