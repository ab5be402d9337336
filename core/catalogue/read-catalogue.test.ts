// The layouts that people give their repositories, and what a reading makes of each. The selections were checked against
// `ansible-playbook --list-hosts --list-tasks` on the same files.
import { describe, expect, it } from 'vitest';
import { fixture, snapshotOf } from '../../test/builders/snapshots.ts';
import { catalogueJson } from './catalogue-json.ts';
import type { Action, Catalogue } from './model.ts';
import { readCatalogue } from './read-catalogue.ts';

const ids = (catalogue: Catalogue): readonly string[] => catalogue.actions.map((action) => action.id);
const finder =
  (catalogue: Catalogue) =>
  (id: string): Action => {
    const found = catalogue.actions.find((action) => action.id === id);
    if (found === undefined) throw new Error(`no action ${id}; there are ${ids(catalogue).join(', ')}`);
    return found;
  };
const input = (action: Action, name: string) => action.inputs.find((one) => one.name === name);

describe('a site.yml with roles and tags', () => {
  const catalogue = readCatalogue(fixture('site-roles'));
  const action = finder(catalogue);

  it('offers the whole playbook and each tag that selects something by itself', () => {
    expect(ids(catalogue)).toEqual([
      'site.yml',
      'site.yml#base',
      'site.yml#timezone',
      'site.yml#ssh',
      'site.yml#nginx',
      'site.yml#nginx_sites',
      'site.yml#certificates',
      'site.yml#drop_caches',
      'site.yml#postgres',
      'site.yml#stats',
      'site.yml#uptime-kuma',
      'site.yml#node-exporter',
    ]);
  });

  it('knows what each is about, and by which other names', () => {
    expect(action('site.yml')).toMatchObject({
      kind: 'playbook',
      subject: 'everything',
      description: 'The whole rack, top to bottom.',
      risk: 'medium',
    });
    expect(action('site.yml#uptime-kuma')).toMatchObject({
      kind: 'tagged',
      title: 'Deploy Uptime Kuma',
      subject: 'uptime kuma',
      verbs: ['deploy', 'configure'],
      description: 'Watches every portal and tells when one is down.',
    });
    expect(action('site.yml#uptime-kuma').aliases).toEqual(['uptime-kuma', 'uptime_kuma', 'monitoring']);
    expect(action('site.yml#ssh').aliases).toContain('hardening');
    expect(action('site.yml#node-exporter').aliases).toContain('geerlingguy.node_exporter');
    expect(action('site.yml#drop_caches')).toMatchObject({ title: 'Drop the page cache', tags: ['drop_caches'] });
  });

  it('resolves the hosts of the play that a tag stands in', () => {
    expect(action('site.yml#nginx')).toMatchObject({ pattern: 'web', hosts: ['web01.lan', 'web02.lan', 'web03.lan'] });
    expect(action('site.yml#uptime-kuma').hosts).toEqual(['mon.lan']);
    expect(action('site.yml').hosts).toHaveLength(6);
  });

  it('offers no tag that only selects an empty include, and says why', () => {
    expect(catalogue.findings).toContainEqual({
      path: 'site.yml',
      line: 38,
      message: expect.stringContaining('selects this include but nothing inside it'),
    });
  });

  it('takes inputs from argument specs; what the inventory or an encrypted file may give is not asked for', () => {
    const postgres = action('site.yml#postgres');
    expect(input(postgres, 'postgres_version')).toMatchObject({
      type: 'int',
      required: false,
      choices: [14, 15, 16],
      description: 'Major version.',
      aliases: ['version'],
      source: { path: 'roles/postgres/meta/argument_specs.yml', line: 6 },
    });
    expect(input(postgres, 'postgres_password')).toMatchObject({ required: false, secret: true });
    expect(input(postgres, 'postgres_owner')).toMatchObject({ required: true, secret: false });
    expect(input(postgres, 'postgres_databases')).toMatchObject({ type: 'list', elements: 'str', default: [] });
  });

  it('takes inputs from defaults with the types that YAML gives them', () => {
    const nginx = action('site.yml#nginx');
    expect(nginx.inputs.map((one) => [one.name, one.type, one.default, one.description])).toEqual([
      ['nginx_workers', 'int', 4, 'How many worker processes.'],
      ['nginx_client_max_body_size', 'str', '10m', 'uploads'],
      ['nginx_sites', 'list', [], 'Sites to serve.'],
      ['nginx_gzip', 'bool', true, ''],
    ]);
    expect(input(action('site.yml#uptime-kuma'), 'uptime_kuma_api_token')).toMatchObject({ secret: true });
    expect(input(action('site.yml#uptime-kuma'), 'uptime_kuma_api_token')).not.toHaveProperty('default');
  });

  it('reads what decides the outcome: role, dependency, templates, files, variables, inventory', () => {
    expect(action('site.yml#nginx').reads).toEqual(
      expect.arrayContaining([
        'ansible.cfg',
        'inventory/hosts.ini',
        'inventory/group_vars/all.yml',
        'roles/nginx/templates/site.conf.j2',
        'roles/tls/tasks/main.yml',
        'site.yml',
      ]),
    );
    expect(action('site.yml#nginx').reads).not.toContain('roles/postgres/tasks/main.yml');
    expect(action('site.yml#certificates').reads).toContain('files/certificates/lab.pem');
    expect(action('site.yml#postgres').reads).toContain('inventory/group_vars/db/vault.yml');
  });

  it('says where each was found, the playbook first, with true lines', () => {
    expect(action('site.yml#nginx').sources[0]).toEqual({ path: 'site.yml', line: 20 });
    expect(action('site.yml').sources[0]).toEqual({ path: 'site.yml', line: 3 });
  });
});

describe('roles behind switches', () => {
  const catalogue = readCatalogue(fixture('nas-switches'));
  const action = finder(catalogue);

  it('are selected by their tag, and switched on where they are off', () => {
    expect(action('nas.yml#jellyfin?jellyfin_enabled=true')).toMatchObject({
      kind: 'enabled',
      tags: ['jellyfin'],
      enables: { jellyfin_enabled: true },
      title: 'Deploy Jellyfin',
    });
    expect(action('nas.yml#freshrss?freshrss_enabled=true')).toMatchObject({
      tags: ['freshrss'],
      enables: { freshrss_enabled: true },
    });
    expect(action('nas.yml#navidrome')).toMatchObject({
      kind: 'tagged',
      enables: {},
      description: 'Music for every room.',
    });
  });

  it('without a tag run with the whole playbook, and say so', () => {
    expect(action('nas.yml?transmission_enabled=true')).toMatchObject({
      kind: 'enabled',
      tags: [],
      enables: { transmission_enabled: true },
      description: 'Runs all of nas.yml, with transmission_enabled set.',
    });
  });

  it('do not offer the switch as an input', () => {
    expect(input(action('nas.yml#jellyfin?jellyfin_enabled=true'), 'jellyfin_enabled')).toBeUndefined();
  });

  it('share a tag where one stands for several', () => {
    expect(action('nas.yml#nas').subject).toBe('nas');
    expect(ids(catalogue)).toEqual(expect.arrayContaining(['nas.yml#nas_general', 'nas.yml#nas_docker']));
  });
});

describe('a playbook for each job', () => {
  const catalogue = readCatalogue(fixture('playbook-per-job'));
  const action = finder(catalogue);

  it.each([
    ['playbooks/backup-database.yml', ['back up'], 'database', 'low'],
    ['playbooks/check-disks.yml', ['check'], 'disks', 'low'],
    ['playbooks/create-user.yml', ['create'], 'user', 'low'],
    ['playbooks/reboot.yml', ['reboot'], 'machine', 'high'],
    ['playbooks/restart-service.yml', ['restart'], 'service', 'medium'],
    ['playbooks/restore-database.yml', ['restore'], 'database', 'high'],
    ['playbooks/rotate-keys.yml', ['rotate'], 'keys', 'medium'],
    ['playbooks/update-packages.yml', ['update'], 'packages', 'high'],
  ])('%s', (id, verbs, subject, risk) => {
    expect(action(id)).toMatchObject({ kind: 'playbook', subject, risk });
    expect(action(id).verbs.slice(0, verbs.length)).toEqual(verbs);
  });

  it('leaves partial playbooks out', () => {
    expect(ids(catalogue)).not.toContain('playbooks/_prepare.yml');
  });

  it('asks for what vars_prompt asks for', () => {
    expect(action('playbooks/create-user.yml').inputs).toMatchObject([
      { name: 'username', required: true, secret: false, description: 'Name of the account' },
      { name: 'password', required: true, secret: true },
      { name: 'shell', required: false, default: '/bin/bash' },
      { name: 'extra_groups', required: false },
    ]);
  });

  it('asks for what assert, fail and mandatory demand, and for what nothing defines', () => {
    expect(input(action('playbooks/restart-service.yml'), 'service')).toMatchObject({
      required: true,
      choices: ['nginx', 'postgresql', 'grafana-server'],
    });
    expect(action('playbooks/restore-database.yml').inputs.map((one) => [one.name, one.required])).toEqual([
      ['database', true],
      ['dump', true],
    ]);
    expect(input(action('playbooks/backup-database.yml'), 'database')).toMatchObject({ required: true });
    expect(input(action('playbooks/open-port.yml'), 'port')).toMatchObject({ required: true });
  });

  it("takes a play's own variables as inputs with defaults, but not what it computes or registers", () => {
    expect(action('playbooks/backup-database.yml').inputs.map((one) => [one.name, one.type, one.default])).toEqual([
      ['backup_dir', 'str', '/var/backups/db'],
      ['keep_days', 'int', 14],
      ['compress', 'bool', true],
      ['database', 'str', undefined],
    ]);
  });

  it('knows an input that is the host pattern', () => {
    expect(input(action('playbooks/restart-service.yml'), 'target')).toMatchObject({
      required: true,
      hostPattern: true,
    });
    expect(input(action('playbooks/update-packages.yml'), 'target')).toMatchObject({
      required: false,
      default: 'all',
      hostPattern: true,
    });
    expect(action('playbooks/update-packages.yml')).toMatchObject({
      pattern: 'all',
      hosts: ['web1', 'web2', 'db1', 'db2', 'stage1'],
    });
  });

  it('reads what a comment says of variables', () => {
    expect(input(action('playbooks/update-packages.yml'), 'reboot')).toMatchObject({
      type: 'bool',
      required: false,
      default: false,
      description: 'restart the machine when a package asks for it (default: false)',
    });
  });

  it('reads what a README says of a playbook that says nothing itself', () => {
    expect(action('playbooks/rotate-keys.yml').description).toBe('Gives every server new host keys');
  });

  it('resolves patterns with intersections, exclusions and subscripts', () => {
    expect(action('playbooks/reboot.yml').hosts).toEqual(['web1', 'web2']);
    expect(action('playbooks/restore-database.yml').hosts).toEqual(['db1']);
    expect(action('playbooks/rotate-keys.yml').hosts).toEqual(['localhost', 'web1', 'web2', 'db1', 'db2']);
  });
});

describe('compose folders', () => {
  const catalogue = readCatalogue(fixture('compose-stacks'));
  const action = finder(catalogue);

  it('are choices of the playbook that deploys any of them, and actions of their own', () => {
    expect(input(action('deploy-stack.yml'), 'stack')).toMatchObject({
      required: true,
      choices: ['grafana', 'traefik', 'uptime-kuma'],
    });
    expect(action('deploy-stack.yml?stack=uptime-kuma')).toMatchObject({
      kind: 'enabled',
      title: 'Deploy Uptime Kuma',
      enables: { stack: 'uptime-kuma' },
      subject: 'uptime kuma',
      verbs: ['deploy'],
    });
  });

  it('are offered once, where a list could choose them as well', () => {
    expect(ids(catalogue)).toEqual([
      'deploy-stack.yml',
      'deploy-stack.yml?stack=grafana',
      'deploy-stack.yml?stack=traefik',
      'deploy-stack.yml?stack=uptime-kuma',
      'stacks.yml',
    ]);
  });

  it('are chosen by the list where nothing else chooses them', () => {
    const files = Object.fromEntries(
      [...fixture('compose-stacks').files].filter(([path]) => path !== 'deploy-stack.yml'),
    );
    expect(finder(readCatalogue(snapshotOf(files)))('stacks.yml?stacks=grafana')).toMatchObject({
      enables: { stacks: ['grafana'] },
      subject: 'grafana',
    });
  });
});

describe('a play for each service', () => {
  const catalogue = readCatalogue(fixture('play-per-service'));
  const action = finder(catalogue);

  it('offers each service once, by its own playbook where it has one', () => {
    expect(ids(catalogue)).toEqual([
      'playbooks/app.yml',
      'playbooks/base.yml',
      'playbooks/deploy.yml',
      'playbooks/deploy.yml#homepage',
      'playbooks/gitea.yml',
      'playbooks/immich.yml',
      'playbooks/main.yml',
      'playbooks/teardown.yml',
      'playbooks/teardown.yml#gitea',
      'playbooks/teardown.yml#immich',
    ]);
    expect(action('playbooks/gitea.yml').sources.map((source) => source.path)).toContain('playbooks/deploy.yml');
  });

  it('follows imports with their variables into templated hosts and roles', () => {
    expect(action('playbooks/gitea.yml')).toMatchObject({
      title: 'Deploy Gitea',
      pattern: 'gitea',
      hosts: ['pi4'],
      inputs: [],
    });
    expect(action('playbooks/gitea.yml').reads).toEqual(
      expect.arrayContaining(['playbooks/app.yml', 'playbooks/roles/gitea/tasks/main.yml']),
    );
    expect(input(action('playbooks/app.yml'), 'app_name')).toMatchObject({
      required: true,
      choices: ['base', 'gitea', 'homepage', 'immich', 'venv'],
    });
  });

  it('tells taking down from setting up', () => {
    expect(action('playbooks/teardown.yml#gitea')).toMatchObject({
      verbs: ['remove', 'teardown'],
      subject: 'gitea',
      risk: 'high',
      hosts: ['pi4'],
    });
  });
});

describe('a collection, roles_path, and a project below the root', () => {
  const catalogue = readCatalogue(fixture('collection'));
  const action = finder(catalogue);

  it('finds roles in collections and on the roles_path', () => {
    expect(action('ansible/edge.yml#caddy').reads).toContain(
      'ansible/collections/ansible_collections/home/lab/roles/caddy/tasks/main.yml',
    );
    expect(action('ansible/edge.yml#motd').reads).toContain('ansible/shared/roles/motd/templates/motd.j2');
  });

  it('offers roles that are not in the repository by their tag, and says that they are missing', () => {
    expect(action('ansible/edge.yml#ntp')).toMatchObject({ subject: 'ntp', aliases: ['geerlingguy.ntp'] });
    expect(catalogue.findings).toContainEqual({
      path: 'ansible/edge.yml',
      line: 5,
      message: expect.stringContaining('geerlingguy.ntp is not in the repository'),
    });
  });

  it("takes another entry point's inputs and description", () => {
    expect(action('ansible/reload-caddy.yml')).toMatchObject({ verbs: ['reload'], subject: 'caddy' });
    expect(action('ansible/reload-caddy.yml').inputs.map((one) => one.name)).toEqual(['caddy_force']);
  });

  it('takes a required input as given where the inventory has it', () => {
    expect(input(action('ansible/edge.yml#caddy'), 'caddy_domain')).toMatchObject({ required: false });
    expect(input(action('ansible/edge.yml#caddy'), 'caddy_email')).toMatchObject({ required: true });
  });
});

describe('task files', () => {
  const catalogue = readCatalogue(fixture('task-files'));
  const action = finder(catalogue);

  it('that a list of the inventory loops over are chosen by that list', () => {
    expect(action('main.yml?apps=uptime_kuma')).toMatchObject({
      kind: 'task-file',
      enables: { apps: ['uptime_kuma'] },
      title: 'Deploy Uptime Kuma',
    });
  });

  it('weigh what else would run with them', () => {
    expect(action('main.yml?apps=uptime_kuma')).toMatchObject({
      risk: 'high',
      description: expect.stringContaining('Runs all of main.yml'),
    });
  });

  it('that a variable names are choices and actions', () => {
    expect(input(action('maintenance.yml'), 'operation')).toMatchObject({
      default: 'status',
      choices: ['backup', 'prune', 'status'],
    });
    expect(action('maintenance.yml?operation=prune')).toMatchObject({
      title: 'Prune images',
      verbs: ['clean up', 'prune'],
      description: 'Removes images that nothing uses.',
    });
    expect(action('maintenance.yml?operation=backup').verbs[0]).toBe('back up');
  });

  it('and blocks and tasks have tags of their own', () => {
    expect(ids(catalogue).filter((id) => id.startsWith('tagged.yml#'))).toEqual([
      'tagged.yml#sanity',
      'tagged.yml#consul',
      'tagged.yml#repos',
      'tagged.yml#timer',
      'tagged.yml#timer_restart',
    ]);
    expect(action('tagged.yml#consul')).toMatchObject({
      title: 'Install and Upgrade Consul',
      verbs: ['deploy', 'update', 'install', 'upgrade'],
    });
    expect(input(action('tagged.yml#consul'), 'is_consul_client')).toMatchObject({ type: 'bool', required: true });
  });
});

describe('files that cannot be understood', () => {
  const { actions, findings } = readCatalogue(fixture('hostile'));
  const finding = (path: string) => findings.find((one) => one.path === path);

  it('are findings with their line, and the rest stands', () => {
    expect(actions.map((action) => action.id)).toEqual(['good.yml', 'loop.yml']);
    expect(finding('broken.yml')).toMatchObject({ line: 5, message: expect.stringContaining('YAML error') });
    expect(finding('unquoted.yml')).toMatchObject({
      line: 5,
      message: expect.stringContaining('put quotes around {{ }}'),
    });
    expect(finding('laughs.yml')?.message).toMatch(/stands for more than/);
    expect(finding('two-documents.yml')?.message).toMatch(/more than one YAML document/);
    expect(finding('loop.yml')?.message).toMatch(/nowhere.yml is not in the repository/);
    expect(finding('roles/self/tasks/main.yml')?.message).toMatch(/nowhere.yml is not in the repository/);
  });

  it('leave a caller able to tell why there is nothing', () => {
    expect(readCatalogue(snapshotOf({}))).toMatchObject({ actions: [], hosts: [], findings: [] });
    expect(readCatalogue(snapshotOf({ 'site.yml': '- hosts: all\n  tasks: []\n' }))).toMatchObject({
      actions: [{ id: 'site.yml', hosts: [] }],
      hosts: [],
    });
    expect(readCatalogue(snapshotOf({ hosts: '[a]\nx\n' }))).toMatchObject({ actions: [], hosts: [{ name: 'x' }] });
  });

  it('that are too large are not parsed', () => {
    const { findings: found } = readCatalogue(
      snapshotOf({ 'site.yml': `- hosts: all\n  vars: {x: "${'y'.repeat(600_000)}"}\n` }),
    );
    expect(found[0]).toMatchObject({ path: 'site.yml', message: expect.stringContaining('larger than 512 KiB') });
  });
});

describe('the catalogue as JSON', () => {
  it('holds all that a script needs to choose and run an action', () => {
    const json: { readonly actions: readonly { readonly id: string }[] } = JSON.parse(
      JSON.stringify(catalogueJson(readCatalogue(fixture('nas-switches')))),
    );
    expect(Object.keys(json)).toEqual([
      'commit',
      'actions',
      'hosts',
      'groups',
      'portals',
      'configs',
      'inventories',
      'ansibleConfig',
      'findings',
    ]);
    expect(json.actions.find((action) => action.id === 'nas.yml#jellyfin?jellyfin_enabled=true')).toMatchObject({
      aliases: [],
      selection: {
        playbook: 'nas.yml',
        tags: ['jellyfin'],
        skipTags: [],
        enables: { jellyfin_enabled: true },
        pattern: 'nas',
        hosts: ['nas.attic'],
      },
      inputs: [{ name: 'jellyfin_hostname', type: 'str', required: false, default: 'jellyfin' }],
      sources: [
        { path: 'nas.yml', line: 28 },
        { path: 'roles/jellyfin/tasks/main.yml', line: 1 },
      ],
    });
  });
});
