// Keeps package-lock.json complete: npm leaves out the packages for other platforms when its registry does not carry them,
// and `npm ci` then refuses the lockfile. `npm run lockfile` adds them from what their dependents ask for, and takes out
// addresses, so that any mirror will do; the check in check.mjs holds the committed file to it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ version?: string, resolved?: string, optional?: boolean, os?: unknown, cpu?: unknown, libc?: unknown,
 *   integrity?: string, optionalDependencies?: Record<string, string> }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/** @param {string} root @returns {Lockfile} */
export function readLockfile(root) {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
}

/**
 * The lockfile with nothing left out, and what was wrong with it, one sentence each.
 * @param {Lockfile} lockfile @returns {{ lockfile: Lockfile, wrong: string[] }}
 */
export function completeLockfile(lockfile) {
  const packages = { ...lockfile.packages };
  /** @type {string[]} */
  const wrong = [];
  for (const [place, locked] of Object.entries(lockfile.packages)) {
    if (locked.resolved !== undefined && /^https?:/.test(locked.resolved)) {
      const { resolved: _address, ...rest } = locked;
      packages[place] = rest;
      wrong.push(`${place} names the address of a registry`);
    }
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      if (isLocked(packages, place, name)) continue;
      packages[`node_modules/${name}`] = { version, ...platformOf(name) };
      wrong.push(`${name}@${version}, which ${place || 'package.json'} may need on another platform, is left out`);
    }
  }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return { lockfile: { ...lockfile, packages: sorted }, wrong };
}

/** Whether a package found from `place`, upwards, is locked. @param {Record<string, LockedPackage>} packages @param {string} place @param {string} name */
function isLocked(packages, place, name) {
  for (let at = place; ; at = at.slice(0, at.lastIndexOf('node_modules/')).replace(/\/$/, '')) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

const platforms =
  /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-(arm64|arm|ia32|loong64|mips64el|ppc64le|ppc64|riscv64|s390x|x64)(?:-(?:(musl)(?:eabihf)?|gnu(?:eabihf)?|eabi|msvc))?$/;

/** By the names that packages of prebuilt binaries have everywhere. @param {string} name */
function platformOf(name) {
  const [, os, cpu, musl] = platforms.exec(name) ?? [];
  if (!os || !cpu) throw new Error(`No platform can be read from the name of the optional package ${name}.`);
  // npm's name for 64-bit little-endian POWER is ppc64 as well.
  const libc = os === 'linux' ? { libc: [musl ? 'musl' : 'glibc'] } : {};
  return { cpu: [cpu === 'ppc64le' ? 'ppc64' : cpu], ...libc, optional: true, os: [os] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.join(import.meta.dirname, '..');
  const { lockfile, wrong } = completeLockfile(readLockfile(root));
  if (wrong.length > 0) writeFileSync(path.join(root, 'package-lock.json'), `${JSON.stringify(lockfile, null, 2)}\n`);
  console.error(wrong.length > 0 ? `Mended package-lock.json:\n${wrong.join('\n')}` : 'package-lock.json is complete.');
}
