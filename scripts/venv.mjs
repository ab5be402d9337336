// Makes a Python virtual environment with exactly the packages of a requirements file, for the tools that lie on PyPI. It is
// made once, under a lock; a mark in it says that it is whole, and of which requirements.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { commonCause, SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';

/**
 * @typedef {{
 *   folder: string,
 *   requirements: string,
 *   package: string,
 *   name: string,
 *   proof: { program: string, args: readonly string[] },
 *   otherwise: string,
 * }} Venv
 *   requirements: the file, with hashes. package: the one it is all for. name: what people call it. proof: a program in it, and what to give it
 *   to see that it starts. otherwise: what a person can do who cannot have it installed, as the end of a sentence
 */

/** A whole environment of today's packages, in its place, on a Python that is still there. @param {Venv} venv */
export function venvIsComplete({ folder, requirements }) {
  const mark = readMark(folder);
  return (
    mark?.venv === folder &&
    mark.requirements === hashOf(requirements) &&
    existsSync(path.join(folder, 'bin', 'python'))
  );
}

/** @typedef {{ python: string, progress: import('./progress.mjs').Progress, env?: NodeJS.ProcessEnv }} Means */

/** @param {Venv} venv @param {Means} means */
export async function makeVenv(venv, { python, progress, env = process.env }) {
  await withLock(
    `${venv.folder}.lock`,
    { onWait: () => progress.say(`… waiting for another start, which is installing ${venv.name}`) },
    async (alsoHeldBy) => {
      if (!venvIsComplete(venv)) await fill(venv, { python, progress, env, alsoHeldBy });
    },
  );
}

/** @param {Venv} venv @param {Required<Means> & { alsoHeldBy: (pid: number) => void }} means */
async function fill(venv, { python, progress, env, alsoHeldBy }) {
  const { folder, requirements, name, proof, otherwise } = venv;
  const version = new RegExp(`^${venv.package}==(\\S+)`, 'm').exec(readFileSync(requirements, 'utf8'))?.[1];
  const what = `${venv.package} ${version}`;
  const job = progress.begin(`installing ${what}`);
  // A virtual environment holds its own path, so it is made where it stays; the mark comes last and says that it is whole.
  rmSync(folder, { recursive: true, force: true });
  const inVenv = path.join(folder, 'bin', 'python');
  const install = ['-m', 'pip', 'install', '--no-deps', '--require-hashes', '--only-binary=:all:', '--no-input'];
  install.push(
    '--disable-pip-version-check',
    '--progress-bar=off',
    '--quiet',
    '--retries=2',
    '--requirement',
    requirements,
  );
  const steps = [
    { file: python, args: ['-I', '-m', 'venv', folder], failed: 'Python could not make a virtual environment' },
    { file: inVenv, args: ['-I', ...install], failed: `pip could not install ${name}` },
    { file: proof.program, args: proof.args, failed: `The ${name} that was installed does not start` },
  ];
  for (const { file, args, failed } of steps) {
    const { code, output } = await run(file, args, { env: pythonEnvironment(env), onSpawn: alsoHeldBy });
    if (code === 0) continue;
    job.failed();
    throw new SetupFailure(commonCause(output) ?? `${failed}: mend what it says above, ${otherwise}`, output);
  }
  const mark = { venv: folder, requirements: hashOf(requirements) };
  writeFileSync(`${markOf(folder)}.new`, JSON.stringify(mark));
  renameSync(`${markOf(folder)}.new`, markOf(folder));
  job.done(`installed ${what}`);
}

/** What a user's settings for Python and pip must not change. @param {NodeJS.ProcessEnv} env */
export function pythonEnvironment({ PYTHONHOME: _home, PYTHONPATH: _path, ...env }) {
  return { ...env, LC_ALL: 'C.UTF-8', PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' };
}

/** @param {string} file */
const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
/** @param {string} folder */
const markOf = (folder) => path.join(folder, 'chiffon.json');

/** @param {string} folder */
function readMark(folder) {
  try {
    return JSON.parse(readFileSync(markOf(folder), 'utf8'));
  } catch {
    return undefined;
  }
}
