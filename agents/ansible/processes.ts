// Processes as the kernel tells of them in /proc (Linux): is it still the same one, and what is left of an attempt?
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessMark } from '../runtime/executor.ts';

export async function markOf(pid: number, tag: string): Promise<ProcessMark> {
  return { pid, startTime: await startTimeOf(pid), bootId: await bootId(), tag };
}

/** Whether the process with that mark is alive: the same number, begun at the same tick of the same boot. */
export async function isAlive(mark: ProcessMark): Promise<boolean> {
  if (mark.startTime === null || mark.bootId !== (await bootId())) return false;
  return (await startTimeOf(mark.pid)) === mark.startTime;
}

/** Kills every process that has the tag in its environment, until there is none or the time is over; those left then. */
export async function killTagged(tag: string, timeoutMs: number): Promise<readonly number[]> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await tagged(tag);
    if (found.length === 0 || performance.now() > end) return found;
    for (const pid of found) kill(pid);
    await wait(20);
  }
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or another user's.
  }
}

async function tagged(tag: string): Promise<number[]> {
  const wanted = Buffer.from(`CHIFFON_ATTEMPT=${tag}\0`);
  const names = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    // A zombie's environment is empty: it is no longer alive.
    const environment = await readFile(`/proc/${name}/environ`).catch(() => undefined);
    if (environment?.includes(wanted)) found.push(Number(name));
  }
  return found;
}

/** Field 22 of stat: clock ticks from the boot to its start. Null when there is no such process, or it is a zombie. */
async function startTimeOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the name in brackets and may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? null : (fields[19] ?? null);
}

async function bootId(): Promise<string | null> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined))?.trim() ?? null;
}
