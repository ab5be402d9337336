// What an agent needs beside the broker's address: who it is, its key, core's key, and the key of its pool. One file, made by
// `npm start -- agents enroll`.
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { nameSchema } from './envelope.ts';
import { poolKey } from './sealed-secrets.ts';
import { newKeyPair, privateKeyText, publicKeyText, toPrivateKey, toPublicKey } from './signature.ts';

export const identityFileSchema = z.object({
  chiffon: z.literal('agent identity 1'),
  name: nameSchema,
  pool: nameSchema,
  /** The agent's Ed25519 private key, PKCS 8 in PEM. */
  privateKey: z.string(),
  /** Core's Ed25519 public key, SPKI in base64. */
  corePublicKey: z.string(),
  /** 32 bytes in base64. */
  poolKey: z.base64(),
});
export type IdentityFile = z.infer<typeof identityFileSchema>;

export type AgentIdentity = {
  readonly name: string;
  readonly pool: string;
  readonly privateKey: KeyObject;
  readonly corePublicKey: KeyObject;
  readonly poolKey: Buffer;
};

/** A new identity, and the public key to enrol it with. */
export function newIdentity(
  name: string,
  pool: string,
  signingKey: KeyObject,
): { readonly file: IdentityFile; readonly publicKey: string } {
  const pair = newKeyPair();
  const file: IdentityFile = {
    chiffon: 'agent identity 1',
    name,
    pool,
    privateKey: privateKeyText(pair.privateKey),
    corePublicKey: publicKeyText(signingKey),
    poolKey: poolKey(signingKey, pool).toString('base64'),
  };
  return { file, publicKey: publicKeyText(pair.publicKey) };
}

/** Throws on a file that is not an identity. */
export function toIdentity(file: unknown): AgentIdentity {
  const { name, pool, ...keys } = identityFileSchema.parse(file);
  return {
    name,
    pool,
    privateKey: toPrivateKey(keys.privateKey),
    corePublicKey: toPublicKey(keys.corePublicKey),
    poolKey: Buffer.from(keys.poolKey, 'base64'),
  };
}
