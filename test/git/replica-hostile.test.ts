// Packs that are not what the agent asked for, from somebody who may write to the broker: each is refused, and costs little.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openReplica } from '../../adapters/git/open-replica.ts';
import { type CommitSha, toCommitSha } from '../../core/ids.ts';
import { commitAll, git, makeLab, makeScratch, userEnvironment, write } from './scratch.ts';

const scratch = makeScratch();
const lab = () => makeLab(scratch);

describe('a pack that is not what was asked for', () => {
  /** Objects of any make, whatever git thinks of them; gives the commit over such a tree. */
  function crooked(
    folder: string,
    entries: readonly (readonly [mode: string, name: string, oid: string])[],
  ): CommitSha {
    const tree = Buffer.concat(
      entries.flatMap(([mode, name, oid]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
    );
    const oid = shell(folder, 'git hash-object -t tree -w --stdin --literally', tree).toString().trim();
    return toCommitSha(git(folder, 'commit-tree', '-m', 'crooked', oid));
  }
  const packed = (folder: string, objects: string) => shell(folder, 'git pack-objects --stdout -q', objects);
  const wholeOf = (folder: string, commit: string) =>
    shell(folder, `git rev-list --objects --no-walk ${commit} | git pack-objects --stdout -q`);

  type Hostile = (
    source: { readonly folder: string },
    commit: CommitSha,
  ) => [CommitSha, Uint8Array | AsyncIterable<Uint8Array>];
  const oneSentence = /^[A-Z].*\.$/;
  const hostile: readonly (readonly [what: string, kind: string, make: Hostile, words?: RegExp])[] = [
    ['garbage', 'PACK_REFUSED', (_, commit) => [commit, randomBytes(5000)]],
    ['nothing at all', 'PACK_REFUSED', (_, commit) => [commit, Buffer.alloc(0)]],
    ['cut off', 'PACK_REFUSED', ({ folder }, commit) => [commit, wholeOf(folder, commit).subarray(0, 300)]],
    [
      'with one bit turned',
      'PACK_REFUSED',
      ({ folder }, commit) => {
        const pack = wholeOf(folder, commit);
        pack[100] = (pack[100] ?? 0) ^ 1;
        return [commit, pack];
      },
    ],
    ['another commit', 'PACK_REFUSED', ({ folder }, commit) => [toCommitSha('1'.repeat(40)), wholeOf(folder, commit)]],
    [
      'a tag or a tree under the commit’s name',
      'PACK_REFUSED',
      ({ folder }, commit) => [toCommitSha(git(folder, 'rev-parse', `${commit}^{tree}`)), wholeOf(folder, commit)],
    ],
    ['the commit without its tree', 'PACK_REFUSED', ({ folder }, commit) => [commit, packed(folder, commit)]],
    [
      'the commit without a file',
      'PACK_REFUSED',
      ({ folder }, commit) => {
        const listed = shell(folder, `git rev-list --objects --no-walk ${commit}`).toString();
        return [
          commit,
          packed(
            folder,
            listed
              .split('\n')
              .filter((line) => !line.includes('site.yml'))
              .join('\n'),
          ),
        ];
      },
    ],
    [
      'a thin pack over what the agent does not have',
      'PACK_REFUSED',
      ({ folder }, commit) => {
        write(folder, { 'site.yml': `${'- a line\n'.repeat(500)}` });
        const base = commitAll(folder);
        write(folder, { 'site.yml': `${'- a line\n'.repeat(500)}- one more\n` });
        const next = commitAll(folder);
        expect(base).not.toBe(commit);
        return [
          toCommitSha(next),
          shell(folder, `printf '%s\\n^%s\\n' ${next} ${base} | git pack-objects --revs --thin --stdout -q`),
        ];
      },
    ],
    [
      'a .git folder in the tree',
      'PACK_REFUSED',
      ({ folder }) => {
        const blob = git(folder, 'rev-parse', 'main:site.yml');
        const inner = shell(folder, 'git mktree', `100644 blob ${blob}\tconfig\n`).toString().trim();
        const commit = crooked(folder, [['40000', '.git', inner]]);
        return [commit, wholeOf(folder, commit)];
      },
    ],
    [
      'a path that leads upwards',
      'PACK_REFUSED',
      ({ folder }) => {
        const blob = git(folder, 'rev-parse', 'main:site.yml');
        const commit = crooked(folder, [['100644', '../escape', blob]]);
        return [commit, wholeOf(folder, commit)];
      },
    ],
    [
      'a name twice, as a link and as a folder',
      'PACK_REFUSED',
      ({ folder }) => {
        const link = shell(folder, 'git hash-object -w --stdin', '/etc').toString().trim();
        const commit = crooked(folder, [
          ['120000', 'a', link],
          ['40000', 'a', git(folder, 'rev-parse', 'main:config')],
        ]);
        return [commit, wholeOf(folder, commit)];
      },
    ],
    [
      'a few bytes that stand for ten thousand million files',
      'REPOSITORY_TOO_LARGE',
      ({ folder }) => {
        const blob = git(folder, 'rev-parse', 'main:site.yml');
        const level = (line: (name: number) => string) =>
          shell(folder, 'git mktree', Array.from({ length: 10 }, (_, name) => line(name)).join(''))
            .toString()
            .trim();
        let tree = level((name) => `100644 blob ${blob}\tf${name}\n`);
        for (let depth = 0; depth < 9; depth += 1) {
          const inner = tree;
          tree = level((name) => `040000 tree ${inner}\td${name}\n`);
        }
        const commit = toCommitSha(git(folder, 'commit-tree', '-m', 'bomb', tree));
        return [commit, wholeOf(folder, commit)];
      },
      /100,000 files/,
    ],
    [
      'a few kilobytes that stand for 600 MB of files',
      'REPOSITORY_TOO_LARGE',
      ({ folder }) => {
        const zeros = shell(folder, 'git hash-object -w --stdin', Buffer.alloc(6_000_000)).toString().trim();
        const lines = Array.from({ length: 100 }, (_, name) => `100644 blob ${zeros}\tf${name}\n`);
        const tree = shell(folder, 'git mktree', lines.join('')).toString().trim();
        const commit = toCommitSha(git(folder, 'commit-tree', '-m', 'large', tree));
        return [commit, wholeOf(folder, commit)];
      },
    ],
    ['a delta that claims to grow to 1 GB', 'PACK_REFUSED', (_, commit) => [commit, deltaBomb(1 << 30)], /over limit/],
    [
      'more than 64 MB',
      'REPOSITORY_TOO_LARGE',
      (_, commit) => [
        commit,
        (async function* () {
          for (;;) yield Buffer.alloc(8 * 1024 * 1024);
        })(),
      ],
    ],
  ];

  it.each(hostile.map(([what, kind, make, words = oneSentence]) => [what, kind, make, words] as const))(
    '%s is refused in one sentence, and the replica goes on',
    async (_what, kind, make, words) => {
      const source = await lab();
      const folder = scratch.path('replica');
      const replica = await openReplica({ folder });
      const good = source.head();
      const goodPack = await source.repository.pack(good, []);
      const [commit, pack] = make(source, good);
      const refused = await replica.receive(commit, pack).catch((fault: unknown) => fault);
      expect(refused).toMatchObject({ kind, message: expect.stringMatching(words) });
      expect([await replica.has(commit), await replica.have()]).toEqual([false, []]);
      expect(readdirSync(join(folder, 'sha1.git', 'objects', 'pack'))).toEqual([]);
      expect(readdirSync(join(folder, 'sha1.git')).filter((name) => name.startsWith('incoming-'))).toEqual([]);
      await replica.receive(good, goodPack);
      await (await replica.checkout(good)).release();
    },
  );

  it('what breaks off in the middle leaves nothing', async () => {
    const source = await lab();
    const replica = await openReplica({ folder: scratch.path('replica') });
    const broken = (async function* () {
      yield Buffer.from('PACK');
      throw new Error('the bus is away');
    })();
    await expect(replica.receive(source.head(), broken)).rejects.toThrow('the bus is away');
    await replica.receive(source.head(), await source.repository.pack(source.head(), []));
  });
});

/** A pack of a small blob and a delta over it whose result is to have that size. */
function deltaBomb(size: number): Buffer {
  const base = Buffer.alloc(65_536, 'x');
  const baseId = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest();
  const copies = Buffer.concat(Array.from({ length: size / 65_536 }, () => Buffer.from([0x80])));
  const delta = Buffer.concat([varint(base.length), varint(size), copies]);
  const body = Buffer.concat([
    Buffer.from('PACK\0\0\0\x02\0\0\0\x02', 'latin1'),
    entryHeader(3, base.length),
    deflateSync(base),
    entryHeader(7, delta.length),
    baseId,
    deflateSync(delta),
  ]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

function entryHeader(type: number, size: number): Buffer {
  const first = (type << 4) | (size & 15);
  const rest = Math.floor(size / 16);
  return rest === 0 ? Buffer.from([first]) : Buffer.concat([Buffer.from([first | 0x80]), varint(rest)]);
}

it('a commit that is too large even when packed is not sent at all', async () => {
  const source = await lab();
  git(source.folder, 'config', 'core.compression', '0');
  const commit = source.commit({ 'noise.bin': randomBytes(65 * 1024 * 1024) });
  await expect(source.repository.pack(commit, [])).rejects.toMatchObject({ kind: 'REPOSITORY_TOO_LARGE' });
});

const shell = (folder: string, script: string, input: Uint8Array | string = ''): Buffer =>
  execFileSync('sh', ['-c', script], { cwd: folder, env: userEnvironment, input, maxBuffer: 256 * 1024 * 1024 });
