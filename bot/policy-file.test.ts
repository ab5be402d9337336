// The policy file as people edit it: what is wrong with it is said with its place, and then nothing can be approved.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPolicyFile, readPolicyText } from './policy-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-policy-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the policy file', () => {
  it('is written at the first start so that the terminal’s user may approve, and nobody else', async () => {
    const read = await openPolicyFile(join(folder, 'policy.yaml'), false);
    const policy = await read();
    expect(policy.approvers).toEqual([{ who: ['terminal:local'], actions: ['*'], hosts: ['*'], needs: 1, self: true }]);
    expect(policy.expiry).toBe('24h');
  });

  it('is never overwritten, and an edit counts at the next decision', async () => {
    const path = join(folder, 'policy.yaml');
    await writeFile(path, 'approvers: []\n');
    const read = await openPolicyFile(path, false);
    const before = await read();
    await writeFile(path, "approvers:\n  - who: ['matrix:@ada:example.org']\n");
    const after = await read();
    expect(before.approvers).toEqual([]);
    expect(after.approvers[0]?.who).toEqual(['matrix:@ada:example.org']);
    expect(after.version).not.toBe(before.version);
    expect(await readFile(path, 'utf8')).toContain('ada');
  });

  it('has the same version when only its comments changed', () => {
    const plain = readPolicyText('p', 'approvers: []\n');
    expect(readPolicyText('p', '# nobody\napprovers: []\nexpiry: 24h\n').version).toBe(plain.version);
  });

  it.each([
    ['no YAML', 'approvers: [\n', /no YAML in line \d/],
    ['a misspelt key', "approvers:\n  - {who: ['terminal:local'], need: 2}\n", /at approvers\.0: .*need/],
    ['a name instead of an id', 'approvers:\n  - {who: [ada]}\n', /at approvers\.0\.who\.0: .*platform:id/],
    ['zero persons', "approvers:\n  - {who: ['terminal:local'], needs: 0}\n", /at approvers\.0\.needs/],
    ['a strange expiry', 'approvers: []\nexpiry: soon\n', /at expiry: .*24h/],
    ['nothing', '', /at the top/],
  ])('with %s is refused with the place', (_name, text, expected) => {
    expect(() => readPolicyText('policy.yaml', text)).toThrow(expected);
  });
});
