import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { publicKeyText } from '../core/contracts/signature.ts';
import { openSigningKey } from './signing-key.ts';

const root = mkdtempSync(join(tmpdir(), 'chiffon-key-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = () => mkdtempSync(join(root, 'home-'));

describe('the signing key', () => {
  it('is made once, for its owner alone, and read from then on', async () => {
    const path = join(folder(), 'core-signing.key');
    const made = publicKeyText(await openSigningKey(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(publicKeyText(await openSigningKey(path))).toBe(made);
  });

  it('is one for all that start at the same time, and no drafts are left', async () => {
    const home = folder();
    const path = join(home, 'core-signing.key');
    const keys = await Promise.all(Array.from({ length: 20 }, () => openSigningKey(path)));
    expect(new Set(keys.map(publicKeyText)).size).toBe(1);
    expect(readdirSync(home)).toEqual(['core-signing.key']);
  });

  it('that is damaged, or cannot be made, is a SIGNING_KEY that names the file and is left as it is', async () => {
    const path = join(folder(), 'core-signing.key');
    writeFileSync(path, 'no key');
    await expect(openSigningKey(path)).rejects.toMatchObject({
      kind: 'SIGNING_KEY',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toBe('no key');
    await expect(openSigningKey(join(root, 'not', 'there'))).rejects.toMatchObject({ kind: 'SIGNING_KEY' });
  });
});
