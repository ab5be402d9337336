import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRunId, toTaskId } from '../ids.ts';
import type { JsonValue } from '../json.ts';
import { envelopeOf } from './envelope.ts';
import { goSchema } from './messages.ts';
import { openMessage } from './open-message.ts';
import { openSecrets, poolKey, sealSecrets } from './sealed-secrets.ts';
import { isSigned, newKeyPair, privateKeyText, publicKeyText, signed, toPrivateKey, toPublicKey } from './signature.ts';

const { privateKey, publicKey } = newKeyPair();
const anotherKey = newKeyPair();
const overTheWire = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value));

/** Text that JSON can carry from one side to the other. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const value = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 2 });
const field = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 10 })
  .filter((name) => name !== 'signature' && name !== '__proto__');
const message = fc.dictionary(field, value, { maxKeys: 6, noNullPrototype: true });

describe('a signed message', () => {
  it('is still signed after the journey as JSON, whatever it holds', () => {
    fc.assert(
      fc.property(message, (given) => {
        expect(isSigned(overTheWire(signed(given, privateKey)), publicKey)).toBe(true);
      }),
    );
  });

  it('is refused after any change of any field', () => {
    fc.assert(
      fc.property(message, field, value, (given, name, other) => {
        const sent = overTheWire(signed(given, privateKey));
        fc.pre(JSON.stringify(sent[name]) !== JSON.stringify(other));
        expect(isSigned({ ...sent, [name]: other }, publicKey)).toBe(false);
        for (const each of Object.keys(sent)) {
          const { [each]: _gone, ...rest } = sent;
          expect(isSigned(rest, publicKey)).toBe(false);
          expect(isSigned({ ...sent, [each]: [sent[each]] }, publicKey)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has one signature, in one spelling', () => {
    const sent = overTheWire(signed({ a: 1 }, privateKey));
    const signature = String(sent.signature);
    const spellings = [
      ...[`${signature} `, ` ${signature}`, `${signature}\n`, signature.replace(/=+$/, ''), `${signature}!`, ''],
      ...[Buffer.from(signature, 'base64').toString('hex'), signature.slice(4), null, 1, [signature]],
    ];
    for (const other of spellings) expect(isSigned({ ...sent, signature: other }, publicKey)).toBe(false);
    for (let bit = 0; bit < 512; bit += 37) {
      const flipped = Buffer.from(signature, 'base64');
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(isSigned({ ...sent, signature: flipped.toString('base64') }, publicKey)).toBe(false);
    }
  });

  it('is not taken for another’s', () => {
    expect(isSigned(signed({ a: 1 }, anotherKey.privateKey), publicKey)).toBe(false);
  });

  it('holds with keys that were stored as text; other kinds of keys are none', () => {
    const again = toPrivateKey(privateKeyText(privateKey));
    expect(isSigned(signed({ a: 1 }, again), toPublicKey(publicKeyText(privateKey)))).toBe(true);
    expect(() => toPublicKey('bm90IGEga2V5')).toThrow();
  });
});

describe('a message that is opened', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const speaker = { name: 'core', clock: { now: () => now }, newId: randomUUID };
  const about = { task: toTaskId(1), run: toRunId(randomUUID()), step: 1, attempt: 1, token: 1 };
  const go = {
    type: 'step.go' as const,
    claim: 'c',
    ...envelopeOf(speaker, 'agent:one', about, { lifetimeMs: 1_000 }),
  };
  const open = (raw: unknown, at = now) =>
    openMessage(raw, {
      schema: goSchema,
      keyOf: (sender) => (sender === 'core' ? publicKey : undefined),
      addresses: ['agent:one'],
      now: () => at,
    });
  const kindOf = (raw: unknown, at?: Date) => {
    const opened = open(overTheWire({ raw }).raw, at);
    return opened.type === 'refusal' ? opened.kind : opened.type;
  };
  const altered = (change: Record<string, JsonValue>) => signed({ ...go, ...change }, privateKey);

  it('is what was sent', () => {
    expect(open(overTheWire(signed(go, privateKey)))).toEqual(go);
  });

  it.each([
    ['no message', 'BAD_ENVELOPE', 7],
    ['another version, told before anything else', 'PROTOCOL_UNKNOWN', { ...go, protocol: 2 }],
    ['an unknown sender', 'NOT_ENROLLED', altered({ sender: 'mallory' })],
    ['no signature', 'SIGNATURE_INVALID', go],
    ['another form', 'BAD_ENVELOPE', altered({ claim: 7 })],
    ['another addressee', 'SIGNATURE_INVALID', altered({ to: 'agent:two' })],
    ['a later field, passed over', 'step.go', altered({ later: true })],
  ])('is refused for what it is: %s', (_name, kind, raw) => {
    expect(kindOf(raw)).toBe(kind);
  });

  it('has no effect from its expiry on', () => {
    const sent = signed(go, privateKey);
    expect(kindOf(sent, new Date(now.getTime() + 999))).toBe('step.go');
    expect(kindOf(sent, new Date(now.getTime() + 1_000))).toBe('EXPIRED');
  });

  it('says which versions do not fit', () => {
    expect(open({ ...go, protocol: 2 })).toMatchObject({
      message: expect.stringContaining('protocol 2; this version speaks 1'),
    });
  });
});

describe('sealed secrets', () => {
  const key = poolKey(privateKey, 'ansible');

  it('open with the pool’s key in the message that carries them', () => {
    fc.assert(
      fc.property(fc.dictionary(field, text, { noNullPrototype: true }), (secrets) => {
        expect(openSecrets(sealSecrets(secrets, key, 'm'), key, 'm')).toEqual({ type: 'opened', secrets });
      }),
    );
  });

  it('do not open with another pool’s key, in another message, or altered', () => {
    const sealed = sealSecrets({ ref: 'hunter2' }, key, 'm');
    const bytes = Buffer.from(sealed, 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    const attempts = [
      openSecrets(sealed, poolKey(privateKey, 'desktop'), 'm'),
      openSecrets(sealed, poolKey(anotherKey.privateKey, 'ansible'), 'm'),
      openSecrets(sealed, key, 'n'),
      openSecrets(bytes.toString('base64'), key, 'm'),
      openSecrets('', key, 'm'),
    ];
    for (const each of attempts) expect(each).toMatchObject({ type: 'refusal', kind: 'SECRET_UNREADABLE' });
  });
});
