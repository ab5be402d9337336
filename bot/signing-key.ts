// Core's signing key: a file that is made at the first start. Every bot on one database has to have the same one, or agents would
// believe one bot and not the other; the log remembers which.
import type { KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { newKeyPair, privateKeyText, publicKeyText, toPrivateKey } from '../core/contracts/signature.ts';
import { ChiffonError } from '../core/error.ts';
import { systemTask, toActorId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog } from '../core/ports/event-log.ts';
import { appendToSystem } from './dispatch/agent-registry.ts';

/** Throws SIGNING_KEY. */
export async function openSigningKey(path: string): Promise<KeyObject> {
  try {
    return toPrivateKey((await readIfThere(path)) ?? (await make(path)));
  } catch (error) {
    throw new ChiffonError(
      'SIGNING_KEY',
      `The key that signs commands, ${path}, cannot be read or made. It is an Ed25519 private key in PEM.`,
      { cause: error },
    );
  }
}

/** The first bot's key is the one that counts. Throws SIGNING_KEY for another one. */
export async function claimSigningKey(
  key: KeyObject,
  parts: { readonly log: EventLog; readonly clock: Clock; readonly path: string },
): Promise<void> {
  const publicKey = publicKeyText(key);
  const known = (await parts.log.readTask(systemTask, ['core.key'])).at(-1)?.event;
  if (known?.type !== 'core.key')
    return appendToSystem(parts, toActorId('system:start'), { type: 'core.key', publicKey });
  if (known.publicKey === publicKey) return;
  throw new ChiffonError(
    'SIGNING_KEY',
    `The key ${parts.path} is not the one that the bots on this database sign with. Copy theirs there; if it is lost for good, \`npm start -- agents rekey\` makes this one count, and every agent has to be enrolled again.`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function make(path: string): Promise<string> {
  const text = privateKeyText(newKeyPair().privateKey);
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  return text;
}
