// The key for secrets: the one that is given, or a file of the data folder, made when the first secret comes.
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ChiffonError } from '../../core/error.ts';
import { systemCode } from './database-fault.ts';
import { fsyncFolder } from './fsync-tree.ts';

const keyBytes = 32;

/** Throws BAD_SETTING for a given key that is not 32 bytes in base64. */
export function secretKey(given: string | undefined, dataFolder: string): () => Buffer {
  if (given === undefined) {
    let key: Buffer | undefined;
    return () => {
      key ??= keyOfFolder(dataFolder);
      return key;
    };
  }
  const key = Buffer.from(given, 'base64');
  if (key.length !== keyBytes)
    throw new ChiffonError(
      'BAD_SETTING',
      'CHIFFON_SECRET_KEY must be 32 bytes in base64; `openssl rand -base64 32` makes one.',
    );
  return () => key;
}

function keyOfFolder(dataFolder: string): Buffer {
  const path = join(dataFolder, 'secret.key');
  try {
    const key = Buffer.from(readIfThere(path) ?? make(path), 'base64');
    if (key.length !== keyBytes) throw new Error(`${path} does not hold 32 bytes in base64`);
    chmodSync(path, 0o600);
    return key;
  } catch (error) {
    throw new ChiffonError('SECRET_UNREADABLE', `The key for secrets, ${path}, cannot be read or made.`, {
      cause: error,
    });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Appears whole or not at all, and the first of two processes wins. */
function make(path: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(keyBytes).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
  fsyncFolder(join(path, '..'));
  return readFileSync(path, 'utf8');
}
