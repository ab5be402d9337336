// The user's own repository, by its path. Chiffon reads its commits and writes its own branches; what lies in the folder is theirs.
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import { makeGit } from './git.ts';
import type { Site } from './site.ts';

export async function openOwn(path: string, wantedBranch: string | undefined): Promise<Site> {
  const folder = await existingFolder(path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path));
  const git = makeGit({ folder });
  const bare = await git.attempt(['rev-parse', '--is-bare-repository']);
  if (!bare.ok) throw notRepository(folder, bare.stderr);

  if (bare.stdout.trim() === 'true') {
    await insist(folder, await git.run(['rev-parse', '--absolute-git-dir']));
    return { git, kind: 'own', bare: true, name: folder, wantedBranch };
  }
  const top = await git.attempt(['rev-parse', '--show-toplevel']);
  if (!top.ok) {
    throw new ChiffonError(
      'NO_REPOSITORY',
      `${folder} is inside a .git folder: set INFRA_REPO to the repository's own folder.`,
    );
  }
  await insist(folder, top.stdout.replace(/\n$/, ''));
  return { git, kind: 'own', bare: false, name: folder, wantedBranch };
}

/** A folder inside a repository is refused: plans would speak of paths that are not the repository's. */
async function insist(folder: string, root: string): Promise<void> {
  if ((await realpath(root)) === folder) return;
  throw new ChiffonError(
    'NO_REPOSITORY',
    `${folder} is a folder inside the Git repository ${root}: set INFRA_REPO to ${root}.`,
  );
}

async function existingFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new ChiffonError(
      'NO_REPOSITORY',
      `There is no folder ${path}: set INFRA_REPO to a Git repository's path or URL.`,
      { cause },
    );
  }
}

function notRepository(folder: string, stderr: string): ChiffonError {
  const unknown = /unknown repository (version|extension)|unknown object format/.exec(stderr);
  const message = unknown
    ? `${folder} is a Git repository of a format that the installed git does not know: install a newer git.`
    : `${folder} is no Git repository: run \`git init\` and commit there, or set INFRA_REPO to one.`;
  return new ChiffonError('NO_REPOSITORY', message, { cause: stderr });
}
