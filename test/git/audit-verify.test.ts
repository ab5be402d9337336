// `audit verify` over a real audit repository: every way in which the record can be altered names its first bad event.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openAuditRepository } from '../../adapters/git/open-audit.ts';
import { auditEntry, auditFormat, isAudited } from '../../core/audit/audit-entry.ts';
import { chainOf, storedFrom, wholeStory } from '../../core/audit/test-stream.ts';
import { verifyAudit } from '../../core/audit/verify.ts';
import { toTaskId } from '../../core/ids.ts';
import type { AuditRepository } from '../../core/ports/repository.ts';
import { type ChainLink, chainStart, eventHash } from '../../core/task/chain.ts';
import { parseTaskEvent, type TaskEvent } from '../../core/task/event.ts';
import { git, makeScratch } from './scratch.ts';

const scratch = makeScratch();
let recorded = '';
let signingKey = '';

/** Two tasks by turns, a refused command after the end of the first, and a note of the system's. */
const late: TaskEvent = parseTaskEvent({
  type: 'command.refused',
  actor: 'terminal:local',
  command: 'approve',
  kind: 'WRONG_STATE',
  reason: 'it ended',
});
const note: TaskEvent = { type: 'system.noted', kind: 'START', reason: 'started', detail: null };
const [one, two] = [wholeStory('first'), wholeStory('second')];
const links = chainOf([
  { task: 0, event: note },
  ...one.flatMap((event, index) => [
    { task: 1, event },
    ...two.slice(index, index + 1).map((other) => ({ task: 2, event: other })),
  ]),
  { task: 1, event: late },
  { task: 0, event: note },
]);

/** The log as the store gives it; `events` is what stands in it. */
function logOf(events: readonly ChainLink[]) {
  return {
    readChain: async (after: number, limit: number) => events.filter(({ seq }) => seq > after).slice(0, limit),
    readTask: async (task: number) =>
      storedFrom(
        events.filter((link) => link.task === task),
        parseTaskEvent,
      ),
  };
}

async function recordAll(audit: AuditRepository, events: readonly ChainLink[]): Promise<void> {
  const stored = storedFrom(events, parseTaskEvent);
  for (const [index, { task }] of stored.entries()) {
    const entry = auditEntry(stored.slice(0, index + 1).filter((other) => other.task === task));
    if (entry !== null) await audit.record(entry);
  }
}

beforeAll(async () => {
  recorded = scratch.path('recorded');
  signingKey = scratch.path('key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', signingKey]);
  await recordAll(await openAuditRepository({ folder: recorded, signingKey }), links);
});

/** A copy of the recorded audit repository, to be altered. */
function copy(): string {
  const folder = scratch.path('audit');
  cpSync(recorded, folder, { recursive: true });
  return folder;
}

async function verify(events: readonly ChainLink[], folder = recorded, expected = {}) {
  return verifyAudit(logOf(events), await openAuditRepository({ folder }), expected);
}

/** The same events chained anew, as one would who knows how: all hashes fit again. */
function rechained(events: readonly ChainLink[]): ChainLink[] {
  const done: ChainLink[] = [];
  for (const [index, { hash: _, ...link }] of events.entries()) {
    const next = { ...link, seq: index + 1, prevHash: done.at(-1)?.hash ?? chainStart.hash };
    done.push({ ...next, hash: eventHash(next) });
  }
  return done;
}

function altered(seq: number, change: (link: ChainLink) => ChainLink): ChainLink[] {
  return links.map((link) => (link.seq === seq ? change(link) : link));
}

const otherRequest = (link: ChainLink) => ({
  ...link,
  payload: link.payload.replace('"request":"', '"request":"not '),
});
const auditedSeqs = links.filter(({ task, type }) => isAudited(task, type)).map(({ seq }) => seq);
const planOfTwo = links.find((link) => link.task === 2 && link.type === 'plan.proposed') as ChainLink;
const last = links.at(-1) as ChainLink;

describe('an untouched record', () => {
  it('holds, with its events, entries and head', async () => {
    expect(await verify(links, recorded, { signed: true })).toEqual({
      ok: true,
      events: links.length,
      entries: auditedSeqs.length,
      head: last.hash,
      waiting: 0,
    });
  });

  it('holds while the audit repository is behind the log', async () => {
    const folder = scratch.path('behind');
    await recordAll(await openAuditRepository({ folder }), links.slice(0, 8));
    const verdict = await verify(links, folder);
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok && verdict.waiting + verdict.entries).toBe(auditedSeqs.length);
  });

  it('holds when nothing has happened yet', async () => {
    expect(await verify([], scratch.path('new'))).toEqual({
      ok: true,
      events: 0,
      entries: 0,
      head: chainStart.hash,
      waiting: 0,
    });
  });
});

describe('a log that was altered', () => {
  it('a payload that was changed breaks the chain there', async () => {
    expect(await verify(altered(planOfTwo.seq, otherRequest))).toMatchObject({
      ok: false,
      kind: 'CHAIN_BROKEN',
      seq: planOfTwo.seq,
    });
  });

  it('a payload that was changed and chained anew contradicts the first entry after it', async () => {
    expect(await verify(rechained(altered(2, otherRequest)))).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: 4,
      message: expect.stringContaining('another hash'),
    });
  });

  it('events dropped at the end are missed: the audit repository knows later ones', async () => {
    const end = links.length - 6;
    expect(await verify(links.slice(0, end))).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: end + 1,
      message: expect.stringContaining('the log ends before it'),
    });
  });

  it('all events dropped are missed', async () => {
    expect(await verify([])).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH', seq: 1 });
  });

  it('an event dropped from the middle is missed', async () => {
    expect(await verify(links.filter(({ seq }) => seq !== 7))).toMatchObject({
      ok: false,
      kind: 'CHAIN_BROKEN',
      seq: 7,
    });
  });

  it('an event that was put in is found, with the old hashes or with new ones', async () => {
    const extra = { ...(links[4] as ChainLink), seq: 6 };
    const longer = [...links.slice(0, 5), extra, ...links.slice(5).map((link) => ({ ...link, seq: link.seq + 1 }))];
    expect(await verify(longer)).toMatchObject({ ok: false, kind: 'CHAIN_BROKEN', seq: 6 });
    expect(await verify(rechained(longer))).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH', seq: 6 });
  });

  it('two events that changed places are found', async () => {
    const swapped = altered(6, () => ({ ...(links[6] as ChainLink), seq: 6 })).map((link) =>
      link.seq === 7 ? { ...(links[5] as ChainLink), seq: 7 } : link,
    );
    expect(await verify(swapped)).toMatchObject({ ok: false, kind: 'CHAIN_BROKEN', seq: 6 });
    expect(await verify(rechained(swapped))).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH', seq: 6 });
  });
});

describe('an audit repository that was altered', () => {
  it('a commit taken from the middle is missed, and its successors’ signatures do not hold', async () => {
    const folder = copy();
    git(
      folder,
      'update-ref',
      'refs/heads/main',
      rewritten(folder, (commits) => commits.filter((_, index) => index !== 3)),
    );
    expect(await verify(links, folder)).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH', seq: auditedSeqs[3] });
  });

  it('commits taken from the end are missed where the store knows that they were made', async () => {
    const folder = copy();
    git(folder, 'update-ref', 'refs/heads/main', 'main~2');
    const shorter = scratch.path('shorter');
    git(scratch.root, 'clone', '--quiet', folder, shorter);
    git(shorter, 'config', 'core.bare', 'true');
    copyFileSync(join(folder, 'allowed_signers'), join(shorter, 'allowed_signers'));
    expect(await verify(links, shorter)).toMatchObject({ ok: true, waiting: 2 });
    expect(await verify(links, shorter, { recorded: last.seq })).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: auditedSeqs.at(-2),
    });
  });

  it('a history written anew without the key is found by its signatures', async () => {
    const folder = copy();
    git(
      folder,
      'update-ref',
      'refs/heads/main',
      rewritten(folder, (commits) => commits),
    );
    expect(await verify(links, folder)).toMatchObject({ ok: true });
    const key = scratch.path('strangers-key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    git(
      folder,
      'update-ref',
      'refs/heads/main',
      rewritten(folder, (commits) => commits, key),
    );
    expect(await verify(links, folder)).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: 4,
      message: expect.stringContaining('signature'),
    });
  });

  it('entries that are unsigned after signed ones are found when a key is configured', async () => {
    const folder = scratch.path('audit');
    await recordAll(await openAuditRepository({ folder, signingKey }), links.slice(0, 9));
    await recordAll(await openAuditRepository({ folder }), links);
    expect(await verify(links, folder)).toMatchObject({ ok: true });
    expect(await verify(links, folder, { signed: true })).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      message: expect.stringContaining('not signed'),
    });
  });

  it.each([
    ['a JSON file', `tasks/00/00002/0000000${planOfTwo.seq}-plan.proposed.json`],
    ['a story page', 'tasks/00/00002/README.md'],
  ])('%s with other words in its own commit is found', async (_what, path) => {
    const folder = copy();
    const target = git(folder, 'log', '-1', '--format=%H', `--grep=^Chiffon-Seq: ${planOfTwo.seq}$`, 'main');
    const tip = rewritten(folder, (commits) => commits, undefined, { commit: target, path });
    git(folder, 'update-ref', 'refs/heads/main', tip);
    expect(await verify(links, folder)).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: planOfTwo.seq,
      message: expect.stringContaining(path),
    });
  });

  it('a later commit by hand is found', async () => {
    const folder = copy();
    const theirs = git(folder, 'commit-tree', '-p', 'main', '-m', 'a correction', 'main^{tree}');
    git(folder, 'update-ref', 'refs/heads/main', theirs);
    expect(await verify(links, folder)).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      message: expect.stringContaining('not written by Chiffon'),
    });
  });

  it('a file altered where people read it is found', async () => {
    const folder = copy();
    writeFileSync(join(folder, 'tasks/00/00001/README.md'), 'all was well\n');
    expect(await verify(links, folder)).toMatchObject({
      ok: false,
      kind: 'AUDIT_MISMATCH',
      seq: 22,
      message: expect.stringContaining('tasks/00/00001/README.md'),
    });
  });

  it('an entry for an event that needs none is found', async () => {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    const [, received] = links as [ChainLink, ChainLink];
    await audit.record({
      task: toTaskId(received.task),
      seq: received.seq,
      hash: received.hash,
      title: 'x',
      files: [],
      at: received.at,
    });
    expect(await verify(links, folder)).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH', seq: 2 });
  });
});

/** The entries' commits made anew from their own trees and messages: some left out, signed with a key or not, one file changed. */
function rewritten(
  folder: string,
  choose: (commits: readonly string[]) => readonly string[],
  key?: string,
  change?: { readonly commit: string; readonly path: string },
): string {
  const [root = '', ...commits] = git(folder, 'rev-list', '--reverse', 'main').split('\n');
  const signing = key === undefined ? [] : ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`];
  return choose(commits).reduce((parent, commit) => {
    const tree = change?.commit === commit ? changedTree(folder, commit, change.path) : `${commit}^{tree}`;
    const message = `${git(folder, 'log', '-1', '--format=%B', commit)}\n`;
    const made = ['commit-tree', ...(key === undefined ? [] : ['-S']), '-p', parent, '-m', message.trimEnd(), tree];
    return git(folder, ...signing, ...made);
  }, root);
}

function changedTree(folder: string, commit: string, path: string): string {
  const checkout = scratch.path('checkout');
  git(scratch.root, 'clone', '--quiet', folder, checkout);
  git(checkout, 'checkout', '--quiet', commit);
  writeFileSync(join(checkout, path), 'something else\n');
  git(checkout, 'commit', '--quiet', '--all', '--message=x');
  git(folder, 'fetch', '--quiet', checkout, 'HEAD');
  return git(checkout, 'rev-parse', 'HEAD^{tree}');
}

describe('entries of an earlier format', () => {
  /** As an earlier version wrote them: the same events, told in other words. */
  async function recordedBy(format: number, change = (json: string) => json): Promise<string> {
    const folder = scratch.path('audit');
    const audit = await openAuditRepository({ folder });
    const stored = storedFrom(links, parseTaskEvent);
    for (const [index, { task }] of stored.entries()) {
      const entry = auditEntry(stored.slice(0, index + 1).filter((other) => other.task === task));
      if (entry === null) continue;
      const files = entry.files.map(({ path, text }) =>
        path.endsWith('.json')
          ? { path, text: change(text.replace(`"format":${auditFormat},"hash"`, `"format":${format},"hash"`)) }
          : { path, text: `${text}\nIn the words of that version.\n` },
      );
      await audit.record({ ...entry, files });
    }
    return folder;
  }

  it('hold for what they record; their pages are that version’s', async () => {
    expect(await verify(links, await recordedBy(auditFormat - 1))).toMatchObject({ ok: true });
  });

  it('are still compared with the log', async () => {
    const folder = await recordedBy(auditFormat - 1, (json) => json.replace('"needs":1', '"needs":0'));
    expect(await verify(links, folder)).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH' });
  });

  it('that claim a later format than this version knows do not hold', async () => {
    expect(await verify(links, await recordedBy(auditFormat + 1))).toMatchObject({ ok: false, kind: 'AUDIT_MISMATCH' });
  });
});
