// Keeps two starts from installing into the same folder at once. The lock is a file that names the processes at work; it
// counts for nothing when they are all gone, so a start that was killed holds up nobody.
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anybody takes between making a file and having written to it. */
const writingMs = 10_000;

/**
 * @template T
 * @param {string} file
 * @param {{ onWait?: () => void, pollMs?: number }} options
 * @param {(alsoHeldBy: (pid: number) => void) => Promise<T>} work is told how to name a child that writes to the folder too
 * @returns {Promise<T>}
 */
export async function withLock(file, { onWait, pollMs = 200 }, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let waited = false; !take(file); waited = true) {
    if (!waited) onWait?.();
    await sleep(pollMs);
  }
  const holders = [identify(process.pid)];
  try {
    return await work((pid) => {
      holders.push(identify(pid));
      writeFileSync(file, JSON.stringify(holders));
    });
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, JSON.stringify([identify(process.pid)]), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  if (isHeld(file)) return false;
  // Clearing a dead lock is itself guarded, or the second of two who saw it dead would clear the first one's new lock.
  const clearing = `${file}.clearing`;
  try {
    mkdirSync(clearing);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (ageMs(clearing) > writingMs) rmdirSync(clearing);
    return false;
  }
  try {
    if (!isHeld(file)) rmSync(file, { force: true });
  } finally {
    rmdirSync(clearing);
  }
  return false;
}

/** @param {string} file */
function isHeld(file) {
  try {
    /** @type {{ pid: number, started?: string }[]} */
    const holders = JSON.parse(readFileSync(file, 'utf8'));
    return holders.some(({ pid, started }) => started !== undefined && identify(pid).started === started);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    // Half written: just now, or by somebody who was killed doing it.
    if (error instanceof SyntaxError) return ageMs(file) < writingMs;
    throw error;
  }
}

/** A process by number and start time, for numbers are used again. One that is gone has no start time. @param {number} pid */
function identify(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // In a container whose first process does not care, the dead stay on as zombies.
    return { pid, started: fields[0] === 'Z' ? undefined : fields[19] };
  } catch {
    return { pid, started: isAlive(pid) ? 'unknown' : undefined };
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} place */
function ageMs(place) {
  try {
    return Date.now() - statSync(place).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
