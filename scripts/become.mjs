// The last step of a start: this process turns into the program, by a system call that Node has since 22.15.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * Puts the program in this process's place, so that its signals, exit code and end are its own. Only before Node 22.15,
 * on the very first start, it has to be a child.
 * @param {string} node @param {string[]} argv @param {NodeJS.ProcessEnv} env
 */
export function become(node, argv, env) {
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
