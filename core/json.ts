// JSON as a type, and its one canonical form (RFC 8785), over which every digest in Chiffon is taken.
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** The RFC 8785 text of a value. Throws on what JSON cannot say (undefined, NaN, a cycle). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('this value has no canonical JSON form');
  return text;
}

/** SHA-256 of a text or bytes, in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}

/** A value as people write it: text as it is, everything else as JSON. */
export function jsonText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
