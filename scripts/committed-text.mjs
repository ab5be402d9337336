// Looks through everything that is or would be committed for what only this machine knows: its paths, and the hosts of the
// package registries that it happens to use. The project installs from whatever mirror it is given.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { completeLockfile, readLockfile } from './lockfile.mjs';

const registries =
  /npmjs\.(?:org|com)|(?:pypi|pythonhosted)\.org|(?:deb|security)\.debian\.org|proxy\.golang\.org|\bcrates\.io/;

/** @param {string} root the checkout @returns {string[]} what is wrong, one line each */
export function findMachineText(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const wrong = [];
  for (const file of listed.split('\0').filter(Boolean)) {
    const text = readText(path.join(root, file));
    if (!text.includes(root) && !registries.test(text)) continue;
    for (const [index, line] of text.split('\n').entries()) {
      if (line.includes(root)) wrong.push(`${file}:${index + 1} names this checkout’s own path`);
      const host = registries.exec(line)?.[0];
      if (host) wrong.push(`${file}:${index + 1} names the registry ${host}`);
    }
  }
  return wrong;
}

/** @param {string} root @returns {string[]} */
export function findLockfileGaps(root) {
  const { wrong } = completeLockfile(readLockfile(root));
  return wrong.length > 0 ? [...wrong, 'Run `npm run lockfile` to mend package-lock.json.'] : [];
}

/** Empty for what is gone, or is not text. @param {string} file */
function readText(file) {
  try {
    const text = readFileSync(file, 'utf8');
    return text.includes('\0') ? '' : text;
  } catch {
    return '';
  }
}
