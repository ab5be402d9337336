import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runEnvironment } from './environment.ts';
import { findAnsible } from './find-ansible.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiffon-environment-'));
});
afterEach(() => rm(folder, { recursive: true }));

const environment = (own: Record<string, string> = {}, config = 'ansible.cfg') =>
  runEnvironment({
    own,
    checkout: folder,
    config,
    temporary: '/run/tmp',
    callbacks: '/chiffon/callback',
    homelabState: '/state',
    tag: 'tag',
  });

describe('the environment of a run', () => {
  it('names the ansible.cfg that the plan names, where it is not the one at the root', async () => {
    await mkdir(join(folder, 'ansible'));
    await writeFile(join(folder, 'ansible/ansible.cfg'), '[defaults]\ncallback_plugins = ./callbacks\n');
    const found = await environment({}, 'ansible/ansible.cfg');
    expect(found.ANSIBLE_CONFIG).toBe(join(folder, 'ansible/ansible.cfg'));
    expect(found.ANSIBLE_CALLBACK_PLUGINS).toBe(`/chiffon/callback:${join(folder, 'ansible/callbacks')}`);
  });

  it('has what Ansible needs and the user’s own Ansible settings, and nothing else of the agent’s', async () => {
    const own = {
      PATH: '/bin',
      HOME: '/home/me',
      SSH_AUTH_SOCK: '/s',
      ANSIBLE_VAULT_PASSWORD_FILE: '/v',
      ANSIBLE_FORKS: '9',
      DISCORD_TOKEN: 'x',
      DATABASE_URL: 'y',
      NODE_OPTIONS: 'z',
      PYTHONPATH: 'p',
    };
    expect(await environment(own)).toMatchObject({
      PATH: '/bin',
      HOME: '/home/me',
      SSH_AUTH_SOCK: '/s',
      ANSIBLE_VAULT_PASSWORD_FILE: '/v',
      ANSIBLE_FORKS: '9',
      LC_ALL: 'C.UTF-8',
    });
    expect(Object.keys(await environment(own))).not.toEqual(expect.arrayContaining(['DISCORD_TOKEN']));
    for (const name of ['DISCORD_TOKEN', 'DATABASE_URL', 'NODE_OPTIONS', 'PYTHONPATH'])
      expect(await environment(own)).not.toHaveProperty(name);
  });

  it('does not let the user’s settings take the run out of our hands', async () => {
    const own = {
      ANSIBLE_STDOUT_CALLBACK: 'json',
      ANSIBLE_ENABLE_TASK_DEBUGGER: '1',
      ANSIBLE_FORCE_COLOR: '1',
      ANSIBLE_ASK_PASS: '1',
      ANSIBLE_KEEP_REMOTE_FILES: '1',
    };
    const result = await environment(own);
    expect(result).toMatchObject({
      ANSIBLE_STDOUT_CALLBACK: 'chiffon_events',
      ANSIBLE_FORCE_COLOR: '0',
      ANSIBLE_LOCAL_TEMP: '/run/tmp',
    });
    for (const name of ['ANSIBLE_ENABLE_TASK_DEBUGGER', 'ANSIBLE_ASK_PASS', 'ANSIBLE_KEEP_REMOTE_FILES'])
      expect(result).not.toHaveProperty(name);
  });

  it('gives Ansible a folder of its own only where the user has no home to write to', async () => {
    expect(await environment({ HOME: folder })).not.toHaveProperty('ANSIBLE_HOME');
    expect(await environment({ HOME: '/nowhere' })).toMatchObject({ ANSIBLE_HOME: '/run/tmp/home' });
    expect(await environment()).toMatchObject({ ANSIBLE_HOME: '/run/tmp/home' });
  });

  it('keeps the repository’s ansible.cfg in force and its callbacks beside ours', async () => {
    await writeFile(
      join(folder, 'ansible.cfg'),
      '[defaults]\n; a comment\ncallback_plugins = ./callbacks:~/mine:/opt/theirs\n',
    );
    expect(await environment({ ANSIBLE_CONFIG: '/elsewhere' })).toMatchObject({
      ANSIBLE_CONFIG: join(folder, 'ansible.cfg'),
      ANSIBLE_CALLBACK_PLUGINS: `/chiffon/callback:${folder}/callbacks:~/mine:/opt/theirs`,
    });
  });

  it('falls back on the user’s configuration and Ansible’s usual folders', async () => {
    expect(await environment({ ANSIBLE_CONFIG: '/elsewhere' })).toMatchObject({
      ANSIBLE_CONFIG: '/elsewhere',
      ANSIBLE_CALLBACK_PLUGINS: '/chiffon/callback:~/.ansible/plugins/callback:/usr/share/ansible/plugins/callback',
    });
    expect(await environment({ ANSIBLE_CALLBACK_PLUGINS: '/own' })).toMatchObject({
      ANSIBLE_CALLBACK_PLUGINS: '/chiffon/callback:/own',
    });
  });
});

describe('looking for ansible-playbook', () => {
  async function script(content: string): Promise<string> {
    const path = join(folder, 'ansible-playbook');
    await writeFile(path, content);
    await chmod(path, 0o755);
    return path;
  }

  it('finds it by path or on the PATH, with the Python of its first line', async () => {
    const python = join(folder, 'python3.11');
    await writeFile(python, '');
    await chmod(python, 0o755);
    const playbook = await script(`#!${python}\nimport re\n`);
    expect(await findAnsible(playbook, '')).toEqual({ playbook, python });
    expect(await findAnsible('ansible-playbook', `/nowhere:${folder}`)).toEqual({ playbook, python });
    await script(`#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n' '''\n`);
    expect(await findAnsible(playbook, '')).toEqual({ playbook, python });
  });

  it('takes python3 of the PATH where the first line does not say', async () => {
    const playbook = await script('#!/usr/bin/env python3\n');
    expect(await findAnsible(playbook, '')).toEqual({ playbook, python: 'python3' });
  });

  it('finds none where there is none', async () => {
    expect(await findAnsible('/nowhere/ansible-playbook', '')).toBeUndefined();
    expect(await findAnsible('ansible-playbook', folder)).toBeUndefined();
  });
});
