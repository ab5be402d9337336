import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractSecrets } from './extract-secrets.ts';

const names = ['admin_password', 'new_password', 'smtp_password'];

describe('secrets in a request', () => {
  it.each([
    ['create user bob with password hunter2', 'create user bob with password ‹secret:1›', ['hunter2']],
    ['set the admin password to swordfish for gitea', 'set the admin password to ‹secret:1› for gitea', ['swordfish']],
    [
      'deploy gitea with admin_password=s3cret, port 80',
      'deploy gitea with admin_password=‹secret:1›, port 80',
      ['s3cret'],
    ],
    ['change password for bob to Tr0ub4dor&3', 'change password for bob to ‹secret:1›', ['Tr0ub4dor&3']],
    ["deploy x with smtp_password 'a b c'", 'deploy x with smtp_password ‹secret:1›', ['a b c']],
    ['password: “pass phrase”', 'password: ‹secret:1›', ['pass phrase']],
    ['the token is abc123def', 'the token is ‹secret:1›', ['abc123def']],
    [
      'use ghp_abcdefghijklmnopqrstuvwxyz0123456789 please',
      'use ‹secret:1› please',
      ['ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ],
    ['key AKIAIOSFODNN7EXAMPLE', 'key ‹secret:1›', ['AKIAIOSFODNN7EXAMPLE']],
    ['clone https://bob:pw123@git.lab/x', 'clone https://bob:‹secret:1›@git.lab/x', ['pw123']],
    ['user pin 1234', 'user pin ‹secret:1›', ['1234']],
    ['old password a1b2, new password c3d4', 'old password ‹secret:1›, new password ‹secret:2›', ['a1b2', 'c3d4']],
    ['password x9x9 and again password x9x9', 'password ‹secret:1› and again password ‹secret:1›', ['x9x9']],
  ])('are taken out of “%s”', (text, expected, values) => {
    const found = extractSecrets(text, names);
    expect(found.text).toBe(expected);
    expect(found.secrets.map((secret) => secret.value)).toEqual(values);
  });

  it('takes a private key out whole', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----';
    expect(extractSecrets(`use ${key} for bob`).text).toBe('use ‹secret:1› for bob');
  });

  it.each([
    'rotate the password of gitea',
    'reset password for bob',
    'deploy the password manager',
    'add token to gitea',
    'is the password wrong?',
    'rotate secrets on nas',
    'rotate the api key of grafana',
    'deploy gitea with password rotation enabled',
    'delete the token for alice',
    'the password is wrong',
    'back up the secrets',
    'deploy grafana on port 3000',
    'change the password',
    'restart grafana ‹secret:1›',
  ])('leaves “%s” as it is', (text) => {
    expect(extractSecrets(text, names)).toEqual({ text, secrets: [] });
  });

  it('names the input that is meant', () => {
    expect(extractSecrets('admin password is a1b2c3', names).secrets[0]?.name).toBe('admin_password');
  });

  it('gives back the text when the values are put back in, and holds no value any more', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 120 }), fc.stringMatching(/^[A-Za-z0-9]{8,20}$/), (text, value) => {
        const request = `${text.replaceAll('‹', '')} with password ${value}7`;
        const found = extractSecrets(request);
        const back = found.secrets.reduce(
          (rest, secret) => rest.replaceAll(secret.placeholder, () => secret.value),
          found.text,
        );
        const unquoted = (said: string): string => said.replace(/["'`“”‘’]/g, '');
        expect(unquoted(back)).toBe(unquoted(request));
        expect(found.text).not.toContain(`password ${value}7`);
      }),
      { numRuns: 200 },
    );
  });
});
