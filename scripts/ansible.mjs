// Finds an ansible-playbook that Chiffon can use, or makes one: a virtual environment in the data folder with the exact
// packages of requirements-ansible.txt.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { makeVenv, pythonEnvironment, venvIsComplete } from './venv.mjs';

const oldest = [2, 15];

/** What was found on the PATH last time, so that a start need not ask it for its version. @typedef {{ path: string, mtimeMs: number, version: string | null }} Seen */

/**
 * Fast: the usable ansible-playbook that is known already, or undefined when one has to be looked for or made.
 * @param {{ dataFolder: string, env?: NodeJS.ProcessEnv }} options
 */
export function knownAnsible({ dataFolder, env = process.env }) {
  const onPath = findOnPath('ansible-playbook', env);
  if (onPath) {
    const seen = readJson(seenFile(dataFolder));
    if (seen?.path !== onPath || seen.mtimeMs !== statSync(onPath).mtimeMs) return undefined;
    if (isUsable(seen.version)) return onPath;
  }
  const venv = venvOf(dataFolder);
  return venvIsComplete(venv) ? venv.proof.program : undefined;
}

/** @typedef {{ dataFolder: string, progress: import('./progress.mjs').Progress, env?: NodeJS.ProcessEnv }} Options */

/** The absolute path of an ansible-playbook, made if need be. @param {Options} options @returns {Promise<string>} */
export async function provideAnsible(options) {
  return (await findAnsible(options)) ?? (await makeAnsible({ ...options, python: await findPython(options.env) }));
}

/** The usable ansible-playbook that is there, if any. @param {Options} options @returns {Promise<string | undefined>} */
export async function findAnsible({ dataFolder, progress, env = process.env }) {
  const onPath = findOnPath('ansible-playbook', env);
  if (onPath && readJson(seenFile(dataFolder))?.mtimeMs !== statSync(onPath).mtimeMs) {
    const version = await versionOf(onPath, env);
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(seenFile(dataFolder), JSON.stringify({ path: onPath, mtimeMs: statSync(onPath).mtimeMs, version }));
    const found = version ? `version ${version}` : 'broken';
    if (!isUsable(version))
      progress.say(`  ${onPath} is ${found}; Chiffon needs ${oldest.join('.')} or later and brings its own`);
  }
  return knownAnsible({ dataFolder, env });
}

/**
 * @param {Options & { python: string }} options
 * @returns {Promise<string>} the absolute path of ansible-playbook
 */
export async function makeAnsible({ dataFolder, ...means }) {
  const venv = venvOf(dataFolder);
  await makeVenv(venv, means);
  return venv.proof.program;
}

/** A Python 3.11 or later that can make virtual environments. @param {NodeJS.ProcessEnv} [env] */
export async function findPython(env = process.env) {
  const probe = 'import sys; print("%d.%d" % sys.version_info[:2]); import venv, ensurepip; print("venv")';
  /** @type {{ python: string, version: string, hasVenv: boolean }[]} */
  const found = [];
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11']) {
    const python = findOnPath(name, env);
    if (!python) continue;
    const { output } = await run(python, ['-I', '-c', probe], { env: pythonEnvironment(env), timeoutMs: 30_000 });
    const version = /^3\.\d+$/m.exec(output)?.[0];
    if (version) found.push({ python, version, hasVenv: /^venv$/m.test(output) });
  }
  const recent = found.filter(({ version }) => Number(version.slice(2)) >= 11);
  const usable = recent.find(({ hasVenv }) => hasVenv);
  if (usable) return usable.python;
  const otherwise = `or put an ansible-playbook of ${oldest.join('.')} or later on the PATH, then start again.`;
  const [first] = recent;
  if (first)
    throw new SetupFailure(
      `${first.python} cannot make virtual environments: run \`apt-get install python3-venv\` (on Debian or Ubuntu), ${otherwise}`,
    );
  const instead = found[0] ? `found only ${found[0].version}` : 'found none';
  throw new SetupFailure(
    `Ansible needs Python 3.11 or later, and Chiffon ${instead}: run \`apt-get install python3 python3-venv\` (on Debian or Ubuntu), ${otherwise}`,
  );
}

/** @param {string} file @param {NodeJS.ProcessEnv} env @returns {Promise<string | null>} */
async function versionOf(file, env) {
  const { code, output } = await run(file, ['--version'], { env: pythonEnvironment(env), timeoutMs: 30_000 });
  return code === 0 ? (/^ansible-playbook (?:\[core )?(\d+\.\d+[^\s\]]*)/m.exec(output)?.[1] ?? null) : null;
}

/** @param {string | null} version */
function isUsable(version) {
  if (version === null) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > (oldest[0] ?? 0) || (major === oldest[0] && minor >= (oldest[1] ?? 0));
}

/** @param {string} name @param {NodeJS.ProcessEnv} env */
function findOnPath(name, env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    const file = path.join(folder, name);
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} dataFolder @returns {import('./venv.mjs').Venv} */
function venvOf(dataFolder) {
  const folder = path.join(dataFolder, 'ansible-venv');
  return {
    folder,
    requirements: path.join(import.meta.dirname, 'requirements-ansible.txt'),
    package: 'ansible-core',
    name: 'Ansible',
    proof: { program: path.join(folder, 'bin', 'ansible-playbook'), args: ['--version'] },
    otherwise: `or put an ansible-playbook of ${oldest.join('.')} or later on the PATH, then start again.`,
  };
}

/** @param {string} dataFolder */
const seenFile = (dataFolder) => path.join(dataFolder, 'ansible.json');
