// From what came over the bus to a message that can be trusted: known version, signed by its sender, for us, not too old.
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Refusal } from '../error.ts';
import { refusal } from '../error.ts';
import type { Address } from './envelope.ts';
import { protocolVersion } from './envelope.ts';
import { isSigned } from './signature.ts';

/** As much as can be asked of a message of any version. */
const coverSchema = z.looseObject({
  protocol: z.number().int(),
  type: z.string().max(100),
  id: z.string().max(200),
  sender: z.string().max(200),
});

export type Reader<T> = {
  readonly schema: z.ZodType<T>;
  /** The sender's key; undefined for one that is not known. */
  readonly keyOf: (sender: string) => KeyObject | undefined;
  /** The addresses that are ours. */
  readonly addresses: readonly Address[];
  readonly now: () => Date;
};

/** Checked in this order, so that a forger learns nothing, and an alien version gets a word of its own. */
export function openMessage<T extends { readonly to: string; readonly expiresAt: string | null }>(
  raw: unknown,
  reader: Reader<T>,
): T | Refusal {
  const cover = coverSchema.safeParse(raw);
  if (!cover.success) return refusal('BAD_ENVELOPE', 'A message on the bus is not in the protocol.');
  const { protocol, sender, type, id } = cover.data;
  const what = `message ${type} ${id} of “${sender}”`;
  if (protocol !== protocolVersion)
    return refusal(
      'PROTOCOL_UNKNOWN',
      `The ${what} is in protocol ${protocol}; this version speaks ${protocolVersion}. Run the same version on both sides.`,
    );
  const key = reader.keyOf(sender);
  if (key === undefined) return refusal('NOT_ENROLLED', `The ${what} was put aside: nobody of that name is enrolled.`);
  if (!isSignedQuietly(cover.data, key))
    return refusal('SIGNATURE_INVALID', `The ${what} was put aside: its signature is not the sender’s.`);
  const parsed = parse(reader.schema, raw);
  if ('failure' in parsed) return refusal('BAD_ENVELOPE', `The ${what} was put aside: ${parsed.failure}.`);
  const { message } = parsed;
  if (!reader.addresses.some((address) => address === message.to))
    return refusal('SIGNATURE_INVALID', `The ${what} was put aside: it is for ${message.to}.`);
  if (message.expiresAt !== null && Date.parse(message.expiresAt) <= reader.now().getTime())
    return refusal('EXPIRED', `The ${what} came after its time, ${message.expiresAt}.`);
  return message;
}

function parse<T>(schema: z.ZodType<T>, raw: unknown): { readonly message: T } | { readonly failure: string } {
  try {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return { message: parsed.data };
    return { failure: parsed.error.issues[0]?.message ?? 'not in the protocol' };
  } catch (error) {
    // An id of the wrong form is thrown through safeParse. Who signs such a message must not stop the others' words.
    if (!(error instanceof TypeError)) throw error;
    return { failure: error.message };
  }
}

function isSignedQuietly(message: Readonly<Record<string, unknown>>, key: KeyObject): boolean {
  try {
    return isSigned(message, key);
  } catch {
    // What cannot be canonicalised was not signed.
    return false;
  }
}
