import { execFile } from 'node:child_process';
import { access, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { inputFile } from '../../agents/ansible/input-file.ts';
import { ansiblePlaybook } from '../setup/ansible.ts';
import { aliveWith } from './alive.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

const show = play(`- copy: { content: "{{ given | to_json }}", dest: "{{ shown }}" }`);

it('gives Ansible every value as it is, with its type', async () => {
  lab = await openLab({ 'play.yml': show });
  const shown = join(lab.folder, 'shown.json');
  const given = {
    text: `it's "quoted" & $HOME \`id\` \\ \t: # % é 😀 \u2028 \u0085 \u007f`,
    lines: 'a\nb\n',
    looksLikeNumber: '0123',
    looksLikeTruth: 'yes',
    looksLikeOthers: [
      '',
      '~',
      'null',
      '1e3',
      '1.5',
      '0x1F',
      '2026-01-02',
      '12:30:45',
      '.inf',
      '=',
      '<<',
      '1_000',
      'y',
      'off',
      '-',
      '@x',
      '*a',
    ],
    looksLikeYaml: '- [a, {b: c}]',
    empty: '',
    number: 42,
    fraction: 1.5,
    large: 1e21,
    truth: true,
    nothing: null,
    list: ['x', 1, { deep: ['y'] }],
    'a key: with "odd" characters': 1,
  };
  const { result } = await lab.run(lab.order({ step: { vars: { given, shown } } }));
  expect(result.error).toBeNull();
  expect(JSON.parse(await readFile(shown, 'utf8'))).toEqual(given);
});

it.each([
  ['a template', { given: "{{ lookup('pipe', 'touch FLAG') }}" }],
  ['a template in a list', { given: ['a', { b: '{% set x = 1 %}' }] }],
  ['a template in a key', { given: { '{{ x }}': 1 } }],
  ['a comment', { given: '{# x #}' }],
  ['a variable that steers Ansible', { ansible_connection: 'ssh' }],
  ['one in capitals', { ANSIBLE_HOST: 'elsewhere' }],
  ['a magic variable', { inventory_hostname: 'other' }],
  ['a keyword', { environment: { PATH: '/tmp' } }],
  ['a name that is none', { 'a b': 1 }],
])('refuses %s, even when a plan holds it, and starts nothing', async (_name, vars) => {
  lab = await openLab({ 'play.yml': play('- shell: touch {{ playbook_dir }}/FLAG') });
  const { last } = await lab.run(lab.order({ step: { vars } }));
  expect(last).toMatchObject({ type: 'attempt.refused', kind: 'UNSAFE_INPUT' });
  await expect(access(join(lab.checkout, 'FLAG'))).rejects.toThrow();
});

it('would not execute a template even if the gate were not there: values are !unsafe', async () => {
  lab = await openLab({ 'play.yml': show });
  const template = `{{ lookup('pipe', 'touch ${lab.folder}/FLAG') }}`;
  const given = { text: template, list: [template, { deep: template }], mixed: `yes ${template}` };
  const shown = join(lab.folder, 'shown.json');
  await writeFile(join(lab.folder, 'inputs.yml'), inputFile({ given, top: template, shown }));
  const playbook = join(lab.checkout, 'play.yml');
  await promisify(execFile)(await ansiblePlaybook(), [
    ...['-i', join(lab.checkout, 'inventory.yml'), '-e', `@${join(lab.folder, 'inputs.yml')}`, playbook],
  ]);
  expect(JSON.parse(await readFile(shown, 'utf8'))).toEqual(given);
  await expect(access(join(lab.folder, 'FLAG'))).rejects.toThrow();
});

it('refuses paths, tags and patterns that would become options or lead out of the repository', async () => {
  lab = await openLab({ 'play.yml': play('- ping:') });
  const refused = async (step: object) => (await lab.run(lab.order({ step }))).last;
  expect(await refused({ playbook: '../play.yml' })).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
  expect(await refused({ playbook: '/etc/hostname' })).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
  expect(await refused({ inventories: ['localhost,'] })).toMatchObject({
    type: 'attempt.refused',
    kind: 'PLAN_CHANGED',
  });
  expect(await refused({ hosts: ['@/etc/passwd'], limit: 'all' })).toMatchObject({
    type: 'attempt.refused',
    kind: 'UNSAFE_INPUT',
  });
  expect(await refused({ tags: ['a,b'] })).toMatchObject({ type: 'attempt.refused', kind: 'UNSAFE_INPUT' });
  const limited = await lab.run(lab.order({ step: { limit: 'all', hosts: ['--version'] } }));
  expect(limited.result.error?.kind).toBe('NO_HOSTS');
});

it('keeps a secret out of command lines, environments, output, events and notes, and removes its file', async () => {
  const secret = 'S3cret-of-the-lab/+"x"';
  lab = await openLab({
    'play.yml':
      play(`- debug: { msg: "the password is {{ password }}, {{ password | b64encode }}, {{ password | to_json }}" }
- shell: cat; sleep 1; false
  args: { stdin: "{{ password }}" }`),
  });
  const order = await lab.start(
    lab.order({ step: { vars: { password: { $secret: 'ref', digest: 'd' } } }, secrets: { ref: secret } }),
  );
  const work = join(lab.folder, 'agent', 'work');
  const file = await vi.waitUntil(
    async () => (await readdir(work, { recursive: true }).catch(() => [])).find((name) => name.endsWith('inputs.yml')),
    { timeout: 20_000, interval: 2 },
  );
  expect((await stat(join(work, file))).mode & 0o777).toBe(0o600);
  expect((await stat(join(work, file, '..'))).mode & 0o777).toBe(0o700);
  const ended = lab.lastWord(order);
  let looks = 0;
  for (let over = false; !over; looks += 1) {
    expect(await aliveWith(secret)).toEqual([]);
    over = await Promise.race([ended.then(() => true), turn(false)]);
  }
  expect(looks).toBeGreaterThan(10);
  const { text, result } = await ended;
  expect(result.outcome).toBe('failed');
  expect(text).toMatch(/the password is \[redacted\], \[redacted\]g==, \\"\[redacted\]\\"/);
  const everything = JSON.stringify(lab.told);
  for (const form of [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64').slice(0, 20)])
    expect(everything).not.toContain(form);
  expect(result.notes[0]).toContain('[redacted]');
  expect(result.error?.message).toContain('[redacted]');
  expect(await readdir(work)).toEqual([]);
});
