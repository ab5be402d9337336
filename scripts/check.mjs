// `npm run check`: everything that can be said of the code without running it, two tools at a time. `npm test` begins with it.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLockfileGaps, findMachineText } from './committed-text.mjs';
import { projectNode } from './dependencies.mjs';

/** @typedef {{ name: string, ok: boolean, output: string, tookMs: number }} CheckResult */

/** In the order in which they are started: the slow ones first. */
const checks = [
  tool(
    'formatting and lint (Biome)',
    'node_modules/.bin/biome',
    'check',
    '--error-on-warnings',
    '--max-diagnostics=50',
  ),
  tool('types (tsc)', 'node_modules/.bin/tsc', '-p', '.'),
  tool('promises and any (oxlint)', 'node_modules/.bin/oxlint', '--type-aware', '--deny-warnings'),
  tool('boundaries (dependency-cruiser)', 'scripts/boundaries.mjs'),
  tool('nothing unused (knip)', 'node_modules/.bin/knip', '--no-progress'),
  tool(
    'docker-compose.yml by its schema (dclint)',
    'node_modules/dclint/bin/dclint.cjs',
    ...[
      '--max-warnings=0',
      '--config=deployment/dclint.json',
      'docker-compose.yml',
      'deployment/agent.yml',
      'deployment/tls.yml',
    ],
  ),
  tool('Dockerfile (hadolint)', 'scripts/hadolint.mjs'),
  inProcess('lockfile complete', findLockfileGaps),
  inProcess('nothing of this machine', findMachineText),
];

/**
 * @param {{ root: string, say: (line: string) => void }} options
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks({ root, say }) {
  const waiting = [...checks];
  const count = { passed: 0, failed: 0 };
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, ok, output, tookMs } = await next(root);
      count[ok ? 'passed' : 'failed'] += 1;
      if (!ok) say(output.trimEnd());
      say(`${ok ? '✔' : '✘'} ${name}, ${(tookMs / 1000).toFixed(1)} s`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return count;
}

/**
 * @param {string} name @param {string} file run by the project's Node @param {string[]} args
 * @returns {(root: string) => Promise<CheckResult>}
 */
function tool(name, file, ...args) {
  return (root) =>
    timed(
      name,
      () =>
        new Promise((resolve) => {
          const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
          const child = spawn(projectNode(root), [path.join(root, file), ...args], {
            cwd: root,
            env: { ...process.env, ...color },
            stdio: ['ignore', 'pipe', 'pipe'],
            timeout: 300_000,
          });
          let output = '';
          const keep = (/** @type {Buffer} */ chunk) => {
            output += chunk.toString();
          };
          child.stdout.on('data', keep);
          child.stderr.on('data', keep);
          child.on('error', (error) => resolve({ ok: false, output: error.message }));
          child.on('close', (code, signal) =>
            resolve({ ok: code === 0, output: signal ? `${output}\nended by ${signal}` : output }),
          );
        }),
    );
}

/** @param {string} name @param {(root: string) => string[]} find @returns {(root: string) => Promise<CheckResult>} */
function inProcess(name, find) {
  return (root) =>
    timed(name, async () => {
      const wrong = find(root);
      return { ok: wrong.length === 0, output: wrong.join('\n') };
    });
}

/** @param {string} name @param {() => Promise<{ ok: boolean, output: string }>} work @returns {Promise<CheckResult>} */
async function timed(name, work) {
  const since = performance.now();
  try {
    return { name, ...(await work()), tookMs: performance.now() - since };
  } catch (error) {
    return { name, ok: false, output: String(error), tookMs: performance.now() - since };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runChecks({
    root: path.dirname(import.meta.dirname),
    say: (line) => console.log(line),
  });
  console.log(`${passed} checks passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
