// `npm test`: installs what is missing, checks, runs the unit tests and then the integration tests, and ends with the sum
// of all three: `N passed, N failed`. Arguments go to vitest: `npm test -- core/plan`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { knownAnsible } from './ansible.mjs';
import { canInstallDebianPackages, installDebianPackage } from './debian.mjs';
import { dependenciesAreInstalled, projectNode } from './dependencies.mjs';
import { SetupFailure } from './failure.mjs';
import { installMissing } from './install.mjs';
import { synapseIsThere } from './synapse.mjs';
import { countTests } from './test-count.mjs';

/** @typedef {import('./test-count.mjs').Count} Count */

const root = path.dirname(import.meta.dirname);
const forVitest = process.argv.slice(2);
/** @type {Count} */
const total = { passed: 0, failed: 0, skipped: 0 };
let interrupted = false;
// The terminal sends Ctrl-C to vitest as well, which ends its servers; we stay to print the sum.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    interrupted = true;
  });
}

try {
  await install();
  if (forVitest.length === 0) add(await check());
  for (const project of ['unit', 'integration']) if (!interrupted) add(await runVitest(project));
  if (total.passed + total.failed === 0) throw new SetupFailure('No test was run.');
} catch (error) {
  total.failed += 1;
  console.error(error instanceof SetupFailure ? error.report : error);
}
if (interrupted) total.failed += 1;
if (total.skipped > 0) console.log(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

async function install() {
  // The tests share one Ansible, in the checkout's own data folder, however often they are run.
  const dataFolder = path.join(root, '.chiffon');
  const known = knownAnsible({ dataFolder });
  // A run of chosen tests may do without; where it does not, the first test that asks has it installed.
  const synapse = forVitest.length === 0 && !synapseIsThere();
  if (known && !synapse && dependenciesAreInstalled(root, 'everything')) return;
  const needed = {
    root,
    needed: /** @type {const} */ ('everything'),
    ansibleIn: known ? undefined : dataFolder,
    synapse,
  };
  try {
    await installMissing(needed);
  } catch (error) {
    const lacksVenv = error instanceof SetupFailure && /python3-venv/.test(error.message);
    if (!lacksVenv || !canInstallDebianPackages()) throw error;
    installDebianPackage('python3-venv', 'for Ansible');
    await installMissing(needed);
  }
}

/** @returns {Promise<Count>} */
async function check() {
  const { runChecks } = await import('./check.mjs');
  console.log('Checks');
  return {
    skipped: 0,
    ...(await runChecks({ root, say: (line) => console.log(`  ${line.replaceAll('\n', '\n  ')}`) })),
  };
}

/** @param {string} project @returns {Promise<Count>} */
async function runVitest(project) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chiffon-test-report-'));
  const report = path.join(folder, 'report.json');
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (forVitest.length > 0) options.push('--passWithNoTests');
  try {
    const code = await new Promise((resolve) => {
      const child = spawn(projectNode(root), [vitest, 'run', ...options, ...forVitest], {
        cwd: root,
        stdio: 'inherit',
      });
      for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
      child.on('error', () => resolve(127));
      child.on('close', (status) => resolve(status ?? 1));
    });
    return countTests(report, code === 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Count} count */
function add({ passed, failed, skipped }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
