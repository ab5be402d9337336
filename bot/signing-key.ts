// Core's signing key: a file that is made at the first start. Every bot on one database has to have the same one, or agents would
// believe one bot and not the other; the log remembers which.
import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { newKeyPair, privateKeyText, publicKeyText, toPrivateKey } from '../core/contracts/signature.ts';
import { ChiffonError } from '../core/error.ts';
import { systemTask, toActorId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EventLog } from '../core/ports/event-log.ts';

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
  for (;;) {
    const expectedVersion = await parts.log.versionOf(systemTask);
    const known = (await parts.log.readTask(systemTask, ['core.key'])).at(-1)?.event;
    if (known?.type === 'core.key') {
      if (known.publicKey === publicKey) return;
      break;
    }
    const at = parts.clock.now().toISOString();
    const first = { task: systemTask, expectedVersion, actor: toActorId('system:start'), at };
    const result = await parts.log.append({ ...first, events: [{ type: 'core.key', publicKey }] });
    // Of two bots that start at the same time one is first, and the other looks again.
    if (result.type === 'appended') return;
  }
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

/** Appears whole or not at all; of two bots that start at the same time the first one's counts for both. */
async function make(path: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(privateKeyText(newKeyPair().privateKey));
    await file.sync();
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}
