// The ansible-playbook that tests run: the same one that `npm start` would find or make, in the checkout's own data folder.
import path from 'node:path';
import { provideAnsible } from '../../scripts/ansible.mjs';
import { openProgress } from '../../scripts/progress.mjs';

/** Its absolute path. `npm test` has it ready; for a test that is run alone it may have to be installed first. */
export async function ansiblePlaybook(): Promise<string> {
  const progress = openProgress();
  try {
    return await provideAnsible({ dataFolder: path.join(import.meta.dirname, '../../.chiffon'), progress });
  } finally {
    progress.close();
  }
}
