// An unencrypted Ed25519 key pair as OpenSSH writes it (its PROTOCOL.key), so that setup needs no ssh-keygen.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** The private key, ready to be written to a file. @param {string} comment */
export function newSshKey(comment) {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const seed = Buffer.from(jwk.d ?? '', 'base64url');
  const point = Buffer.from(jwk.x ?? '', 'base64url');
  const publicBlob = Buffer.concat([field('ssh-ed25519'), field(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, publicBlob, field(Buffer.concat([seed, point])), field(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(field),
    number(1),
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** The line for authorized_keys, of any key that OpenSSH wrote; undefined of another. @param {string} privateKey @param {string} comment */
export function publicKeyOf(privateKey, comment) {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(privateKey)?.[1];
  if (body === undefined) return undefined;
  const whole = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = () => {
    const length = whole.readUInt32BE(at);
    at += 4 + length;
    return whole.subarray(at - length, at);
  };
  // Cipher, key derivation and its options, then the number of keys.
  for (let skipped = 0; skipped < 3; skipped += 1) next();
  at += 4;
  const blob = next();
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString();
  return `${type} ${blob.toString('base64')} ${comment}\n`;
}

/** Its length in four bytes, then itself. @param {string | Buffer} value */
function field(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** @param {number} value */
function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
