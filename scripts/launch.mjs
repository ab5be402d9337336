// Installs what is missing, tells of it on standard error, and becomes the program: the bot or an agent. It runs on the
// machine's own Node (20 or later) before anything is installed; a start with nothing to install must cost next to nothing.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { knownAnsible } from './ansible.mjs';
import { become } from './become.mjs';
import { dependenciesAreInstalled, projectNode } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';

const root = path.dirname(import.meta.dirname);

/**
 * @param {string} program its main file, from the checkout's root
 * @param {{ runsPlaybooks: (args: readonly string[], env: NodeJS.ProcessEnv) => boolean }} needs
 */
export async function launch(program, { runsPlaybooks }) {
  const args = process.argv.slice(2);
  // npm runs scripts in the package's folder; INIT_CWD is where the person was.
  const startedIn = process.env.INIT_CWD ?? process.cwd();
  readEnvFile([startedIn, root]);
  const dataFolder = path.resolve(startedIn, process.env.CHIFFON_HOME || '.chiffon');
  try {
    const ansible = await prepare({ startedIn, dataFolder, needsAnsible: runsPlaybooks(args, process.env) });
    const env = { ...process.env, CHIFFON_HOME: dataFolder, ...ansible };
    become(projectNode(root), ['--disable-warning=ExperimentalWarning', path.join(root, program), ...args], env);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    console.error(error.report);
    process.exitCode = 1;
  }
}

/** @param {{ startedIn: string, dataFolder: string, needsAnsible: boolean }} options */
async function prepare({ startedIn, dataFolder, needsAnsible }) {
  const given = process.env.CHIFFON_ANSIBLE_PLAYBOOK;
  const ansibleIn = needsAnsible && !given ? dataFolder : undefined;
  const known = ansibleIn && knownAnsible({ dataFolder });
  let ansible = given ? path.resolve(startedIn, given) : known;
  if (given && !existsSync(path.resolve(startedIn, given)))
    throw new SetupFailure(`CHIFFON_ANSIBLE_PLAYBOOK names ${given}, which is not there: mend or unset it.`);
  if (!dependenciesAreInstalled(root, 'program') || (ansibleIn && !known)) {
    const { installMissing } = await import('./install.mjs');
    ansible = (await installMissing({ root, needed: 'program', ansibleIn: known ? undefined : ansibleIn })) ?? ansible;
  }
  return ansible ? { CHIFFON_ANSIBLE_PLAYBOOK: ansible } : {};
}

/** The first `.env` there is; what the environment says already stands. @param {string[]} folders */
function readEnvFile(folders) {
  const file = folders.map((folder) => path.join(folder, '.env')).find((candidate) => existsSync(candidate));
  if (file) process.loadEnvFile(file);
}
