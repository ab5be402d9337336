import { describe, expect, it } from 'vitest';
import { fixture, snapshotOf } from '../../test/builders/snapshots.ts';
import { readCatalogue } from './read-catalogue.ts';

const play = '- hosts: all\n  tasks:\n    - ping:\n';
const read = (files: Record<string, string>) => readCatalogue(snapshotOf({ 'site.yml': play, ...files }));
const hosts = (files: Record<string, string>): readonly string[] => read(files).hosts.map((host) => host.name);

describe('an INI inventory', () => {
  const catalogue = readCatalogue(fixture('site-roles'));

  it('gives hosts with ranges, groups with their children, and where each stands', () => {
    expect(catalogue.hosts.map((host) => host.name)).toEqual([
      'gateway.lan',
      'web01.lan',
      'web02.lan',
      'web03.lan',
      'db1.lan',
      'mon.lan',
    ]);
    expect(catalogue.groups).toContainEqual({
      name: 'rack',
      hosts: ['web01.lan', 'web02.lan', 'web03.lan', 'db1.lan'],
      source: { path: 'inventory/hosts.ini', line: 16 },
    });
    expect(catalogue.hosts[4]?.source).toEqual({ path: 'inventory/hosts.ini', line: 11 });
  });

  it('calls hosts by their short names and addresses too', () => {
    expect(catalogue.hosts[0]?.aliases).toEqual(['gateway', '10.0.0.1']);
  });

  it('named by the ansible.cfg at the root is not handed over a second time', () => {
    expect(catalogue.inventories).toEqual([]);
  });

  it('keeps its port out of the name, and its comments out of everything', () => {
    expect(hosts({ hosts: '; c\n[a]\nx:2222 y=1 # z\n#w\n' })).toEqual(['x']);
  });

  it('names its mistakes by line and keeps the rest', () => {
    const { findings, hosts: found } = readCatalogue(fixture('hostile'));
    expect(found.map((host) => host.name)).toEqual(['web1']);
    expect(findings.filter((finding) => finding.path === 'inventory/hosts').map((finding) => finding.line)).toEqual([
      3, 5, 6,
    ]);
  });
});

describe('a YAML inventory', () => {
  it('nests groups', () => {
    const { hosts: found, groups } = readCatalogue(fixture('playbook-per-job'));
    expect(found.map((host) => host.name)).toEqual(['web1', 'web2', 'db1', 'db2', 'stage1']);
    expect(groups.find((group) => group.name === 'production')?.hosts).toEqual(['web1', 'web2', 'db1', 'db2']);
    expect(found[0]).toMatchObject({ groups: ['web', 'production'], aliases: ['10.1.0.11'] });
  });
});

describe('where the inventory lies', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['a file called hosts', { hosts: '[a]\nx\n' }, ['hosts']],
    [
      'a file of hosts in no group, with spaces in a quoted value',
      { hosts: 'x ansible_connection=local ansible_python_interpreter="{{ ansible_playbook_python }}"\n' },
      ['hosts'],
    ],
    ['inventory.ini', { 'inventory.ini': '[a]\nx\n' }, ['inventory.ini']],
    ['one file in a folder', { 'inventory/lab.yml': 'all: {hosts: {x: }}\n' }, ['inventory/lab.yml']],
    [
      'several files in a folder',
      { 'inventory/a.ini': '[a]\nx\n', 'inventory/b.yml': 'b: {hosts: {y: }}\n' },
      ['inventory'],
    ],
    [
      'production before staging',
      { 'inventories/staging/hosts': '[a]\ny\n', 'inventories/production/hosts': '[a]\nx\n' },
      ['inventories/production/hosts'],
    ],
    [
      'production.yml beside staging.yml',
      { 'inventory/staging.yml': 'a: {hosts: {y: }}\n', 'inventory/production.yml': 'a: {hosts: {x: }}\n' },
      ['inventory/production.yml'],
    ],
    [
      'the real one before the sample',
      { 'inventory.sample/hosts': '[a]\ny\n', 'inventory/hosts': '[a]\nx\n' },
      ['inventory/hosts'],
    ],
    ['below ansible/', { 'ansible/hosts.yml': 'all: {hosts: {x: }}\n' }, ['ansible/hosts.yml']],
    ['an INI file of any name', { 'homelab.ini': '[a]\nx ansible_host=10.0.0.1\n' }, ['homelab.ini']],
    [
      'a YAML file of any name',
      { 'machines.yml': 'all:\n  children:\n    a:\n      hosts:\n        x:\n' },
      ['machines.yml'],
    ],
  ])('%s', (_, files, inventories) => {
    const catalogue = read(files);
    expect(catalogue.inventories).toEqual(inventories);
    expect(catalogue.hosts.map((host) => host.name)).toContain('x');
  });

  it('is not in roles, templates or a compose file', () => {
    expect(
      hosts({
        'roles/dns/files/hosts': '[a]\nx\n',
        'templates/hosts.ini': '[a]\nx\n',
        'compose.yml': 'services: {hosts: {x: 1}}\n',
        'setup.cfg': '[a]\nx\n',
      }),
    ).toEqual([]);
  });

  it('is said by an ansible.cfg below the root, which is then named as well', () => {
    const catalogue = readCatalogue(fixture('collection'));
    expect(catalogue.inventories).toEqual(['ansible/inventories/production/hosts']);
    expect(catalogue.ansibleConfig).toBe('ansible/ansible.cfg');
  });

  it('tells of inventories that are passed by', () => {
    const { findings } = read({ 'inventories/staging/hosts': '[a]\ny\n', 'inventories/production/hosts': '[a]\nx\n' });
    expect(findings).toEqual([
      {
        path: 'inventories/staging/hosts',
        line: 1,
        message: expect.stringContaining('inventories/production/hosts is used'),
      },
    ]);
  });
});

describe('what only a run can tell', () => {
  it('is a finding: plugins, scripts, encrypted inventories', () => {
    const { findings } = readCatalogue(fixture('hostile'));
    const of = (path: string) => findings.find((finding) => finding.path === path)?.message;
    expect(of('inventory/aws_ec2.yml')).toMatch(/dynamic inventory/);
    expect(of('inventory/inventory.py')).toMatch(/script/);
    expect(read({ 'inventory/hosts': '$ANSIBLE_VAULT;1.1;AES256\n6162\n' }).hosts).toEqual([]);
  });
});
