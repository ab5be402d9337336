import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../test/builders/snapshots.ts';
import { headerKeys } from './header.ts';
import { readCatalogue } from './read-catalogue.ts';
import { verbTable } from './verbs.ts';

const catalogue = readCatalogue(fixture('headers'));
const action = (id: string) => catalogue.actions.find((one) => one.id === id);
const findings = (path: string) => catalogue.findings.filter((finding) => finding.path === path);

describe('a chiffon header', () => {
  it('wins over what is inferred', () => {
    expect(action('restart.yml')).toMatchObject({
      title: 'Restart a service',
      description: 'Restarts the containers of one service.',
      subject: 'service',
      verbs: ['restart'],
      risk: 'medium',
      idempotent: true,
      estimatedMs: 40_000,
      timeoutMs: 5_400_000,
    });
    expect(action('restart.yml')?.aliases).toContain('bounce it');
  });

  it('declares inputs', () => {
    expect(action('restart.yml')?.inputs).toEqual([
      {
        name: 'service',
        type: 'str',
        required: true,
        choices: ['grafana', 'gitea'],
        description: 'Which one.',
        aliases: ['app'],
        secret: false,
        source: { path: 'restart.yml', line: 4 },
      },
      {
        name: 'wait',
        type: 'int',
        required: false,
        default: 5,
        description: '',
        aliases: [],
        secret: false,
        source: { path: 'restart.yml', line: 4 },
      },
      {
        name: 'token',
        type: 'str',
        required: false,
        description: '',
        aliases: [],
        secret: true,
        source: { path: 'restart.yml', line: 4 },
      },
    ]);
  });

  it('has its mistakes named by line, and the rest of it stands', () => {
    expect(findings('restart.yml').map((finding) => [finding.line, finding.message.slice(0, 40)])).toEqual([
      [24, 'the chiffon header has no key `colour`; '],
      [25, 'the chiffon header has no key `risc`; it'],
    ]);
    expect(findings('bad-yaml.yml')[0]?.message).toMatch(/no valid YAML/);
    expect(action('bad-yaml.yml')).toBeDefined();
  });

  it('may stand above a role entry, or in a role, where it speaks for every use of the role', () => {
    expect(action('site.yml#grafana')).toMatchObject({ title: 'Put Grafana in place', aliases: ['graphs'] });
    expect(action('site.yml#gitea')).toMatchObject({ description: 'Git for everybody.', risk: 'high' });
  });

  it('hides what is not to be offered', () => {
    expect(action('prepare.yml')).toBeUndefined();
    expect(action('site.yml#secret_things')).toBeUndefined();
  });

  it('is not taken for a description or for documented variables', () => {
    expect(action('restart.yml')?.inputs).toHaveLength(3);
  });
});

describe('docs/catalogue.md', () => {
  const page = readFileSync(new URL('../../docs/catalogue.md', import.meta.url), 'utf8');

  it('documents every key of a header', () => {
    const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);
    for (const key of headerKeys) expect(documented).toContain(key);
  });

  it('names every verb', () => {
    const verbs = /^\| `verbs` \| what it does, the main one first: (.*) \|$/m.exec(page)?.[1]?.split(', ');
    expect(verbs?.toSorted()).toEqual(Object.keys(verbTable).toSorted());
  });
});
