// `npm run test:faults`: the fault suite with its slow tests (`*.long.test.ts`); arguments go to vitest. With
// `npm run test:faults -- --rounds 1000` it is the kill rounds instead. Installs what is missing, as `npm test` does.
import path from 'node:path';
import { knownAnsible } from './ansible.mjs';
import { become } from './become.mjs';
import { dependenciesAreInstalled, projectNode } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';

const root = path.dirname(import.meta.dirname);
const dataFolder = path.join(root, '.chiffon');
const given = process.argv.slice(2);
const program = given.some((argument) => argument.startsWith('--rounds'))
  ? [path.join(root, 'test', 'faults', 'rounds.ts')]
  : [path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'faults'];

try {
  const known = knownAnsible({ dataFolder });
  if (!known || !dependenciesAreInstalled(root, 'everything')) {
    const { installMissing } = await import('./install.mjs');
    await installMissing({ root, needed: 'everything', ansibleIn: known ? undefined : dataFolder });
  }
  process.chdir(root);
  become(projectNode(root), ['--disable-warning=ExperimentalWarning', ...program, ...given], process.env);
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.report);
  process.exitCode = 1;
}
