// Whatever a repository holds, reading it gives a catalogue: no throw, no endless work.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, snapshotOf } from '../../test/builders/snapshots.ts';
import { catalogueJson } from './catalogue-json.ts';
import { readCatalogue } from './read-catalogue.ts';

const paths = fc.constantFrom(
  'site.yml',
  'playbooks/deploy.yml',
  'ansible.cfg',
  'hosts',
  'inventory/hosts.yml',
  'inventory/group_vars/all.yml',
  'host_vars/web1.yml',
  'roles/web/tasks/main.yml',
  'roles/web/defaults/main.yml',
  'roles/web/meta/argument_specs.yml',
  'roles/web/meta/main.yml',
  'stacks/web/compose.yml',
  'config/traefik/dynamic.yml',
  'config/monitors.yml',
  'Caddyfile',
  'nginx/sites-enabled/web.conf',
  'haproxy.cfg',
  'README.md',
);

const word = fc.constantFrom(
  '- hosts: all',
  'hosts',
  'all',
  'roles:',
  '- role: web',
  'tasks:',
  '- import_tasks: main.yml',
  '- include_role:',
  '    name: "{{ app }}"',
  'tags: [a, never]',
  'when: web_enabled | default(false)',
  '{{ x }}',
  "{{ lookup('file', 'a') }}",
  '{% for a in b %}',
  '# chiffon:',
  '#   title: x',
  '#   inputs: {a: 1}',
  '[web:children]',
  '[web]',
  'web[01:99]',
  'a=b',
  '&x',
  '*x',
  '<<: *x',
  '!vault |',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  '-',
  '\t',
  '|',
  '>',
  'plugin: x',
  'argument_specs:',
  'options:',
  'import_playbook: site.yml',
  'Host(`a.b`)',
  'server_name a.b;',
  'rule: Host(`{{ a }}.b`)',
  'vars_prompt:',
  '  - name: x',
  'loop: "{{ list }}"',
  'list: [a, b]',
  '\u0000',
  '\uFFFD',
  '---',
  '...',
  'constructor',
  '__proto__: 1',
);

const line = fc
  .tuple(fc.constantFrom('', '  ', '    ', '      ', '# '), fc.array(word, { maxLength: 4 }))
  .map(([indent, words]) => indent + words.join(' '));
const content = fc.oneof(
  fc.array(line, { maxLength: 25 }).map((lines) => lines.join('\n')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

describe('reading garbage', () => {
  it('never throws, and gives JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(paths, content, { maxKeys: 8 }), (files) => {
        const catalogue = readCatalogue(snapshotOf(files));
        JSON.stringify(catalogueJson(catalogue));
      }),
      { numRuns: 200 },
    );
  });

  it('survives any line of a good repository being lost, doubled or changed', () => {
    const good = [...fixture('site-roles').files, ...fixture('playbook-per-job').files];
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.nat(60),
        fc.constantFrom('lose', 'double', 'garble', 'indent'),
        (file, at, how) => {
          const files = Object.fromEntries(good);
          const [path = '', text = ''] = good[file] ?? [];
          const lines = text.split('\n');
          const index = at % lines.length;
          const old = lines[index] ?? '';
          lines.splice(
            index,
            1,
            ...(how === 'lose'
              ? []
              : how === 'double'
                ? [old, old]
                : how === 'indent'
                  ? [`   ${old}`]
                  : [old.replace(/[:[\]"]/g, '{')]),
          );
          const catalogue = readCatalogue(snapshotOf({ ...files, [path]: lines.join('\n') }));
          expect(catalogue.findings.every((finding) => finding.line >= 1)).toBe(true);
        },
      ),
      { numRuns: 80 },
    );
  });
});
