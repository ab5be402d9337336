import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSecretBox } from './secret-box.ts';

const key = randomBytes(32);
const box = makeSecretBox(() => key);

test('a value opens again under its reference, and never looks the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (value, reference) => {
      const [one, other] = [box.seal(value, reference), box.seal(value, reference)];
      return one !== other && box.open(one, reference) === value && box.open(other, reference) === value;
    }),
  );
});

test('what was sealed shows nothing of the value', () => {
  expect(Buffer.from(box.seal('hunter2 hunter2', 'ref'), 'base64').toString('latin1')).not.toContain('hunter');
});

test('a row under another name, with a changed bit, cut short or under another key does not open', () => {
  const sealed = box.seal('value', 'ref');
  const bytes = Buffer.from(sealed, 'base64');
  const changed = (index: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
    return copy.toString('base64');
  };
  const refused = expect.objectContaining({ kind: 'SECRET_UNREADABLE' });
  for (let index = 0; index < bytes.length; index += 1) expect(() => box.open(changed(index), 'ref')).toThrow(refused);
  expect(() => box.open(sealed, 'other')).toThrow(refused);
  expect(() => box.open(bytes.subarray(0, 20).toString('base64'), 'ref')).toThrow(refused);
  expect(() => makeSecretBox(() => randomBytes(32)).open(sealed, 'ref')).toThrow(refused);
});
