// The change that a plan brings, as one commit on `chiffon/<task>`: made from objects alone, so that no checkout sees it.
import { ChiffonError } from '../../core/error.ts';
import type { CommitSha } from '../../core/ids.ts';
import type { InfrastructureRepository } from '../../core/ports/repository.ts';
import { importCommit } from './fast-import.ts';
import type { Git } from './git.ts';
import { pathObjection } from './git-path.ts';
import { chiffonEmail } from './identity.ts';
import type { TreeEntry } from './tree.ts';
import { checkoutsOf } from './worktree-list.ts';

type Request = Parameters<InfrastructureRepository['prepareBranch']>[0];

export async function prepareBranch(
  git: Git,
  entries: readonly TreeEntry[],
  request: Request,
): Promise<{ readonly branch: string; readonly commit: CommitSha }> {
  const branch = `chiffon/${request.task}`;
  const files = filesToWrite(entries, request.files);
  await insistOnOurs(git, branch);
  const { commit } = await importCommit(git, {
    ref: `refs/heads/${branch}`,
    parent: request.base,
    message: message(request),
    at: request.at,
    files,
    replace: true,
  });
  return { branch, commit };
}

/** Each file with the mode it has at the base; a path that would reach elsewhere or push something aside is refused. */
function filesToWrite(entries: readonly TreeEntry[], files: Request['files']) {
  const byPath = new Map(entries.flatMap((entry) => (entry.path === null ? [] : [[entry.path, entry] as const])));
  return files.map(({ path, text }) => {
    const objection = pathObjection(path) ?? obstacle(byPath, path);
    if (objection !== null) throw new ChiffonError('GIT_FAILED', `Chiffon does not write "${path}": ${objection}.`);
    return { path, text, mode: byPath.get(path)?.kind === 'executable' ? ('100755' as const) : ('100644' as const) };
  });
}

function obstacle(byPath: ReadonlyMap<string, TreeEntry>, path: string): string | null {
  const there = byPath.get(path);
  if (there?.kind === 'link') return 'it is a symbolic link';
  if (there?.kind === 'submodule') return 'it is a submodule';
  const folders = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth += 1) {
    const folder = folders.slice(0, depth).join('/');
    if (byPath.has(folder)) return `${folder} is no folder`;
  }
  if (there === undefined) {
    for (const known of byPath.keys()) if (known.startsWith(`${path}/`)) return 'it is a folder';
  }
  return null;
}

/** A branch of that name with somebody else's commit on top, or that somebody looks at, is theirs. */
async function insistOnOurs(git: Git, branch: string): Promise<void> {
  const tip = await git.attempt(['log', '-1', '--format=%ce', `refs/heads/${branch}`, '--']);
  if (!tip.ok) return;
  if (tip.stdout.trim() !== chiffonEmail) {
    throw new ChiffonError(
      'GIT_FAILED',
      `Somebody else's commit is on branch ${branch}: rename or delete the branch, then ask again.`,
    );
  }
  const [checkout] = await checkoutsOf(git, `refs/heads/${branch}`);
  if (checkout === undefined) return;
  throw new ChiffonError(
    'GIT_FAILED',
    `Branch ${branch} is checked out in ${checkout}: switch to another branch there, then ask again.`,
  );
}

function message(request: Request): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git takes a NUL for the end of a message
  const text = request.message.replace(/[\0-\x09\x0b-\x1f\x7f]/g, ' ').trim();
  return `${text}\n\nChiffon-Task: ${request.task}\nChiffon-Revision: ${request.revision}\n`;
}
