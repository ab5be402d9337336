import { describe, expect, it } from 'vitest';
import { readCatalogue } from './read-catalogue.ts';
import { fixture } from './test-snapshot.ts';

describe('a site.yml with roles and tags', () => {
  const catalogue = readCatalogue(fixture('site-roles'));
  const action = (id: string) => catalogue.actions.find((one) => one.id === id);

  it('offers the whole playbook and each tag that selects something by itself', () => {
    expect(catalogue.actions.map((one) => one.id)).toEqual([
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

  it('resolves the hosts of the play that a tag stands in', () => {
    expect(action('site.yml#nginx')?.hosts).toEqual(['web01.lan', 'web02.lan', 'web03.lan']);
    expect(action('site.yml#uptime-kuma')?.hosts).toEqual(['mon.lan']);
  });
});
