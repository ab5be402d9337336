import { describe, expect, it } from 'vitest';
import { fixture, snapshotOf } from '../../test/builders/snapshots.ts';
import { hostsOfRule } from './portals-traefik.ts';
import { readCatalogue } from './read-catalogue.ts';

const portals = (name: string) =>
  Object.fromEntries(
    readCatalogue(fixture(name)).portals.map((portal) => [
      portal.url,
      `${portal.name} @${portal.source.path}:${portal.source.line}`,
    ]),
  );

describe('portals', () => {
  const found = portals('proxies');

  it('of Traefik stand in its dynamic configuration, as YAML and TOML, with variables put in', () => {
    expect(found).toMatchObject({
      'https://grafana.lab.example': 'Grafana @config/traefik/routers.yml:5',
      'http://files.lab.example': 'Files @config/traefik/routers.yml:11',
      'http://cloud.lab.example': 'Cloud @config/traefik/routers.yml:11',
      'https://long.lab.example': 'Long @config/traefik/routers.yml:19',
      'https://wiki.lab.example': 'Wiki @roles/traefik/templates/dynamic.toml.j2:3',
    });
  });

  it('of Caddy are its site blocks and host matchers', () => {
    expect(found).toMatchObject({
      'https://photos.lab.example': 'Photos @roles/caddy/templates/Caddyfile.j2:7',
      'http://plain.lab.example': 'Plain @roles/caddy/templates/Caddyfile.j2:11',
      'https://www.lab.example': 'Lab @roles/caddy/templates/Caddyfile.j2:11',
      'https://chat.apps.lab.example': 'Chat @roles/caddy/templates/Caddyfile.j2:15',
    });
  });

  it('of nginx are its server names; a block that only sends on to https counts once', () => {
    expect(found).toMatchObject({
      'https://git.lab.example': 'Git @files/nginx/sites-enabled/git.conf:8',
      'https://code.lab.example': 'Code @files/nginx/sites-enabled/git.conf:8',
    });
  });

  it('of HAProxy are its host conditions', () => {
    expect(found).toMatchObject({
      'https://mail.lab.example': 'Mail @files/haproxy/haproxy.cfg:3',
      'https://calendar.lab.example': 'Calendar @files/haproxy/haproxy.cfg:5',
    });
  });

  it('may be listed plainly; links out of the lab and bare addresses are none', () => {
    expect(found).toMatchObject({
      'https://home.lab.example': 'Home page @group_vars/proxy.yml:2',
      'http://printer.lab.example': 'Printer @group_vars/proxy.yml:4',
      'https://notes.lab.example/app': 'Notes @group_vars/proxy.yml:10',
    });
  });

  it('are only those: no expressions, negations, comments, archives, or names that a run would make', () => {
    expect(Object.keys(found)).toHaveLength(16);
    expect(readCatalogue(fixture('proxies')).findings).toContainEqual({
      path: 'roles/caddy/templates/Caddyfile.j2',
      line: 20,
      message: expect.stringContaining('unknown_name'),
    });
  });

  it('stand in labels of compose files, where the container is not switched off', () => {
    expect(portals('compose-stacks')).toEqual({
      'https://grafana.box.lan': 'Grafana @stacks/grafana/compose.yml:6',
      'https://graphs.box.lan': 'Graphs @stacks/grafana/compose.yml:6',
      'https://status.box.lan': 'Kuma @stacks/uptime-kuma/compose.yml:5',
      'http://traefik.box.lan': 'Dashboard @stacks/traefik/compose.yml:8',
    });
  });

  it("stand in tasks' labels, where the role is switched on and the name is known for its hosts", () => {
    expect(portals('nas-switches')).toEqual({ 'https://gitea.attic.example': 'Gitea @roles/gitea/tasks/main.yml:14' });
  });
});

describe('hosts of a rule', () => {
  it.each<[string, string[]]>([
    ['Host(`a.b`)', ['a.b']],
    ['Host(`a.b`, `c.d`) && PathPrefix(`/x`)', ['a.b', 'c.d']],
    ['(Host(`a.b`) || Host("c.d")) && Path(`/`)', ['a.b', 'c.d']],
    ['"Host(`{{ x }}.{{ d | default(\'e\') }}`)"', ["{{ x }}.{{ d | default('e') }}"]],
    ['HostRegexp(`.*`)', []],
    ['!Host(`a.b`)', []],
  ])('%s', (rule, hosts) => {
    expect(hostsOfRule(rule)).toEqual(hosts);
  });
});

describe('portals that containers and services ask for themselves', () => {
  it.each<[string, string, string[]]>([
    [
      'caddy-docker-proxy',
      'services:\n  a:\n    labels:\n      caddy: wiki.lab.example\n      caddy.reverse_proxy: "{{upstreams 80}}"\n  b:\n    labels: ["caddy=http://plain.lab.example"]\n',
      ['http://plain.lab.example', 'https://wiki.lab.example'],
    ],
    [
      'nginx-proxy',
      'services:\n  a:\n    environment:\n      - VIRTUAL_HOST=a.lab.example,b.lab.example\n      - LETSENCRYPT_HOST=a.lab.example\n',
      ['https://a.lab.example', 'https://b.lab.example'],
    ],
    [
      'a Traefik IngressRoute',
      'kind: IngressRoute\nspec:\n  entryPoints: [websecure]\n  routes:\n    - match: Host(`c.lab.example`)\n      kind: Rule\n  tls: {}\n',
      ['http://c.lab.example'],
    ],
    [
      'an Ingress',
      'kind: Ingress\nmetadata: {name: wiki}\nspec:\n  tls: [{secretName: x}]\n  rules:\n    - host: d.lab.example\n',
      ['https://d.lab.example'],
    ],
    ['nothing of the kind', 'services:\n  caddy:\n    image: caddy:2\n', []],
  ])('%s', (_, text, urls) => {
    expect(
      readCatalogue(snapshotOf({ 'stack/compose.yml': text }))
        .portals.map((portal) => portal.url)
        .sort(),
    ).toEqual(urls);
  });
});
