import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { ansiblePlaybook } from '../setup/ansible.ts';
import type { Lab } from './lab.ts';
import { openLab, play } from './lab.ts';

let lab: Lab;
const folders: string[] = [];
afterEach(async () => {
  await lab.dispose();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

it('does not leak through the name of a no_log task, its retries, its failure or its loop', async () => {
  lab = await openLab({
    'play.yml': `- hosts: all
  gather_facts: false
  vars: { pw: hunter2-of-the-lab, other: hunter4-of-the-lab, per_host: "{{ inventory_hostname }}-hunter3" }
  tasks:
    - name: Set {{ pw }} for {{ per_host }}
      command: echo {{ pw }}
      no_log: true
    - name: Retry {{ per_host }}
      command: "false"
      no_log: true
      retries: 1
      delay: 0
      until: false
      ignore_errors: true
    - name: Fail
      fail: { msg: "{{ other }}" }
      no_log: true
      ignore_errors: true
    - name: Loop
      debug: { msg: "{{ item }}" }
      loop: ["{{ other }}"]
      no_log: true
`,
  });
  const { text, progress, result } = await lab.run(lab.order({ step: { hosts: ['one', 'two'] } }));
  expect(result.outcome).toBe('succeeded');
  const everything = JSON.stringify(
    lab.told.map(({ event }) => (event.type === 'attempt.progress' ? event.progress : event)),
  );
  expect(everything).not.toMatch(/hunter/);
  expect(text).toContain('TASK [Set {{ pw }} for {{ per_host }}]');
  expect(progress.map(({ name }) => name)).toContain('Set {{ pw }} for {{ per_host }}');
});

it('hides what Ansible decrypts: single values, vaulted files, the password itself', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chiffon-vault-'));
  folders.push(folder);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, 'vault-password-of-the-lab\n');
  const vault = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    await promisify(execFile)((await ansiblePlaybook()).replace(/playbook$/, 'vault'), [
      'encrypt',
      `--vault-password-file=${passwordFile}`,
      path,
    ]);
    return readFile(path, 'utf8');
  };
  const value = (await vault('value', 'single-vaulted-value')).trimEnd().replace(/^/gm, '        ');
  const inFile = await vault(
    'all.yml',
    'from_file: value-in-a-vaulted-file\nnested: { list: [deeper-in-the-file] }\nport: 8080\n',
  );
  const key = await vault('key.pem', 'first line of a vaulted file\nsecond line of a vaulted file\n');
  lab = await openLab({
    'ansible.cfg': `[defaults]\nvault_password_file = ${passwordFile}\n`,
    'group_vars/all/vault.yml': inFile,
    'files/key': key,
    'play.yml': play(
      `- debug: { msg: "{{ single }} {{ from_file }} {{ nested.list[0] }} {{ port }}" }
- command: echo {{ single | b64encode }} {{ lookup('file', '${passwordFile}') }}
  register: echoed
- debug: { var: echoed.stdout }
- debug: { msg: "{{ lookup('unvault', 'files/key') }}" }`,
      `  vars:\n    single: !vault |\n${value}\n`,
    ),
  });
  const { text, result } = await lab.run();
  expect(result.error).toBeNull();
  expect(text).toContain('"msg": "[redacted] [redacted] [redacted] [redacted]"');
  const everything = JSON.stringify(lab.told);
  for (const secret of [
    'single-vaulted-value',
    'value-in-a-vaulted-file',
    'deeper-in-the-file',
    'vault-password-of',
    'line of a vaulted file',
    'c2luZ2xlLXZhdWx0ZWQtdmFsd',
  ])
    expect(everything).not.toContain(secret);
});
