// `npm start`: installs what is missing, tells of it on standard error, and becomes the program. It runs on the machine's
// own Node (20 or later) before anything is installed; a start with nothing to install must cost next to nothing.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { knownAnsible } from './ansible.mjs';
import { dependenciesAreInstalled, projectNode } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';

const root = path.dirname(import.meta.dirname);
const args = process.argv.slice(2);
// npm runs scripts in the package's folder; INIT_CWD is where the person was.
const startedIn = process.env.INIT_CWD ?? process.cwd();
readEnvFile([startedIn, root]);
const dataFolder = path.resolve(startedIn, process.env.CHIFFON_HOME || '.chiffon');

try {
  const env = { ...process.env, CHIFFON_HOME: dataFolder, ...(await prepare()) };
  become(projectNode(root), ['--disable-warning=ExperimentalWarning', path.join(root, 'bot', 'main.ts'), ...args], env);
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.report);
  process.exitCode = 1;
}

async function prepare() {
  const given = process.env.CHIFFON_ANSIBLE_PLAYBOOK;
  const ansibleIn = runsPlaybooks(args) && !given ? dataFolder : undefined;
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

/** Commands that only read need no Ansible. @param {string[]} words */
function runsPlaybooks(words) {
  const command = words.find((word) => !word.startsWith('-'));
  if (words.some((word) => ['--help', '-h', '--version', '-V'].includes(word))) return false;
  return !['plan', 'catalogue', 'audit', 'help'].includes(command ?? '');
}

/**
 * Puts the program in this process's place, so that its signals, exit code and end are its own. Only before Node 22.15,
 * on the very first start, it has to be a child.
 * @param {string} node @param {string[]} argv @param {NodeJS.ProcessEnv} env
 */
function become(node, argv, env) {
  if (typeof process.execve === 'function') {
    const [file, ...rest] = process.env.npm_lifecycle_event ? endingWithParent([node, ...argv]) : [node, ...argv];
    // It would warn of being experimental on the way out.
    process.removeAllListeners('warning');
    return process.execve(file, [file, ...rest], env);
  }
  const [file, ...rest] = endingWithParent([node, ...argv]);
  const child = spawn(file, rest, { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to the program as well, which decides what it means.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

/**
 * The command, ended by the kernel when its parent is killed outright, where the machine can do that. npm passes SIGTERM on,
 * but not SIGHUP.
 * @param {[string, ...string[]]} command @returns {[string, ...string[]]}
 */
function endingWithParent(command) {
  const guard = '/usr/bin/setpriv';
  // BusyBox has a command of that name too, as a link, which lacks the option.
  const canGuard = process.platform === 'linux' && existsSync(guard) && realpathSync(guard) === guard;
  return canGuard ? [guard, '--pdeathsig', 'TERM', ...command] : command;
}
