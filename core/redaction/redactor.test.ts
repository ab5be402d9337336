import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRedactor, redactText } from './redactor.ts';

const secret = "S3cr3t/pass\"word+with spécial & 'quotes'";

function throughOneByOne(values: string[], text: string, sizes: readonly number[]): string {
  const redactor = makeRedactor({ values });
  let out = '';
  let at = 0;
  for (let turn = 0; at < text.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    out += redactor.push(text.slice(at, at + size));
    at += size;
  }
  return out + redactor.end();
}

describe('a known value', () => {
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  const forms: [string, string][] = [
    ['as it is', secret],
    ['as JSON', JSON.stringify(secret).slice(1, -1)],
    ['as JSON within JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['in a URL', encodeURIComponent(secret)],
    ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['as hex', bytes(secret).toString('hex')],
    ['quoted by Python', secret.replaceAll("'", `'"'"'`)],
    ['quoted by a shell', secret.replaceAll("'", `'\\''`)],
    ['quoted by bash', secret.replace(/[^\w@%+=:,./-]/g, '\\$&')],
    ['as XML', secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;')],
  ];
  it.each(forms)('is hidden %s', (_name, form) => {
    const redactor = makeRedactor({ values: [secret] });
    expect(redactor.redact(`before ${form} after`)).toBe('before [redacted] after');
  });

  it.each([0, 1, 2])('is hidden in Base64 that begins %i bytes before it', (before) => {
    const redactor = makeRedactor({ values: [secret] });
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = bytes(`${'ab'.slice(0, before)}${secret}tail`).toString(encoding);
      const shown = redactor.redact(`x ${text} y`);
      expect(shown).toContain('[redacted]');
      // Nothing of it can be decoded from what is left, but for one character at each edge.
      expect(shown.replace('[redacted]', '').length).toBeLessThanOrEqual(4 + Math.ceil(((before + 4) * 8) / 6) + 3);
    }
  });

  it('is hidden wherever a stream is cut, together with neighbours that overlap it', () => {
    for (let size = 1; size < 40; size += 1) {
      expect(
        throughOneByOne([secret, 'word+with more', 'tail-of-it'], `a ${secret} and ${secret}${secret} b\n`, [size]),
      ).toBe('a [redacted] and [redacted] b\n');
    }
  });

  it('is hidden from the moment it is announced, in what is held back too', () => {
    const redactor = makeRedactor({ values: ['something-else'] });
    const before = redactor.push('the key is hunter2-of-');
    redactor.add(['hunter2-of-mine']);
    expect(before + redactor.push('mine, yes\n') + redactor.end()).toBe('the key is [redacted], yes\n');
  });

  it('of many lines is hidden line by line, however it is indented', () => {
    const key = 'first-line-of-it\nsecond-line-of-it\nlast';
    const redactor = makeRedactor({ values: [key] });
    expect(redactor.redact(`  first-line-of-it\n    second-line-of-it\n`)).toBe('  [redacted]\n    [redacted]\n');
    expect(redactor.redact(`x\n${key}\ny`)).toBe('x\n[redacted]\ny');
  });

  it('of thousands of characters is hidden in any part of 128', () => {
    const long = Array.from({ length: 400 }, (_, index) => `${index}:${(index * 7919).toString(36)}`).join('-');
    const redactor = makeRedactor({ values: [long] });
    expect(redactor.redact(`<${long}>`)).toBe('<[redacted]>');
    expect(redactor.redact(`<${long.slice(500, 900)}>`)).toContain('[redacted]');
  });

  it('of four or five characters is hidden as a word only, and a shorter one not at all', () => {
    const redactor = makeRedactor({ values: ['abcd', 'ok', '', 'a'] });
    expect(redactor.redact('abcd xabcd abcdx "abcd" ok a')).toBe('[redacted] xabcd abcdx "[redacted]" ok a');
  });

  it('never shows in any text cut in any way', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 6, maxLength: 40 })
      .filter((text) => text.trim() === text && text.length >= 6 && !'[redacted]'.includes(text));
    fc.assert(
      fc.property(
        value,
        fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\n'), fc.constant(null)), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        (hidden, parts, sizes) => {
          const text = parts.map((part) => part ?? hidden).join('');
          const shown = throughOneByOne([hidden], text, sizes);
          expect(shown.replaceAll('[redacted]', '\u0000')).not.toContain(hidden);
          expect(shown.isWellFormed()).toBe(text.isWellFormed());
        },
      ),
      { numRuns: 300 },
    );
  });

  it('shows no part of a value either, however the text is cut', () => {
    // Characters that stand nowhere else, among them some of two units.
    const value = fc.string({ unit: fc.constantFrom('山', '川', '𠮷', '𡈽', '田'), minLength: 6, maxLength: 300 });
    fc.assert(
      fc.property(
        value,
        fc.array(fc.oneof(fc.constantFrom('a', '\n', 'password: '), fc.constant(null)), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        (hidden, parts, sizes) => {
          const text = parts.map((part) => part ?? hidden).join('');
          expect(throughOneByOne([hidden], text, sizes)).not.toMatch(/[山川𠮷𡈽田\ud800-\udfff]/u);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same however the stream is cut', () => {
    const piece = fc.constantFrom(
      'token: ',
      'hunter2hunter2',
      'ghp_',
      'a'.repeat(36),
      '\n',
      ' ',
      '"',
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIE',
      '-----END RSA PRIVATE KEY-----',
      '$ANSIBLE_VAULT;1.1;AES256',
      '6162',
      '😀',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (pieces, sizes) => {
          const text = pieces.join('');
          expect(throughOneByOne(['hunter2hunter2'], text, sizes)).toBe(
            throughOneByOne(['hunter2hunter2'], text, [text.length + 1]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what looks like a secret', () => {
  const shown: [string, string][] = [
    ['ghp_0123456789abcdefghijABCDEFGHIJ012345', '[redacted]'],
    ['key AKIAIOSFODNN7EXAMPLE.', 'key [redacted].'],
    ['xoxb-123456789012-abcdefABCDEF', '[redacted]'],
    ['{"a": "x\\neyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh"}', '{"a": "x\\n[redacted]"}'],
    ['Authorization: Bearer abc', 'Authorization: [redacted]'],
    ['-H "Authorization: Basic dXNlcjpwYXNz"', '-H "Authorization: [redacted]"'],
    ['bearer abcdefghijklmnopqrstuvwxyz', 'bearer [redacted]'],
    ['password: hunter2', 'password: [redacted]'],
    ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=[redacted] next'],
    ['{"token": "a b\\"c", "x": 1}', '{"token": "[redacted]", "x": 1}'],
    ['"{\\"token\\": \\"a\\\\\\"b\\", \\"x\\": 1}"', '"{\\"token\\": \\"[redacted]\\", \\"x\\": 1}"'],
    ["{'api_key': 'abc', 'y': 2}", "{'api_key': '[redacted]', 'y': 2}"],
    ['https://me:hunter2@git.example.org/x', 'https://me:[redacted]@git.example.org/x'],
    ['root:$6$rounds=5000$abcdefgh$0123456789abcdefghij:19000', 'root:[redacted]:19000'],
    ['https://discord.com/api/webhooks/123456789/abcDEF_ghi', 'https://discord.com/api/webhooks/[redacted]'],
    ['key: "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----", b', 'key: "[redacted]", b'],
  ];
  it.each(shown)('is hidden: %s', (text, expected) => expect(redactText(text)).toBe(expected));

  it.each([
    'password: true',
    'no_log: true',
    'token: null',
    'tokens: 12',
    '"changed": false',
    'password: "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"',
    'token: {{ x }}',
    'a task-force: 3',
  ])('is not: %s', (text) => expect(redactText(text)).toBe(text));

  it('hides a private key and a vaulted value of many lines, and nothing after them', () => {
    const text = [
      'a',
      '  -----BEGIN OPENSSH PRIVATE KEY-----',
      '  b3BlbnNzaC1rZXk',
      '  AAAA=',
      '  -----END OPENSSH PRIVATE KEY-----',
      'b',
      'pw: !vault |',
      '  $ANSIBLE_VAULT;1.1;AES256',
      '  61626364',
      '  65666768',
      'c',
      '',
    ].join('\n');
    expect(redactText(text).split('\n')).toEqual([
      'a',
      '  [redacted]',
      '  [redacted]',
      '  [redacted]',
      '  [redacted]',
      'b',
      'pw: !vault |',
      '  [redacted]',
      '  [redacted]',
      '  [redacted]',
      'c',
      '',
    ]);
  });

  it('does not swallow the output after a key that has no end', () => {
    expect(redactText('-----BEGIN RSA PRIVATE KEY-----\nMIIE\nTASK [next] ***\nok\n')).toBe(
      '[redacted]\n[redacted]\nTASK [next] ***\nok\n',
    );
  });

  it('is found where an endless line is cut', () => {
    for (const pad of [48 * 1024 - 20, 64 * 1024 - 20, 64 * 1024 - 8]) {
      for (const [text, hidden] of [
        ['password="hunter2-hunter2"', 'hunter2-hunter2'],
        ['ghp_0123456789abcdefghijABCDEFGHIJ012345', 'ABCDEFGHIJ012345'],
      ] as const) {
        const shown = throughOneByOne([], `${'x '.repeat(pad / 2)}${text} ${'y '.repeat(40_000)}`, [10_000]);
        expect(shown).not.toContain(hidden);
        expect(shown).toContain('[redacted]');
      }
    }
  });
});

describe('time', () => {
  const size = 10_000_000;
  const evil: [string, string][] = [
    ['of a secret over and over', 'aaaaab'],
    ['of password="', 'password="'],
    ['of ://', '://a:'],
    ['of eyJ', 'eyJ'],
    ['of eyJ that begin tokens', 'eyJaaaaaaaa.'],
    ['of BEGIN', '-----BEGIN PRIVATE KEY-----'],
    ['of vaults', '$ANSIBLE_VAULT;1 x\n'],
    ['of backslashes', 'token:\\\\\\"'],
    ['of spaces', 'token:        '],
    ['of dollars', '$6$a'],
  ];
  // A ratio, for machines differ: ten times the text may take at most seventy times as long, where a square would take a hundred.
  it.each(evil)('grows with the length of the text, not with its square: lines %s', (_name, unit) => {
    const redactor = makeRedactor({ values: ['aaaaaaaaab', 'aaaaaaaa'] });
    const text = (length: number) => unit.repeat(length / unit.length);
    const [small, large] = [text(size / 200), text(size / 20)];
    const time = (of: string) => {
      const start = performance.now();
      redactor.redact(of);
      return performance.now() - start;
    };
    // The best of several: a busy machine can only make it longer.
    const best = (of: string) => Math.min(...[1, 2, 3, 4, 5].map(() => time(of)));
    time(small);
    expect(best(large) / Math.max(best(small), 0.5)).toBeLessThan(70);
  });

  it('loses nothing of ten megabytes of ordinary lines', () => {
    const values = Array.from({ length: 50 }, (_, index) => `value-${index}-${(index * 7919).toString(36)}xyz`);
    const redactor = makeRedactor({ values });
    const line = 'changed: [nas] => (item={"path": "/srv/data", "state": "directory"}) and more text of no interest\n';
    const chunk = line.repeat(660);
    let length = 0;
    for (let sent = 0; sent < size; sent += chunk.length) length += redactor.push(chunk).length;
    expect(length + redactor.end().length).toBeGreaterThanOrEqual(size);
  });
});
