import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Step } from '../../core/plan/plan.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
afterEach(() => lab.dispose());

type Case = {
  readonly files: Record<string, string>;
  readonly step?: Partial<Step>;
  readonly kind: string;
  readonly says: RegExp;
};

const hosts = (line: string) => `all: { vars: { ansible_connection: local }, hosts: { one: ${line} } }`;

const cases: Record<string, Case> = {
  'a missing interpreter': {
    files: {
      'inventory.yml': hosts('{ ansible_python_interpreter: /usr/bin/python9 }'),
      'play.yml': play('- name: Ping\n  ping:'),
    },
    kind: 'INTERPRETER_MISSING',
    says: /^Task “Ping”: Ansible found no Python that works on one \(it tried \/usr\/bin\/python9\)\. Set ansible_python_interpreter for the host in the inventory/,
  },
  'a syntax error': {
    files: { 'play.yml': '- hosts: one\n  tasks:\n  - command: echo\n     bad: x\n' },
    kind: 'PLAYBOOK_INVALID',
    says: /^play\.yml:4: /,
  },
  'an unknown module': {
    files: { 'play.yml': play('- comand: x') },
    kind: 'PLAYBOOK_INVALID',
    says: /^play\.yml:4: Ansible does not know the module comand/,
  },
  'a module of a collection that is not there': {
    files: { 'play.yml': play('- acme.anvil.drop: {}') },
    kind: 'PLAYBOOK_INVALID',
    says: /ansible-galaxy collection install acme\.anvil/,
  },
  'a role that is not there': {
    files: { 'play.yml': '- hosts: one\n  roles: [nosuch]\n' },
    kind: 'PLAYBOOK_INVALID',
    says: /play\.yml:2: There is no role “nosuch”/,
  },
  'a host that cannot be reached': {
    files: {
      'inventory.yml': 'all: { hosts: { one: { ansible_host: 127.0.0.1, ansible_port: 1 } } }',
      'play.yml': play('- ping:'),
    },
    kind: 'HOST_UNREACHABLE',
    says: /^Ansible could not reach one: /,
  },
  'an undefined variable': {
    files: { 'play.yml': play('- name: Say\n  debug: { msg: "{{ nope }}" }') },
    kind: 'STEP_FAILED',
    says: /^Task “Say”: The variable “nope” has no value on one/,
  },
  'a vaulted value without the password': {
    files: {
      'play.yml': play(
        '- debug: { msg: "{{ v }}" }',
        '  vars:\n    v: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n',
      ),
    },
    kind: 'STEP_FAILED',
    says: /encrypted with Ansible Vault and its password is not there/,
  },
  'rights that it does not have': {
    files: { 'play.yml': play('- command: id', '  become: true\n  become_method: nosuch\n') },
    kind: 'STEP_FAILED',
    says: /nosuch/,
  },
  'a full disk': {
    files: { 'play.yml': play('- command: dd if=/dev/zero of=/dev/full count=1') },
    kind: 'DISK_FULL',
    says: /no space left on the disk on one/,
  },
  'a failing command': {
    files: { 'play.yml': play('- name: Fail\n  shell: echo some trouble >&2; exit 3') },
    kind: 'STEP_FAILED',
    says: /^Task “Fail” failed on one: non-zero return code · some trouble\.$/,
  },
  'a pattern without hosts, where Ansible itself is content': {
    files: { 'play.yml': '- hosts: nosuch\n  tasks: [{ ping: }]\n' },
    kind: 'NO_HOSTS',
    says: /found no host for “nosuch”, so nothing was done/,
  },
  'a limit without hosts': {
    files: { 'play.yml': play('- ping:') },
    step: { limit: 'nosuch', hosts: ['nosuch'] },
    kind: 'NO_HOSTS',
    says: /no host that the plan names/,
  },
  'tags that no task has, where Ansible itself is content': {
    files: { 'play.yml': play('- ping:') },
    step: { tags: ['nosuch'] },
    kind: 'STEP_FAILED',
    says: /nothing to do with the tags nosuch/,
  },
  'an inventory that cannot be read': {
    files: { 'inventory.yml': 'all: [', 'play.yml': play('- ping:') },
    kind: 'NO_HOSTS',
    says: /found no host|could not read the inventory/,
  },
};

it.each(Object.entries(cases))('tells plainly of %s', async (_name, { files, step, kind, says }) => {
  lab = await openLab(files);
  const { result } = await lab.run(lab.order({ step: step ?? {} }));
  expect(result.outcome).toBe('failed');
  expect(result.error?.message).toMatch(says);
  expect(result.error?.kind).toBe(kind);
});

it('takes a failure that the playbook ignores or rescues for none', async () => {
  lab = await openLab({
    'play.yml': play(`- command: "false"
  ignore_errors: true
- block: [{ command: "false" }]
  rescue: [{ debug: { msg: rescued } }]`),
  });
  const { result } = await lab.run();
  expect(result).toMatchObject({
    outcome: 'succeeded',
    error: null,
    recap: { one: { rescued: 1, ignored: 1, failed: 0 } },
  });
});

it('says when hosts of the plan were left out, and when others were touched', async () => {
  lab = await openLab({ 'play.yml': '- hosts: two\n  gather_facts: false\n  tasks: [{ ping: }]\n' });
  const { result } = await lab.run(lab.order({ step: { hosts: ['one', 'two'] } }));
  expect(result.notes[0]).toBe('Ansible did nothing on one, which the plan names.');
  const other = await lab.run(lab.order({ step: { hosts: [] } }));
  expect(other.result.notes[0]).toBe('Ansible also worked on two, which the plan does not name.');
});

it('starts nothing without free space or without Ansible, and says so', async () => {
  lab = await openLab({ 'play.yml': play('- ping:') }, { ansible: { minFreeBytes: 2 ** 60 } });
  expect((await lab.run()).last).toMatchObject({
    type: 'attempt.refused',
    kind: 'DISK_FULL',
    reason: expect.stringMatching(/MB are free in \//),
  });
  await lab.dispose();
  lab = await openLab({ 'play.yml': play('- ping:') }, { ansible: { ansiblePlaybook: '/nowhere/ansible-playbook' } });
  expect((await lab.run()).last).toMatchObject({ type: 'attempt.refused', kind: 'ANSIBLE_MISSING' });
});

it('runs nothing but what was approved', async () => {
  lab = await openLab({ 'play.yml': play('- ping:') });
  const refused = async (order: object) => (await lab.run({ ...lab.order(), ...order })).last;
  expect(await refused({ planHash: 'f'.repeat(64) })).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
  expect(await refused({ commit: 'b'.repeat(40) })).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
  expect(await refused({ step: 2 })).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
  const { last } = await lab.run(lab.order({ step: { digests: [{ path: 'play.yml', sha256: '0'.repeat(64) }] } }));
  expect(last).toMatchObject({
    type: 'attempt.refused',
    kind: 'PLAN_CHANGED',
    reason: expect.stringContaining('play.yml'),
  });
  await mkdir(join(lab.checkout, 'roles'));
  await symlink('/etc/hostname', join(lab.checkout, 'roles', 'x'));
  const outside = await lab.run(lab.order({ step: { playbook: 'roles/x', digests: [] } }));
  expect(outside.last).toMatchObject({ type: 'attempt.refused', kind: 'PLAN_CHANGED' });
});
