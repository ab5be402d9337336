// Keeps two starts from installing into the same folder at once. The lock is a file that names the processes at work; it
// counts for nothing when they are all gone, so a start that was killed holds up nobody.
import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @template T
 * @param {string} file
 * @param {{ onWait?: () => void, pollMs?: number }} options
 * @param {(alsoHeldBy: (pid: number) => void) => Promise<T>} work is told how to name a child that writes to the folder too
 * @returns {Promise<T>}
 */
export async function withLock(file, { onWait, pollMs = 200 }, work) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  const holders = [identify(process.pid)];
  const write = () => writeFileSync(mine, JSON.stringify(holders));
  write();
  try {
    for (let waited = false; !take(mine, file); waited = true) {
      if (!waited) onWait?.();
      await sleep(pollMs);
    }
    try {
      return await work((pid) => {
        holders.push(identify(pid));
        write();
        renameSync(mine, file);
      });
    } finally {
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** @param {string} mine @param {string} file */
function take(mine, file) {
  try {
    // Unlike an exclusive create, a link appears with its content.
    linkSync(mine, file);
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
    if (ageMs(clearing) > 10_000) rmdirSync(clearing);
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
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A process by number and start time, for numbers are used again. One that is gone has no start time. @param {number} pid */
function identify(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return { pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown' };
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

/** @param {string} folder */
function ageMs(folder) {
  try {
    return Date.now() - statSync(folder).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
