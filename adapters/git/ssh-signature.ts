// Checks SSH signatures of commits in the process: `git log --format=%G?` starts ssh-keygen for each, 8 ms a commit.
// The format is OpenSSH's PROTOCOL.sshsig. Ed25519 only; other kinds of keys are left to git.
import { createHash, createPublicKey, verify } from 'node:crypto';

/** Public keys in OpenSSH's own form (base64 as in `ssh-ed25519 AAAA...`). */
export type TrustedKeys = ReadonlySet<string>;

/** Whether a trusted key made it; null for a kind of key that has to be checked elsewhere. */
export function sshSignatureHolds(armoured: string, signed: Uint8Array, trusted: TrustedKeys): boolean | null {
  const blob = dearmoured(armoured);
  if (blob === null) return false;
  try {
    return check(new Fields(blob), signed, trusted);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function check(fields: Fields, signed: Uint8Array, trusted: TrustedKeys): boolean | null {
  if (fields.bytes(6).toString('latin1') !== 'SSHSIG' || fields.number() !== 1) return false;
  const publicKey = fields.string();
  const namespace = fields.string();
  const reserved = fields.string();
  const hashName = fields.string().toString('latin1');
  const signature = new Fields(fields.string());
  if (namespace.toString('latin1') !== 'git' || !['sha256', 'sha512'].includes(hashName)) return false;
  if (!trusted.has(publicKey.toString('base64'))) return false;

  const key = new Fields(publicKey);
  if (key.string().toString('latin1') !== 'ssh-ed25519') return null;
  if (signature.string().toString('latin1') !== 'ssh-ed25519') return false;
  const message = Buffer.concat([
    Buffer.from('SSHSIG'),
    counted(namespace),
    counted(reserved),
    counted(Buffer.from(hashName)),
    counted(createHash(hashName).update(signed).digest()),
  ]);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.string().toString('base64url') };
  return verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature.string());
}

function dearmoured(armoured: string): Buffer | null {
  const body = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/.exec(
    armoured,
  )?.[1];
  return body === undefined ? null : Buffer.from(body, 'base64');
}

function counted(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** SSH's wire form: numbers of four bytes, strings with their length before them. Reading beyond the end is a RangeError. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new RangeError('a signature ends too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(): number {
    return this.bytes(4).readUInt32BE();
  }

  string(): Buffer {
    return this.bytes(this.number());
  }
}
