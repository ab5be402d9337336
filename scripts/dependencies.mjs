// The npm packages, Node 24 among them: whether node_modules is what package-lock.json asks for, and `npm ci` when it is not.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { commonCause, SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';

/** What `npm start` needs, or also what the tests and checks need. @typedef {'program' | 'everything'} Scope */

/** Fast: this is on the way of every start. @param {string} root @param {Scope} needed */
export function dependenciesAreInstalled(root, needed) {
  const { lock, scope } = readMarker(root);
  return lock === lockHash(root) && (scope === 'everything' || scope === needed) && existsSync(nodeLink(root));
}

/** The Node that runs the program: 24 or later. @param {string} root */
export function projectNode(root) {
  const bundled = bundledNode(root);
  if (existsSync(bundled)) return bundled;
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  throw new SetupFailure(
    `npm brought no Node 24 for ${process.platform} on ${process.arch}: install Node 24 or later yourself and put it on the PATH, then start again.`,
  );
}

/**
 * @param {{ root: string, needed: Scope, progress: import('./progress.mjs').Progress }} options
 */
export async function installDependencies({ root, needed, progress }) {
  await withLock(
    path.join(root, '.chiffon', 'npm-ci.lock'),
    { onWait: () => progress.say('… waiting for another start, which is installing the dependencies') },
    async (alsoHeldBy) => {
      if (dependenciesAreInstalled(root, needed)) return;
      const present = installedByHand(root);
      if (present === 'everything' || present === needed) return finish(root, present);
      const scope = present ?? readMarker(root).scope ?? needed;
      const wanted = scope === 'everything' ? scope : needed;

      const job = progress.begin('installing the dependencies');
      const { code, output } = await npmCi(root, wanted, alsoHeldBy);
      if (code !== 0) {
        job.failed();
        throw new SetupFailure(adviceFor(code, output), output);
      }
      finish(root, wanted);
      job.done('installed the dependencies');
    },
  );
}

/** @param {string} root @param {Scope} scope @param {(pid: number) => void} onSpawn */
function npmCi(root, scope, onSpawn) {
  const args = ['ci', '--loglevel=error', '--no-audit', '--no-fund', '--no-progress', '--include=optional'];
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000', '--prefer-offline');
  args.push(scope === 'everything' ? '--include=dev' : '--omit=dev');
  // npm must not run on the Node 24 that it is about to replace.
  const bin = path.join(root, 'node_modules', '.bin');
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.resolve(folder) !== bin);
  return run('npm', args, { cwd: root, env: { ...process.env, PATH: folders.join(path.delimiter) }, onSpawn });
}

/** @param {number} code @param {string} output */
function adviceFor(code, output) {
  if (code === 127) return 'npm was not found: install it (it comes with Node), then start again.';
  if (/EUSAGE/.test(output))
    return 'package.json and package-lock.json do not fit together: take both from Git again, or run `npm install` and `npm run lockfile` if you changed them.';
  return commonCause(output) ?? 'npm could not install the dependencies: mend what it says above, then start again.';
}

/**
 * What somebody's own `npm ci` or `npm install` left, by npm's own record: nothing if it differs from the lockfile.
 * @param {string} root @returns {Scope | undefined}
 */
function installedByHand(root) {
  const locked = readPackages(path.join(root, 'package-lock.json'));
  const installed = readPackages(path.join(root, 'node_modules', '.package-lock.json'));
  if (!locked || !installed) return undefined;
  /** @type {Scope} */
  let scope = 'everything';
  for (const [place, wanted] of Object.entries(locked)) {
    if (place === '') continue;
    const found = installed[place];
    if (found ? found.version !== wanted.version || found.integrity !== wanted.integrity : isNeeded(wanted)) {
      if (found || !wanted.dev) return undefined;
      scope = 'program';
    }
  }
  return scope;
}

/** @typedef {{ version?: string, integrity?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }} Package */

/** @param {Package} wanted */
function isNeeded({ optional, devOptional }) {
  return !optional && !devOptional;
}

/** @param {string} file @returns {Record<string, Package> | undefined} */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** @param {string} root @returns {{ lock?: string, scope?: Scope }} */
function readMarker(root) {
  try {
    return JSON.parse(readFileSync(markerFile(root), 'utf8'));
  } catch {
    return {};
  }
}

/** npm empties node_modules before it fills it, so a marker says that it came to its end. @param {string} root @param {Scope} scope */
function finish(root, scope) {
  const node = projectNode(root);
  // npm 10 removes the link of the platform that was not wanted, and that is this one's too.
  if (!existsSync(nodeLink(root))) {
    mkdirSync(path.dirname(nodeLink(root)), { recursive: true });
    rmSync(nodeLink(root), { force: true });
    symlinkSync(path.relative(path.dirname(nodeLink(root)), node), nodeLink(root));
  }
  writeFileSync(markerFile(root), JSON.stringify({ lock: lockHash(root), scope }));
}

/** @param {string} root */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

/** @param {string} root */
const markerFile = (root) => path.join(root, 'node_modules', '.chiffon-installed.json');

/** Where npm scripts find `node`. @param {string} root */
const nodeLink = (root) => path.join(root, 'node_modules', '.bin', 'node');

/** @param {string} root */
const bundledNode = (root) =>
  path.join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
