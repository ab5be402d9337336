// The audit repository's files as they lie there for people, beside its commits.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CommitSha } from '../../core/ids.ts';
import type { AuditEntry } from '../../core/ports/repository.ts';
import { auditBranch } from './audit-commit.ts';
import type { Git } from './git.ts';

/** Each file is there as a whole or not at all. */
export async function writeFiles(folder: string, files: AuditEntry['files']): Promise<void> {
  for (const { path, text } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    const building = `${target}.${randomUUID()}.new`;
    await writeFile(building, text);
    await rename(building, target);
  }
}

/** An entry's files after its commit. When another process has recorded more meanwhile, as they stand after that. */
export async function showFiles(git: Git, commit: CommitSha, files: AuditEntry['files']): Promise<void> {
  // Read as git does where the ref is a file of its own, which it nearly always is: a process would cost more than the rest.
  const tip = async () =>
    (await readFile(join(git.folder, '.git', auditBranch), 'utf8').catch(() => null))?.trim() ??
    git.run(['rev-parse', '--verify', auditBranch]);
  await writeFiles(git.folder, files);
  let shown: string = commit;
  for (let now = await tip(); now !== shown; now = await tip()) {
    const newest = files.map(async ({ path }) => ({ path, text: await textAt(git, now, path) }));
    await writeFiles(git.folder, await Promise.all(newest));
    shown = now;
  }
}

/**
 * A crash between a commit and its files leaves those of the commit before. Only that is mended: a file that says anything
 * else was altered, and stays for `audit verify` to find.
 */
export async function mendFiles(git: Git, tip: CommitSha): Promise<void> {
  const listing = await git.run(['diff-tree', '--root', '-r', '-z', '--no-commit-id', '--name-only', tip]);
  for (const path of listing.split('\0').filter((name) => name !== '')) {
    const there = await readFile(join(git.folder, path), 'utf8').catch(() => null);
    const text = await textAt(git, tip, path);
    if (there === text) continue;
    const before = await git.attempt(['cat-file', 'blob', `${tip}^:${path}`]);
    if (there === null || (before.ok && before.stdout === there)) await writeFiles(git.folder, [{ path, text }]);
  }
}

async function textAt(git: Git, commit: string, path: string): Promise<string> {
  return Buffer.from(await git.bytes(['cat-file', 'blob', `${commit}:${path}`])).toString('utf8');
}

/** Compared through an index of its own, made for this and thrown away. */
export async function alteredFiles(git: Git): Promise<readonly string[]> {
  const index = join(git.folder, '.git', `verify-${randomUUID()}.index`);
  const options = { env: { GIT_INDEX_FILE: index, GIT_WORK_TREE: git.folder } };
  const asCheckout = ['-c', 'core.bare=false', '-c', 'core.autocrlf=false', '-c', 'core.excludesFile=/dev/null'];
  try {
    await git.run([...asCheckout, 'read-tree', 'refs/heads/main'], options);
    const status = await git.run(
      [
        ...asCheckout,
        'status',
        '--porcelain=v1',
        '-z',
        '--no-renames',
        '--untracked-files=all',
        '--',
        'tasks',
        'README.md',
      ],
      options,
    );
    return status
      .split('\0')
      .filter((line) => line !== '' && !line.endsWith('.new'))
      .map((line) => line.slice(3));
  } finally {
    await rm(index, { force: true });
  }
}
