// An agent's folder belongs to one process at a time and to one agent: a lock that the kernel frees when that process ends.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChiffonError } from '../../core/error.ts';

/** A process that was just killed may take a moment to be gone. */
const usualGraceMs = 2_000;

/** Returns how to let it go. Throws DATA_FOLDER_IN_USE. */
export function lockFolder(folder: string, agent: string, graceMs = usualGraceMs): () => void {
  // SQLite's lock is fcntl's, and right among the threads of one process too.
  const lock = new DatabaseSync(join(folder, 'agent.lock'), { timeout: graceMs });
  try {
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
    const owner = ownerOf(folder);
    if (owner !== undefined && owner !== agent)
      throw new ChiffonError(
        'DATA_FOLDER_IN_USE',
        `The folder ${folder} belongs to the agent “${owner}”, not to “${agent}”. Set CHIFFON_HOME to another folder.`,
      );
    writeFileSync(join(folder, 'agent.name'), `${agent}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    if (error instanceof ChiffonError) throw error;
    throw new ChiffonError(
      'DATA_FOLDER_IN_USE',
      `Another agent uses the folder ${folder}. Stop it, or set CHIFFON_HOME to another folder.`,
      { cause: error },
    );
  }
  return () => lock.close();
}

function ownerOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'agent.name'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
