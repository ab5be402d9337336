// Decides about encrypted rooms: whether they can be spoken in, and what is said there when they cannot. The one place that knows.
import { createRequire, registerHooks } from 'node:module';

export type Encryption =
  /** `sentence`: what is said in an encrypted room, in plain words. `note`: said once in the log at a start. */
  { readonly type: 'off'; readonly sentence: string; readonly note: string };

const library = '@matrix-org/matrix-sdk-crypto-nodejs';

export function decideEncryption(): Encryption {
  const why = isInstalled()
    ? 'not built into this version'
    : 'not there: its native library is missing on this machine';
  return {
    type: 'off',
    sentence:
      'This room is encrypted, and I cannot read encrypted messages: please use a room without encryption, where I answer.',
    note: `Encryption is ${why}; in encrypted rooms Chiffon says so, and works in all others.`,
  };
}

/**
 * Loads what imports the encryption library at once, also where its native part is missing. npm installs the package all the same
 * (its install script, which fetches the native part from a release page, is not run or fails quietly), and then the mere import
 * throws. matrix-bot-sdk uses it only inside of functions that nothing here calls, so an empty module stands in for it.
 */
export async function importWithoutNativeLibrary<T>(load: () => Promise<T>): Promise<T> {
  if (isInstalled()) return await load();
  const standIn = 'chiffon:no-matrix-encryption';
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === library ? { url: standIn, format: 'commonjs', shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === standIn ? { format: 'commonjs', source: 'module.exports = {};', shortCircuit: true } : next(url, context),
  });
  try {
    return await load();
  } finally {
    hooks.deregister();
  }
}

let installed: boolean | undefined;

function isInstalled(): boolean {
  if (installed !== undefined) return installed;
  try {
    createRequire(import.meta.url)(library);
    installed = true;
  } catch {
    installed = false;
  }
  return installed;
}
