// The data folder belongs to one process at a time: a lock that the kernel frees when that process ends, however it ends.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChiffonError } from '../../core/error.ts';
import { systemCode } from './database-fault.ts';

export type HeldFolder = {
  /** Where PGlite keeps its files. */
  readonly database: string;
  readonly release: () => void;
};

const sqliteBusy = 5;
/** A process that was just killed may take a moment to be gone. */
const graceMs = 500;

/**
 * Makes the folder where it is missing. Throws DATA_FOLDER_IN_USE, or DATA_FOLDER_UNUSABLE.
 * The lock is SQLite's on a side file: fcntl's, and right among the threads of one process too. PGlite itself would let a
 * second process in and be corrupted.
 */
export function holdDataFolder(folder: string): HeldFolder {
  const lock = locked(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return takeLock(join(folder, 'lock'));
  });
  // Beside the lock and not in it: closing another descriptor of a locked file would free the lock.
  const holder = join(folder, 'lock.pid');
  const release = () => {
    rmSync(holder, { force: true });
    lock.close();
  };
  try {
    return locked(folder, () => {
      const database = join(folder, 'postgres');
      writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 });
      mkdirSync(database, { recursive: true, mode: 0o700 });
      chmodSync(database, 0o700);
      return { database, release };
    });
  } catch (error) {
    release();
    throw error;
  }
}

function takeLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: graceMs });
  try {
    lock.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function locked<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) throw new ChiffonError('DATA_FOLDER_IN_USE', inUse(folder), { cause: error });
    if (['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? ''))
      throw new ChiffonError('DISK_FULL', `The disk is full: ${folder} cannot be written. Free some space there.`, {
        cause: error,
      });
    throw new ChiffonError(
      'DATA_FOLDER_UNUSABLE',
      `The data folder ${folder} cannot be used (${systemCode(error) ?? String(error)}). Mend its owner and permissions, or set CHIFFON_HOME to another folder.`,
      { cause: error },
    );
  }
}

function inUse(folder: string): string {
  const pid = holderOf(folder);
  const who = pid === undefined ? 'Another Chiffon' : `Another Chiffon (process ${pid})`;
  return `${who} uses the data folder ${folder}. Stop it, or set CHIFFON_HOME to another folder.`;
}

function holderOf(folder: string): string | undefined {
  try {
    return /^\d+$/.exec(readFileSync(join(folder, 'lock.pid'), 'utf8').trim())?.[0];
  } catch {
    return undefined;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
