// Seals secret values with AES-256-GCM, each bound to its reference: a row moved to another name does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ChiffonError } from '../../core/error.ts';
import { fromColumn, toColumn } from '../../drizzle/exact-text.ts';

export type SecretBox = {
  readonly seal: (value: string, reference: string) => string;
  /** Throws SECRET_UNREADABLE. */
  readonly open: (sealed: string, reference: string) => string;
};

const ivBytes = 12;
const tagBytes = 16;

/** `key` gives the 32 bytes; it is asked for when the first secret comes. */
export function makeSecretBox(key: () => Buffer): SecretBox {
  return {
    seal: (value, reference) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key(), iv).setAAD(Buffer.from(toColumn(reference)));
      const sealed = Buffer.concat([cipher.update(toColumn(value), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    open: (sealed, reference) => {
      const bytes = Buffer.from(sealed, 'base64');
      const cipherKey = key();
      try {
        const decipher = createDecipheriv('aes-256-gcm', cipherKey, bytes.subarray(0, ivBytes), {
          authTagLength: tagBytes,
        })
          .setAAD(Buffer.from(toColumn(reference)))
          .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
        const opened = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
        return fromColumn(opened.toString('utf8'));
      } catch (error) {
        throw new ChiffonError(
          'SECRET_UNREADABLE',
          'A secret of this task was stored under another key and cannot be read: put that key back, or make the request again.',
          { cause: error },
        );
      }
    },
  };
}
