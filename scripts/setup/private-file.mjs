// Files that must be whole, private and nobody's second copy: made in one step, never over one that is there, never in Git.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SetupFailure } from '../failure.mjs';

/** False when somebody made it first. @param {string} file @param {string} text @param {number} mode */
export function makePrivateFile(file, text, mode) {
  const building = writeBeside(file, text, mode);
  try {
    // Unlike a rename, a link never replaces.
    linkSync(building, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(building, { force: true });
  }
}

/** @param {string} file @param {string} text @param {number} mode */
export function replacePrivateFile(file, text, mode) {
  renameSync(writeBeside(file, text, mode), file);
}

/** @param {string} file @param {string} text @param {number} mode */
function writeBeside(file, text, mode) {
  const building = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  const handle = openSync(building, 'wx', mode);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return building;
}

/**
 * Throws when Git has one of the files, or would take it with the next `git add`. Outside of a checkout there is nothing to fear.
 * @param {string} root @param {readonly string[]} files
 */
export function refuseFilesOfGit(root, files) {
  const git = (/** @type {string[]} */ ...args) => {
    try {
      return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch (error) {
      // check-ignore says with 1 that it found none; anything else is no answer.
      return error instanceof Error && 'status' in error && error.status === 1 ? '' : undefined;
    }
  };
  if (git('rev-parse', '--is-inside-work-tree')?.trim() !== 'true') return;
  const tracked =
    git('ls-files', '-z', '--', ...files)
      ?.split('\0')
      .filter(Boolean) ?? [];
  if (tracked.length > 0)
    throw new SetupFailure(
      `${tracked[0]} is in Git, where a secret must never be: run \`git rm --cached ${tracked[0]}\`, and use no value that it held.`,
    );
  const ignored =
    git('check-ignore', '--', ...files)
      ?.split('\n')
      .filter(Boolean) ?? [];
  const open = files.find((file) => !ignored.includes(file));
  if (open)
    throw new SetupFailure(
      `Git would take ${open} with the next commit: put it into .gitignore, then run setup again.`,
    );
}
