import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { aStep } from '../../test/builders/plan.ts';
import { commandLine } from './command-line.ts';
import { inputFile } from './input-file.ts';
import { unsafeInput } from './unsafe-input.ts';

const unsafe = { tag: '!unsafe', resolve: (text: string) => text };

describe('the file of inputs', () => {
  it('tags every text that could be a template, at any depth', () => {
    const text = inputFile({ a: 'x {{ y }}', list: ['z', { deep: '{% q %}' }], n: 1 });
    expect(text.match(/!unsafe "/g)).toHaveLength(3);
    expect(parse(text, { customTags: [unsafe] })).toEqual({ a: 'x {{ y }}', list: ['z', { deep: '{% q %}' }], n: 1 });
  });

  it.each(['yes', '0123', '', '~', '1.5e3', '12:30', '0x1F', '.inf', '=', '<<', '2026-01-01', 'null'])(
    'leaves %j a text, without a tag that would make another type of it',
    (value) => {
      expect(inputFile({ a: value })).toContain(`? "a" : ${JSON.stringify(value)}}`);
    },
  );

  it('escapes what YAML would take for a line end or refuse, and what is half a character', () => {
    expect(inputFile({ a: '\u0085\u2028\u007f\ufeff' })).toContain('"\\u0085\\u2028\\u007f\\ufeff"');
    expect(inputFile({ a: '\ud800' })).toContain('\ufffd');
  });

  it('writes large numbers as YAML 1.1 reads them', () => {
    expect(inputFile({ a: 1e21, b: -1.5e-7, c: 12 })).toContain('{? "a" : 1.0e+21, ? "b" : -1.5e-7, ? "c" : 12}');
    expect(() => inputFile({ a: Number.NaN })).toThrow(TypeError);
  });
});

describe('an input', () => {
  it.each([
    ['ansible_host', 'x'],
    ['Ansible_Connection', 'x'],
    ['_ansible_remote_tmp', 'x'],
    ['hostvars', {}],
    ['become', true],
    ['item', 'x'],
    ['9lives', 'x'],
    ['a-b', 'x'],
    ['', 'x'],
    ['fine', '{{ x }}'],
    ['fine', [{ a: ['{% x %}'] }]],
    ['fine', { '{# x #}': 1 }],
  ])('is refused: %s', (name, value) => {
    expect(unsafeInput(name, value)).toMatchObject({ type: 'refusal', kind: 'UNSAFE_INPUT' });
  });

  it('is let through when it is plain, and its value is never in the refusal', () => {
    expect(unsafeInput('uptime_kuma_port', 3001)).toBeNull();
    expect(unsafeInput('portals', [{ url: 'https://x/{id}', name: '100%' }])).toBeNull();
    expect(unsafeInput('password', 'hunter2{{')?.message).not.toContain('hunter2');
  });
});

describe('the command line', () => {
  let checkout: string;
  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'chiffon-checkout-'));
    await mkdir(join(checkout, 'inventory'));
    for (const path of ['play.yml', '-play.yml', 'inventory/hosts.yml']) await writeFile(join(checkout, path), '');
    await symlink('/etc/hostname', join(checkout, 'outside'));
  });
  afterAll(() => rm(checkout, { recursive: true }));

  const line = (change: object) =>
    commandLine(
      aStep({ playbook: 'play.yml', inventories: ['inventory/hosts.yml'], tags: [], ...change }),
      checkout,
      '/run/inputs.yml',
    );

  it('joins each value to its option, and puts the playbook last', async () => {
    expect(await line({ tags: ['a', 'b'], skipTags: ['c'], limit: 'homelab:!nas', playbook: '-play.yml' })).toEqual([
      `--inventory=${checkout}/inventory/hosts.yml`,
      ...[
        '--tags=a,b',
        '--skip-tags=c',
        '--limit=atlas',
        '--extra-vars=@/run/inputs.yml',
        '--',
        `${checkout}/-play.yml`,
      ],
    ]);
  });

  it('limits a run to the approved hosts, whatever group the person named, and leaves a whole playbook alone', async () => {
    const limits = async (change: object) => {
      const args = await line(change);
      return 'kind' in args ? args : args.filter((arg) => arg.startsWith('--limit'));
    };
    expect(await limits({ hosts: ['a', 'b'], limit: 'homelab' })).toEqual(['--limit=a,b']);
    expect(await limits({ hosts: ['a', 'b'], tags: ['x'] })).toEqual(['--limit=a,b']);
    expect(await limits({ hosts: ['a'], tags: ['x'], controller: true })).toEqual(['--limit=a,localhost']);
    expect(await limits({ hosts: ['a', 'b'] })).toEqual([]);
  });

  it.each([
    { playbook: 'outside' },
    { playbook: '../play.yml' },
    { playbook: '/etc/hostname' },
    { playbook: 'nowhere.yml' },
    { playbook: '' },
    { inventories: ['localhost,'] },
    { inventories: ['outside'] },
  ])('refuses a path that is not a file of the repository: %j', async (change) => {
    expect(await line(change)).toMatchObject({ type: 'refusal', kind: 'PLAN_CHANGED' });
  });

  it.each([
    { tags: ['a,b'] },
    { skipTags: [' '] },
    { hosts: ['@hosts'], tags: ['a'] },
    { hosts: ['a,@/etc/passwd'], tags: ['a'] },
    { hosts: [], limit: 'a:!@x' },
  ])('refuses %j', async (change) => {
    expect(await line(change)).toMatchObject({ type: 'refusal', kind: 'UNSAFE_INPUT' });
  });
});
