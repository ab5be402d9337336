// The expected sets were taken from `ansible <pattern> --list-hosts` on the same inventory.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hosts, resolveHostPattern } from './host-pattern.ts';

const inventory: Hosts = {
  hosts: ['gate', 'web1.lan', 'web2.lan', 'db1', 'db2', 'old'],
  groups: new Map([
    ['web', ['web1.lan', 'web2.lan']],
    ['db', ['db1', 'db2']],
    ['production', ['web1.lan', 'db1', 'db2']],
    ['retired', ['old']],
    ['empty', []],
  ]),
};

describe('a host pattern', () => {
  it.each<[string, string[]]>([
    ['all', ['gate', 'web1.lan', 'web2.lan', 'db1', 'db2', 'old']],
    ['*', ['gate', 'web1.lan', 'web2.lan', 'db1', 'db2', 'old']],
    ['web', ['web1.lan', 'web2.lan']],
    ['web:db', ['web1.lan', 'web2.lan', 'db1', 'db2']],
    ['db,web', ['db1', 'db2', 'web1.lan', 'web2.lan']],
    ['db, gate', ['db1', 'db2', 'gate']],
    ['web:&production', ['web1.lan']],
    ['&production:web', ['web1.lan']],
    ['all:!retired', ['gate', 'web1.lan', 'web2.lan', 'db1', 'db2']],
    ['!retired', ['gate', 'web1.lan', 'web2.lan', 'db1', 'db2']],
    ['production:!db1:!web', ['db2']],
    ['web[0]', ['web1.lan']],
    ['web[-1]', ['web2.lan']],
    ['production[0:1]', ['web1.lan', 'db1']],
    ['production[1:]', ['db1', 'db2']],
    ['web*', ['web1.lan', 'web2.lan']],
    ['*.lan', ['web1.lan', 'web2.lan']],
    ['db?', ['db1', 'db2']],
    ['~(web|db)[12].*', ['web1.lan', 'web2.lan', 'db1', 'db2']],
    ['localhost', ['localhost']],
    ['127.0.0.1', ['127.0.0.1']],
    ['empty', []],
    ['nowhere', []],
    ['', []],
  ])('%s', (pattern, hosts) => {
    expect(resolveHostPattern(pattern, inventory)).toEqual(hosts);
  });

  it('never gives a host twice, nor one that is excluded, nor one outside the inventory', () => {
    const part = fc.constantFrom(
      'web',
      'db',
      'production',
      'retired',
      'all',
      'gate',
      'db1',
      'w*',
      '*.lan',
      'web[0]',
      'nowhere',
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, part, (parts, without, within) => {
        const hosts = resolveHostPattern([...parts, `!${without}`, `&${within}`].join(':'), inventory);
        expect(new Set(hosts).size).toBe(hosts.length);
        const excluded = resolveHostPattern(without, inventory);
        const allowed = resolveHostPattern(within, inventory);
        for (const host of hosts) {
          expect(inventory.hosts).toContain(host);
          expect(excluded).not.toContain(host);
          expect(allowed).toContain(host);
        }
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (pattern) => void resolveHostPattern(pattern, inventory)),
      { numRuns: 50 },
    );
  });
});
