import { describe, expect, it } from 'vitest';
import { fixture, snapshotOf } from '../../test/builders/snapshots.ts';
import { readCatalogue } from './read-catalogue.ts';

const inventory = { 'hosts.ini': '[apps]\na1\n' };
const role = (name: string, tasks: string): Record<string, string> => ({
  [`roles/${name}/tasks/main.yml`]: tasks,
  'site.yml': `- hosts: apps\n  roles:\n    - {role: ${name}, tags: ${name}}\n    - {role: other, tags: other}\n`,
});
const read = (files: Record<string, string>) => readCatalogue(snapshotOf({ ...inventory, ...files }));
const monitors =
  '# What is watched.\nmonitors:\n  - name: Router\n    type: http\n    url: http://10.0.0.1\n    interval: 60\n  - name: Site\n    type: http\n    url: https://site.example\n    interval: 60\n    note: slow\n';

describe('configuration targets in headers', () => {
  const { configs, actions, findings } = readCatalogue(fixture('headers'));

  it('of a role belong to the actions of the role', () => {
    expect(configs.find((config) => config.name === 'mirrors')).toEqual({
      name: 'mirrors',
      aliases: [],
      path: 'config/mirrors.yml',
      list: ['gitea', 'mirrors'],
      key: 'url',
      from: 'portals',
      item: { name: '{{ name }}', url: '{{ url }}', kind: 'git' },
      source: { path: 'roles/gitea/defaults/main.yml', line: 1 },
    });
    expect(actions.find((action) => action.id === 'site.yml#gitea')?.configs.map((config) => config.name)).toEqual([
      'mirrors',
    ]);
  });

  it('of a configuration file belong to the actions that read the file', () => {
    expect(actions.find((action) => action.id === 'site.yml#grafana')?.configs).toMatchObject([
      { name: 'bookmarks', path: 'config/bookmarks.yml', list: ['bookmarks'], key: 'href' },
    ]);
  });

  it('that name a missing file are findings', () => {
    expect(findings.map((finding) => finding.message)).toContainEqual(expect.stringContaining('config/nowhere.yml'));
  });
});

describe('configuration targets that no header declares', () => {
  it('are lists of named, addressed items in a file that a role copies; the item has the shape of the others', () => {
    const { actions, configs } = read({
      ...role('uptime_kuma', '- copy: {src: "{{ playbook_dir }}/data/watch.yml", dest: /x}\n'),
      'data/watch.yml': monitors,
    });
    expect(configs).toEqual([
      {
        name: 'monitors',
        aliases: ['watch'],
        path: 'data/watch.yml',
        list: ['monitors'],
        key: 'url',
        from: 'portals',
        item: { name: '{{ name }}', type: 'http', url: '{{ url }}', interval: 60 },
        source: { path: 'data/watch.yml', line: 2 },
      },
    ]);
    expect(actions.find((action) => action.id === 'site.yml#uptime_kuma')?.configs).toEqual(configs);
    expect(actions.find((action) => action.id === 'site.yml#uptime_kuma')?.reads).toContain('data/watch.yml');
    expect(actions.find((action) => action.id === 'site.yml#other')?.configs).toEqual([]);
  });

  it('are files in a folder called after the service', () => {
    const { actions } = read({ ...role('uptime_kuma', '- ping:\n'), 'services/uptime-kuma/monitors.yaml': monitors });
    expect(
      actions.find((action) => action.id === 'site.yml#uptime_kuma')?.configs.map((config) => config.path),
    ).toEqual(['services/uptime-kuma/monitors.yaml']);
  });

  it('are variables called after the role, or used by it; those of group_vars hide those of the role', () => {
    const list = '_monitors:\n  - {name: A, url: "https://a.example"}\n';
    const { configs } = read({
      ...role('uptime_kuma', '- ping:\n'),
      'group_vars/all.yml': `uptime_kuma${list}`,
      'roles/uptime_kuma/defaults/main.yml': `uptime_kuma${list}`,
    });
    expect(configs.map((config) => [config.name, config.path, config.list])).toEqual([
      ['monitors', 'group_vars/all.yml', ['uptime_kuma_monitors']],
    ]);
    const used = read({
      ...role('gatus', '- template: {src: c.j2, dest: /x}\n'),
      'roles/gatus/templates/c.j2': '{% for e in watched_pages %}{{ e.url }}{% endfor %}',
      'group_vars/all.yml': 'watched_pages:\n  - {name: A, url: "https://a.example"}\n',
    });
    expect(used.configs.map((config) => config.name)).toEqual(['watched pages']);
  });

  it('may be empty still where the name tells what belongs in them', () => {
    const { configs } = read({
      ...role('uptime_kuma', '- copy: {src: config/monitors.yml, dest: /x}\n'),
      'config/monitors.yml': 'monitors: []\n',
    });
    expect(configs).toMatchObject([{ name: 'monitors', key: 'url', item: { name: '{{ name }}', url: '{{ url }}' } }]);
  });

  it('are keyed by name where the names are host names', () => {
    const { configs } = read({
      ...role('dns', '- copy: {src: config/records.yml, dest: /x}\n'),
      'config/records.yml':
        'records:\n  - {name: a.lab.example, address: 10.0.0.2}\n  - {name: b.lab.example, address: 10.0.0.2}\n',
    });
    expect(configs).toMatchObject([{ key: 'name', item: { name: '{{ host }}' } }]);
  });

  it('are not compose files, tasks, users, or lists that nothing reads', () => {
    const { configs } = read({
      ...role('web', '- ping:\n'),
      'stacks/web/compose.yml': 'services:\n  - {name: a, url: "https://a.b"}\n',
      'group_vars/all.yml': 'users:\n  - {name: a, host: a.example}\n',
      'data/unrelated.yml': monitors,
    });
    expect(configs).toEqual([]);
  });
});
