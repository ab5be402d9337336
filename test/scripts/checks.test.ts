// What `npm run check` and `npm test` find by themselves, beside the tools that they run.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, it } from 'vitest';
import { findMachineText } from '../../scripts/committed-text.mjs';
import { completeLockfile } from '../../scripts/lockfile.mjs';
import { countTests } from '../../scripts/test-count.mjs';

const folders: string[] = [];
const scratch = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'chiffon-checks-'));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

describe('the lockfile', () => {
  const esbuild = {
    version: '1.0.0',
    optionalDependencies: { '@esbuild/linux-x64': '1.0.0', '@esbuild/win32-x64': '1.0.0' },
  };
  const packages = { '': {}, 'node_modules/@esbuild/linux-x64': { version: '1.0.0' }, 'node_modules/esbuild': esbuild };

  it('gets the packages for other platforms that npm left out', () => {
    const { lockfile, wrong } = completeLockfile({ packages });
    expect(wrong).toEqual([expect.stringContaining('@esbuild/win32-x64@1.0.0')]);
    expect(lockfile.packages['node_modules/@esbuild/win32-x64']).toEqual({
      version: '1.0.0',
      cpu: ['x64'],
      optional: true,
      os: ['win32'],
    });
    expect(completeLockfile(lockfile).wrong).toEqual([]);
  });

  it('finds a package beside its dependent, or further up', () => {
    const nested = {
      'node_modules/a/node_modules/esbuild': esbuild,
      'node_modules/a/node_modules/@esbuild/win32-x64': {},
    };
    expect(completeLockfile({ packages: { ...packages, ...nested, 'node_modules/esbuild': {} } }).wrong).toEqual([]);
  });

  it.each([
    ['@oxlint/binding-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
    ['@oxlint/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@oxlint/binding-linux-arm-musleabihf', { os: ['linux'], cpu: ['arm'], libc: ['musl'] }],
    ['@rolldown/binding-linux-ppc64le-gnu', { os: ['linux'], cpu: ['ppc64'], libc: ['glibc'] }],
    ['@oxlint-tsgolint/darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@swc/core-win32-ia32-msvc', { os: ['win32'], cpu: ['ia32'] }],
  ])('reads the platform of %s from its name', (name, platform) => {
    const dependent = { optionalDependencies: { [name]: '2.0.0' } };
    const { lockfile } = completeLockfile({ packages: { 'node_modules/dependent': dependent } });
    expect(lockfile.packages[`node_modules/${name}`]).toEqual({ version: '2.0.0', optional: true, ...platform });
  });

  it('loses the addresses of registries', () => {
    const { lockfile, wrong } = completeLockfile({
      packages: { 'node_modules/a': { resolved: 'https://mirror.invalid/a.tgz' } },
    });
    expect(wrong).toEqual(['node_modules/a names the address of a registry']);
    expect(lockfile.packages['node_modules/a']).toEqual({});
  });
});

describe('what is to be committed', () => {
  it('names neither this machine nor a registry', async () => {
    const root = await scratch();
    await execa('git', ['init', '--quiet'], { cwd: root });
    await writeFile(path.join(root, '.gitignore'), 'ignored\n');
    await writeFile(path.join(root, 'ignored'), root);
    await writeFile(path.join(root, 'binary'), `\0${root}`);
    await writeFile(path.join(root, 'clean'), 'a folder of yours\n');
    expect(findMachineText(root)).toEqual([]);

    const host = ['npmjs', 'org'].join('.');
    await writeFile(path.join(root, 'notes'), `first\nsee ${root}/bot\nfrom registry.${host}\n`);
    expect(findMachineText(root)).toEqual([
      'notes:2 names this checkout’s own path',
      `notes:3 names the registry ${host}`,
    ]);
  });
});

describe('the sum at the end', () => {
  const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  const count = async (content: object, succeeded: boolean) => {
    const file = path.join(await scratch(), 'report.json');
    await writeFile(file, JSON.stringify({ ...report, ...content }));
    return countTests(file, succeeded);
  };

  it('counts what passed, failed and was skipped', async () => {
    const content = { numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
    expect(await count(content, false)).toEqual({ passed: 3, failed: 2, skipped: 2 });
    expect(await count({}, true)).toEqual({ passed: 3, failed: 0, skipped: 0 });
  });

  it('counts a test file that could not be loaded', async () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ];
    expect(await count({ numFailedTests: 1, testResults }, false)).toMatchObject({ failed: 2 });
  });

  it('counts a runner that failed though its tests did not, or that left no report', async () => {
    expect(await count({}, false)).toMatchObject({ passed: 3, failed: 1 });
    expect(countTests(path.join(await scratch(), 'none.json'), true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
