// Tags and switches in less ordinary arrangements, each in a repository of a few lines.
import { describe, expect, it } from 'vitest';
import { snapshotOf } from '../../test/builders/snapshots.ts';
import { readCatalogue } from './read-catalogue.ts';

const hosts = { hosts: '[box]\na\nb\n[other]\nc\n' };
const role = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`roles/${name}/tasks/main.yml`, `- name: Set up ${name}\n  ping:\n`]));
const read = (files: Record<string, string>) => readCatalogue(snapshotOf({ ...hosts, ...files }));
const ids = (files: Record<string, string>): readonly string[] => read(files).actions.map((action) => action.id);

describe('several tags on one role', () => {
  const files = {
    'lab.yml':
      '- hosts: box\n  roles:\n    - {role: plex, tags: [apps, plex, plex-reclaim, media]}\n    - {role: vlan, tags: [vlan-deploy, vlan-remove]}\n    - {role: backup, tags: [backup, backups]}\n    - {role: wiki, tags: [apps, wiki]}\n',
    ...role('plex', 'vlan', 'backup', 'wiki'),
  };

  it('are names of one action, unless one says something else', () => {
    expect(ids(files)).toEqual([
      'lab.yml',
      'lab.yml#apps',
      'lab.yml#plex',
      'lab.yml#plex-reclaim',
      'lab.yml#vlan-deploy',
      'lab.yml#vlan-remove',
      'lab.yml#backup',
      'lab.yml#wiki',
    ]);
    const action = (id: string) => read(files).actions.find((one) => one.id === id);
    expect(action('lab.yml#plex')?.aliases).toEqual(['media']);
    expect(action('lab.yml#plex-reclaim')).toMatchObject({ subject: 'plex reclaim', verbs: ['run'] });
    expect(action('lab.yml#vlan-remove')).toMatchObject({ subject: 'vlan', verbs: ['remove'], risk: 'high' });
    expect(action('lab.yml#backup')?.aliases).toContain('backups');
  });
});

describe('a tag', () => {
  it('that selects all of a playbook is another name of the playbook', () => {
    const { actions } = read({
      'grafana.yml': '- hosts: box\n  roles:\n    - {role: grafana, tags: [grafana, dashboards]}\n',
      ...role('grafana'),
    });
    expect(actions.map((action) => action.id)).toEqual(['grafana.yml']);
    expect(actions[0]).toMatchObject({ subject: 'grafana', aliases: ['dashboards'] });
  });

  it('is offered by the playbook that has it, not again by those that import it', () => {
    expect(
      ids({
        'site.yml': '- import_playbook: a.yml\n- import_playbook: b.yml\n',
        'a.yml': '- hosts: box\n  roles:\n    - {role: x, tags: x}\n    - y\n',
        'b.yml': '- hosts: other\n  roles: [z]\n',
        ...role('x', 'y', 'z'),
      }),
    ).toEqual(['a.yml', 'a.yml#x', 'b.yml', 'site.yml']);
  });

  it('that several imported playbooks share is offered by the one that imports them', () => {
    const { actions } = read({
      'site.yml': '- import_playbook: a.yml\n- import_playbook: b.yml\n',
      'a.yml':
        '- hosts: box\n  tasks:\n    - {name: Upgrade A, apt: {upgrade: dist}, tags: upgrade}\n    - {name: Other, ping: , tags: other}\n',
      'b.yml':
        '- hosts: other\n  tasks:\n    - {name: Upgrade B, apt: {upgrade: dist}, tags: upgrade}\n    - {name: More, ping: , tags: more}\n',
    });
    expect(actions.find((action) => action.id === 'site.yml#upgrade')).toMatchObject({
      verbs: ['update', 'upgrade'],
      hosts: ['a', 'b', 'c'],
    });
  });

  it('inside an include that it does not select is not offered', () => {
    expect(
      ids({
        'site.yml':
          '- hosts: box\n  tasks:\n    - include_tasks: t.yml\n    - include_tasks: u.yml\n      tags: always\n',
        't.yml': '- {ping: , tags: inner}\n',
        'u.yml': '- {ping: , tags: reached}\n',
      }),
    ).toEqual(['site.yml', 'site.yml#reached']);
  });

  it('of a role is offered though the same role stands in several plays, for all of their hosts', () => {
    const { actions } = read({
      'site.yml': '- hosts: box\n  roles: [{role: x, tags: x}, y]\n- hosts: other\n  roles: [{role: x, tags: x}]\n',
      ...role('x', 'y'),
    });
    expect(actions.find((action) => action.id === 'site.yml#x')).toMatchObject({
      hosts: ['a', 'b', 'c'],
      pattern: 'box, other',
    });
  });
});

describe('switches', () => {
  it('in files of variables that a play names are known', () => {
    const { actions } = read({
      'main.yml':
        '- hosts: box\n  vars_files: [vars/on.yml]\n  pre_tasks:\n    - include_vars: "{{ item }}"\n      loop: [config.yml, missing.yml]\n  roles:\n    - {role: x, tags: x, when: x_enabled}\n    - {role: y, tags: y, when: y_enabled}\n    - {role: z, tags: z, when: z_enabled}\n',
      'vars/on.yml': 'x_enabled: true\n',
      'config.yml': 'y_enabled: yes\nz_enabled: no\n',
      ...role('x', 'y', 'z'),
    });
    expect(actions.map((action) => action.id)).toEqual([
      'main.yml',
      'main.yml#x',
      'main.yml#y',
      'main.yml#z?z_enabled=true',
    ]);
  });

  it('without tags narrow the run to the hosts of their play', () => {
    const { actions } = read({
      'site.yml':
        '- hosts: box\n  roles:\n    - {role: x, when: x_enabled | default(false)}\n- hosts: other\n  roles: [y]\n',
      ...role('x', 'y'),
    });
    expect(actions.find((action) => action.id === 'site.yml?x_enabled=true')).toMatchObject({
      hosts: ['a', 'b'],
      limit: 'box',
    });
  });

  it('by membership in a list give the list', () => {
    const { actions } = read({
      'site.yml':
        '- hosts: box\n  roles:\n    - {role: x, when: "\'x\' in services"}\n    - {role: y, when: "\'y\' in services"}\n',
      ...role('x', 'y'),
    });
    expect(actions.map((action) => [action.id, action.enables])).toEqual([
      ['site.yml', {}],
      ['site.yml?services=x', { services: ['x'] }],
      ['site.yml?services=y', { services: ['y'] }],
    ]);
  });

  it('by a value give the value, but not the one that is the default', () => {
    const { actions } = read({
      'docker.yml': '- hosts: box\n  roles: [docker]\n',
      'roles/docker/defaults/main.yml': 'docker_state: present\n',
      'roles/docker/tasks/main.yml':
        "- import_tasks: install.yml\n  when: docker_state == 'present'\n- import_tasks: remove.yml\n  when: docker_state == 'absent'\n",
      'roles/docker/tasks/install.yml': '- {name: Install, apt: {name: docker.io}}\n',
      'roles/docker/tasks/remove.yml': '- {name: Uninstall, apt: {name: docker.io, state: absent}}\n',
    });
    expect(actions.map((action) => [action.id, action.verbs[0], action.subject])).toEqual([
      ['docker.yml', 'deploy', 'docker'],
      ['docker.yml?docker_state=absent', 'remove', 'docker'],
    ]);
  });

  it('are no conditions on the state of a host', () => {
    expect(
      ids({
        'site.yml':
          "- hosts: box\n  tasks:\n    - {command: x, register: found}\n    - {import_tasks: t.yml, when: found.rc == 0}\n    - {import_tasks: t.yml, when: ansible_os_family == 'Debian'}\n    - {import_tasks: t.yml, when: inventory_hostname == 'a'}\n",
        't.yml': '- ping:\n',
      }),
    ).toEqual(['site.yml']);
  });
});

describe('names', () => {
  it('come from the folder where the file says only what is done', () => {
    const { actions } = read({
      'playbooks/cluster/status.yml': '- hosts: box\n  tasks: [{command: x}]\n',
      'playbooks/restore/db.yml': '- hosts: box\n  tasks: [{command: x}]\n',
    });
    expect(actions.map((action) => [action.subject, action.verbs[0]])).toEqual([
      ['cluster', 'check'],
      ['db', 'restore'],
    ]);
  });

  it('of variables come from the commands in the README', () => {
    const { actions } = read({
      'README.md': '```\nansible-playbook \\\n  playbooks/move.yml -e app=wiki\n```\n',
      'playbooks/move.yml': '- hosts: box\n  tasks: [{command: "move {{ app | default(1) }}"}]\n',
    });
    expect(actions[0]?.inputs).toMatchObject([{ name: 'app', description: 'For example wiki.' }]);
  });
});

describe('loops over a list of the inventory', () => {
  const list = { 'group_vars/box.yml': 'services:\n  - {name: grafana, port: 3000}\n  - {name: wiki, port: 80}\n' };

  it('that have a filter are chosen by it', () => {
    const { actions } = read({
      ...list,
      'deploy.yml':
        '- hosts: box\n  tasks:\n    - include_tasks: one.yml\n      loop: "{{ services }}"\n      when: only is not defined or item.name == only\n',
      'one.yml': '- ping:\n',
    });
    expect(actions.map((action) => [action.id, action.enables, action.title])).toEqual([
      ['deploy.yml', {}, 'Deploy'],
      ['deploy.yml?only=grafana', { only: 'grafana' }, 'Deploy Grafana'],
      ['deploy.yml?only=wiki', { only: 'wiki' }, 'Deploy Wiki'],
    ]);
  });

  it('are chosen by giving the list anew, elements as they are', () => {
    const { actions } = read({
      ...list,
      'deploy.yml':
        '- hosts: box\n  tasks:\n    - community.docker.docker_container: {name: "{{ item.name }}"}\n      loop: "{{ services }}"\n',
    });
    expect(actions.map((action) => action.enables)).toEqual([
      {},
      { services: [{ name: 'grafana', port: 3000 }] },
      { services: [{ name: 'wiki', port: 80 }] },
    ]);
  });

  it('are not chosen so where a template writes all of the list, which would forget the others', () => {
    const files = {
      ...list,
      'deploy.yml':
        '- hosts: box\n  roles: [proxy]\n  tasks:\n    - community.docker.docker_container: {name: "{{ item.name }}"}\n      loop: "{{ services }}"\n',
      'roles/proxy/tasks/main.yml': '- template: {src: Caddyfile.j2, dest: /etc/caddy/Caddyfile}\n',
      'roles/proxy/templates/Caddyfile.j2': '{% for s in services %}{{ s.name }}{% endfor %}\n',
    };
    expect(ids(files)).toEqual(['deploy.yml']);
  });

  it('are not chosen so where an element is templated, encrypted or secret: what a run is given is plain and shown', () => {
    const loop = {
      'deploy.yml':
        '- hosts: box\n  tasks:\n    - community.docker.docker_container: {name: "{{ item.name }}"}\n      loop: "{{ services }}"\n',
    };
    const services =
      'services:\n  - {name: a, image: "{{ registry }}/a"}\n  - {name: b, token: abc}\n  - {name: c, key: !vault "x"}\n  - {name: d, port: 1}\n';
    expect(ids({ ...loop, 'group_vars/box.yml': services })).toEqual(['deploy.yml', 'deploy.yml?services=d']);
  });

  it('over packages and such are not for choosing', () => {
    expect(
      ids({
        'group_vars/all.yml': 'packages: [vim, curl]\n',
        'site.yml': '- hosts: box\n  tasks:\n    - apt: {name: "{{ item }}"}\n      loop: "{{ packages }}"\n',
      }),
    ).toEqual(['site.yml']);
  });
});

describe('files of variables', () => {
  it('that a variable chooses are the choices of an input', () => {
    const { actions } = read({
      'app.yml': '- hosts: box\n  vars_files: ["vars/{{ env }}.yml"]\n  tasks: [{ping: }]\n',
      'vars/dev.yml': 'a: 1\n',
      'vars/live.yml': 'a: 2\n',
    });
    expect(actions[0]?.inputs).toMatchObject([{ name: 'env', required: true, choices: ['dev', 'live'] }]);
  });

  it('that Ansible does not read are findings, and known all the same', () => {
    const { findings, actions } = read({
      'group_vars/all.yml': 'port: 1\n',
      hosts: '',
      'inventory/hosts': '[box]\na\n',
      'playbooks/open.yml': '- hosts: box\n  tasks: [{command: "open {{ port }}"}]\n',
    });
    expect(findings).toEqual([
      { path: 'group_vars/all.yml', line: 1, message: expect.stringContaining('Ansible does not read this') },
    ]);
    expect(actions[0]?.inputs).toEqual([]);
  });
});

describe('inputs that must not show or steer', () => {
  const { actions } = read({
    'db.yml': '- hosts: box\n  vars: {ansible_user: root, _private: 1}\n  roles: [{role: db, tags: db}]\n',
    'roles/db/tasks/main.yml': '- ping:\n',
    'roles/db/defaults/main.yml':
      'db_root_password: changeme\ndb_password_length: 20\nansible_connection: local\n__db_internal: 1\n',
  });

  it('are secret by name, and then their default stays out of the catalogue', () => {
    expect(actions[0]?.inputs.map((input) => [input.name, input.secret, input.default])).toEqual([
      ['db_root_password', true, undefined],
      ['db_password_length', false, 20],
    ]);
    expect(JSON.stringify(actions)).not.toContain('changeme');
  });
});

describe('the same role in two playbooks', () => {
  const files = { 'site.yml': '- hosts: box\n  roles: [{role: x, tags: x}, y]\n', ...role('x', 'y') };

  it('is one action where the hosts are the same', () => {
    expect(ids({ ...files, 'x.yml': '- hosts: box\n  roles: [x]\n' })).toEqual(['site.yml', 'x.yml']);
  });

  it('stays two where they are not', () => {
    expect(ids({ ...files, 'x.yml': '- hosts: other\n  roles: [x]\n' })).toEqual(['site.yml', 'site.yml#x', 'x.yml']);
  });
});
