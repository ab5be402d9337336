// Secrets on their way to an agent: sealed for its pool, for a queue lies on the broker's disk.
import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Refusal } from '../error.ts';
import { refusal } from '../error.ts';

const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const secretsSchema = z.record(z.string(), z.string());

export type Secrets = z.infer<typeof secretsSchema>;

/** The key of a pool, 32 bytes, derived from core's signing key; each of its agents gets it when it is enrolled. */
export function poolKey(signingKey: KeyObject, pool: string): Buffer {
  const secret = signingKey.export({ type: 'pkcs8', format: 'der' });
  return Buffer.from(hkdfSync('sha256', secret, '', `chiffon pool key 1 ${pool}`, 32));
}

/** `context`: the id of the message that carries it; sealed text of another message does not open. */
export function sealSecrets(secrets: Secrets, key: Buffer, context: string): string {
  const iv = randomBytes(ivBytes);
  const sealing = createCipheriv(cipher, key, iv).setAAD(Buffer.from(context));
  const text = Buffer.concat([sealing.update(JSON.stringify(secrets), 'utf8'), sealing.final()]);
  return Buffer.concat([iv, sealing.getAuthTag(), text]).toString('base64');
}

export type Opened = { readonly type: 'opened'; readonly secrets: Secrets };

/** SECRET_UNREADABLE with another key, another context, or altered text. */
export function openSecrets(sealed: string, key: Buffer, context: string): Opened | Refusal {
  try {
    const bytes = Buffer.from(sealed, 'base64');
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
    opening.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    const text = Buffer.concat([opening.update(bytes.subarray(ivBytes + tagBytes)), opening.final()]);
    return { type: 'opened', secrets: secretsSchema.parse(JSON.parse(text.toString('utf8'))) };
  } catch {
    // Without the cause: a parser's complaint may quote what it read.
    return refusal(
      'SECRET_UNREADABLE',
      'The secrets of the command are not sealed for this agent’s pool. Enrol the agent again. Nothing was done.',
    );
  }
}
