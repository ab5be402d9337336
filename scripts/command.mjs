// Runs an installer: its output is kept and not shown, and it is stopped when we are.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @param {string} file @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onSpawn?: (pid: number) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>} code 127 when the file cannot be started
 */
export function run(file, args, { cwd, env = process.env, timeoutMs, onSpawn } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-65_536);
    };
    running.add(child);
    if (child.pid !== undefined) onSpawn?.(child.pid);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      running.delete(child);
      resolve({ code: 127, output: `${output}${error.message}` });
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), output });
    });
  });
}

/** Until `release` is called, a signal that would end us ends the installers first. @param {() => void} lastWords */
export function stopWithUs(lastWords) {
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    for (const child of running) child.kill('SIGTERM');
    lastWords();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, stop);
  return {
    release() {
      for (const signal of signals) process.removeListener(signal, stop);
    },
  };
}
