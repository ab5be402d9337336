import { describe, expect, it } from 'vitest';
import { verbsIn } from './verbs.ts';
import { asTitle, brief, roleWords, wordsOf } from './words.ts';

describe('names as words', () => {
  it.each([
    ['uptime_kuma', 'uptime kuma'],
    ['Uptime-Kuma', 'uptime kuma'],
    ['UptimeKuma', 'uptime kuma'],
    ["Rotate the proxy's keys", 'rotate the proxy keys'],
    ['k3s', 'k3s'],
  ])('%s', (name, words) => {
    expect(wordsOf(name).join(' ')).toBe(words);
  });

  it('of roles go without namespace and folders', () => {
    expect(roleWords('geerlingguy.node_exporter').join(' ')).toBe('node exporter');
    expect(roleWords('containers/home-assistant').join(' ')).toBe('home assistant');
    expect(roleWords('ansible-role-docker').join(' ')).toBe('docker');
  });

  it('as a title keep the usual capitals', () => {
    expect(asTitle(['dns', 'records'])).toBe('DNS Records');
  });
});

describe('verbs in names', () => {
  it.each([
    ['restart-service', ['restart'], 'service'],
    ['docker_uninstall', ['remove'], 'docker'],
    ['back up databases', ['back up'], 'databases'],
    ['health-check', ['check'], ''],
    ['deploy_homelab_upgrade_packages', ['deploy', 'update'], 'homelab packages'],
    ['Install and configure Telegraf', ['deploy', 'configure'], 'and telegraf'],
    ['config-server-test-tool', ['configure'], 'server test tool'],
    ['grafana', [], 'grafana'],
  ])('%s', (name, verbs, rest) => {
    const found = verbsIn(wordsOf(name));
    expect(found.verbs).toEqual(verbs);
    expect(found.rest.join(' ')).toBe(rest);
  });
});

describe('a brief', () => {
  it('is the first sentence, abbreviations not taken for its end', () => {
    expect(brief('Sets up things, e.g. a proxy. And more.')).toBe('Sets up things, e.g. a proxy.');
    expect(brief('x'.repeat(400), 20)).toHaveLength(20);
  });
});
