import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretKey } from './secret-key.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-key-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('a key is made in the folder when it is first asked for, for its user alone, and stays', async () => {
  const key = secretKey(undefined, folder);
  expect(await readdir(folder)).toEqual([]);
  expect(key()).toHaveLength(32);
  expect(secretKey(undefined, folder)()).toEqual(key());
  expect(await readdir(folder)).toEqual(['secret.key']);
  expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600);
});

test('a key that is given is used, and one that is not 32 bytes is refused by name', () => {
  const given = Buffer.alloc(32, 5);
  expect(secretKey(given.toString('base64'), '/nowhere')()).toEqual(given);
  const refused = expect.objectContaining({
    kind: 'BAD_SETTING',
    message: expect.stringContaining('CHIFFON_SECRET_KEY'),
  });
  expect(() => secretKey('c2hvcnQ=', folder)).toThrow(refused);
});

test('a key file that is none is refused and not replaced', async () => {
  await writeFile(join(folder, 'secret.key'), 'not a key\n');
  const refused = expect.objectContaining({ kind: 'SECRET_UNREADABLE', message: expect.stringContaining(folder) });
  expect(secretKey(undefined, folder)).toThrow(refused);
  expect(secretKey(undefined, folder)).toThrow(refused);
});
