// A commit of the audit repository as git keeps it: which event it records, by its trailers, and what of it is signed.
import type { CommitSha, TaskId } from '../../core/ids.ts';
import { toCommitSha, toTaskId } from '../../core/ids.ts';
import type { AuditEntry } from '../../core/ports/repository.ts';

export const auditBranch = 'refs/heads/main';

export type AuditCommit = {
  readonly commit: CommitSha;
  readonly parents: readonly string[];
  /** null for a commit that is no entry. */
  readonly entry: { readonly seq: number; readonly hash: string; readonly task: TaskId } | null;
  /** The armoured signature and the bytes it is for; null when there is none. */
  readonly signature: { readonly armoured: string; readonly signed: Buffer } | null;
};

export function auditMessage({ title, seq, hash, task }: Pick<AuditEntry, 'title' | 'seq' | 'hash' | 'task'>): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break would let a title end in trailers of its own
  const subject = title.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
  return `${subject}\n\nChiffon-Seq: ${seq}\nChiffon-Head: ${hash}\nChiffon-Task: ${task}\n`;
}

/** `bytes` is the commit object: headers, an empty line, the message. */
export function parseAuditCommit(oid: string, bytes: Buffer): AuditCommit {
  const end = bytes.indexOf('\n\n');
  const headers = bytes.toString('utf8', 0, end);
  const message = bytes.toString('utf8', end + 2);
  const parents = [...headers.matchAll(/^parent (.+)$/gm)].map((match) => match[1] ?? '');
  return { commit: toCommitSha(oid), parents, entry: entryOf(message), signature: signatureOf(bytes, end) };
}

function entryOf(message: string): AuditCommit['entry'] {
  const trailers = /\n\nChiffon-Seq: (\d+)\nChiffon-Head: ([0-9a-f]{64})\nChiffon-Task: (\d+)\n$/.exec(message);
  if (trailers === null) return null;
  const [, seq, hash = '', task] = trailers;
  return { seq: Number(seq), hash, task: toTaskId(Number(task)) };
}

/** git signs the commit without its own `gpgsig` header, whose further lines begin with a space. */
function signatureOf(bytes: Buffer, end: number): AuditCommit['signature'] {
  const text = bytes.toString('latin1');
  const header = /\n(gpgsig(?:-sha256)? )([^\n]*(?:\n [^\n]*)*)\n/.exec(text.slice(0, end + 1));
  if (header === null) return null;
  const [whole, , value = ''] = header;
  const start = header.index + 1;
  const signed = Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + whole.length - 1)]);
  return { armoured: value.replaceAll('\n ', '\n'), signed };
}
