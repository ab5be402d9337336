// Installs what is missing, side by side, and says how it goes; start.mjs and test.mjs come here when something is.
import { findAnsible, findPython, makeAnsible } from './ansible.mjs';
import { stopWithUs } from './command.mjs';
import { installDependencies } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';
import { openProgress } from './progress.mjs';
import { provideSynapse } from './synapse.mjs';

/**
 * @param {{ root: string, needed: import('./dependencies.mjs').Scope, ansibleIn?: string | undefined, synapse?: boolean }} options
 *   ansibleIn: the data folder to look for or make Ansible in; none means that it is not needed. synapse: for tests
 * @returns {Promise<string | undefined>} the path of ansible-playbook, if it was asked for
 */
export async function installMissing({ root, needed, ansibleIn, synapse = false }) {
  const progress = openProgress();
  const signals = stopWithUs(() => {
    progress.close();
    progress.say('Stopped; the next start installs what is still missing.');
  });
  try {
    const found = ansibleIn && (await findAnsible({ dataFolder: ansibleIn, progress }));
    // A Python that is lacking is told now, not after the dependencies have come.
    const python = ansibleIn && !found ? await findPython() : undefined;
    const [ansible, ...others] = await Promise.allSettled([
      ansibleIn && python ? makeAnsible({ dataFolder: ansibleIn, python, progress }) : found,
      installDependencies({ root, needed, progress }),
      synapse ? provideSynapse(progress) : undefined,
    ]);
    const failures = [...others, ansible].flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (failures.length > 0) throw failures.reduce(bothOf);
    return ansible.status === 'fulfilled' ? ansible.value : undefined;
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
