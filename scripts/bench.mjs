// `npm run bench`: installs what is missing, as `npm test` does, and becomes bench/run.ts. Its figures are taken on the
// tests' own Ansible.
import path from 'node:path';
import { knownAnsible } from './ansible.mjs';
import { become } from './become.mjs';
import { dependenciesAreInstalled, projectNode } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';

const root = path.dirname(import.meta.dirname);
const dataFolder = path.join(root, '.chiffon');

try {
  const known = knownAnsible({ dataFolder });
  if (!known || !dependenciesAreInstalled(root, 'everything')) {
    const { installMissing } = await import('./install.mjs');
    await installMissing({ root, needed: 'everything', ansibleIn: known ? undefined : dataFolder });
  }
  const bench = path.join(root, 'bench', 'run.ts');
  become(projectNode(root), ['--disable-warning=ExperimentalWarning', bench, ...process.argv.slice(2)], process.env);
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.report);
  process.exitCode = 1;
}
