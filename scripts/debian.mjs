// Tests, unlike the program, may install what they need from Debian, where they are run by root as on a CI machine.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export function canInstallDebianPackages() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Shows what apt-get says, on standard error. @param {string} name @param {string} why e.g. "for the tests" */
export function installDebianPackage(name, why) {
  console.error(`… installing ${name} ${why} (apt-get install ${name})`);
  const aptGet = (/** @type {string[]} */ ...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  const install = () => aptGet('install', '-y', '--no-install-recommends', name);
  // A fresh machine has no package lists yet, or old ones.
  if (!install() && !(aptGet('update') && install()))
    throw new Error(`apt-get could not install ${name}: install it by hand.`);
}
