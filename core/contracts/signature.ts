// Ed25519 signatures over messages: core signs commands, each agent what it reports.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { canonicalJson } from '../json.ts';

/** So that a signature of ours can never be taken for one over something else. */
const context = 'chiffon message 1\n';

/** The message with its `signature`: over the canonical JSON of all the rest, in base64. */
export function signed<T extends object>(message: T, privateKey: KeyObject): T & { readonly signature: string } {
  return { ...message, signature: sign(null, bytesOf(message), privateKey).toString('base64') };
}

/** Whether the owner of the key signed exactly this. */
export function isSigned(message: Readonly<Record<string, unknown>>, publicKey: KeyObject): boolean {
  const { signature, ...rest } = message;
  if (typeof signature !== 'string') return false;
  const bytes = Buffer.from(signature, 'base64');
  // Node reads base64 leniently; one signature has one text.
  if (bytes.toString('base64') !== signature) return false;
  return verify(null, bytesOf(rest), publicKey, bytes);
}

function bytesOf(message: object): Buffer {
  // By way of JSON, as the other side will read it: what JSON drops is not signed either.
  return Buffer.from(context + canonicalJson(JSON.parse(JSON.stringify(message))));
}

export function newKeyPair(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ed25519');
}

/** The public key as text: SPKI in base64, one line. */
export function publicKeyText(key: KeyObject): string {
  return (key.type === 'private' ? createPublicKey(key) : key)
    .export({ type: 'spki', format: 'der' })
    .toString('base64');
}

/** Throws TypeError on anything but an Ed25519 public key. */
export function toPublicKey(text: string): KeyObject {
  return ed25519(createPublicKey({ key: Buffer.from(text, 'base64'), type: 'spki', format: 'der' }));
}

/** PKCS 8 in PEM. */
export function privateKeyText(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function toPrivateKey(pem: string): KeyObject {
  return ed25519(createPrivateKey(pem));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  return key;
}
