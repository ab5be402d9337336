// Installs what is missing, side by side, and says how it goes; start.mjs and test.mjs come here when something is.
import { findAnsible, findPython, makeAnsible } from './ansible.mjs';
import { stopWithUs } from './command.mjs';
import { installDependencies } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';
import { openProgress } from './progress.mjs';

/**
 * @param {{ root: string, needed: import('./dependencies.mjs').Scope, ansibleIn?: string | undefined }} options
 *   ansibleIn: the data folder to look for or make Ansible in; none means that it is not needed
 * @returns {Promise<string | undefined>} the path of ansible-playbook, if it was asked for
 */
export async function installMissing({ root, needed, ansibleIn }) {
  const progress = openProgress();
  const signals = stopWithUs(() => {
    progress.close();
    progress.say('Stopped; the next start installs what is still missing.');
  });
  try {
    const found = ansibleIn && (await findAnsible({ dataFolder: ansibleIn, progress }));
    // A Python that is lacking is told now, not after the dependencies have come.
    const python = ansibleIn && !found ? await findPython() : undefined;
    const [dependencies, ansible] = await Promise.allSettled([
      installDependencies({ root, needed, progress }),
      ansibleIn && python ? makeAnsible({ dataFolder: ansibleIn, python, progress }) : found,
    ]);
    if (dependencies.status === 'rejected' && ansible.status === 'rejected')
      throw bothOf(dependencies.reason, ansible.reason);
    if (dependencies.status === 'rejected') throw dependencies.reason;
    if (ansible.status === 'rejected') throw ansible.reason;
    return ansible.value;
  } finally {
    signals.release();
    progress.close();
  }
}

/** The first failure that is no plain one, or the two told together. @param {unknown} first @param {unknown} second */
function bothOf(first, second) {
  if (!(first instanceof SetupFailure)) return first;
  if (!(second instanceof SetupFailure) || first.message === second.message)
    return first instanceof SetupFailure && second instanceof SetupFailure ? first : second;
  return new SetupFailure(`${first.message}\n${second.report}`, first.lastLines.join('\n'));
}
