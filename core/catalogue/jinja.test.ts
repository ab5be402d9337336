import { describe, expect, it } from 'vitest';
import { referencesInExpression, referencesInText, substitute } from './jinja.ts';

const names = (text: string): readonly string[] => referencesInText(text).map((reference) => reference.name);
const bare = (text: string): readonly string[] => referencesInExpression(text).map((reference) => reference.name);

describe('variables of a template', () => {
  it('are what it uses, not filters, tests, attributes, keyword arguments or strings', () => {
    expect(names("{{ a.b | default(c) | map(attribute='d') | join(', ') }} and {{ e['f'] is match('g') }}")).toEqual([
      'a',
      'c',
      'e',
    ]);
    expect(bare("not (x | bool) and y in groups['web'] or 'z' == w")).toEqual(['x', 'y', 'groups', 'w']);
    expect(names("{{ lookup('file', path) }}")).toEqual(['path']);
  });

  it('leave out those that the template binds itself', () => {
    expect(names('{% for item in items %}{{ item.name }} {{ other }}{% endfor %}{% set x = y %}{{ x }}')).toEqual([
      'items',
      'other',
      'y',
    ]);
  });

  it('tell whether a default stands behind them, and which', () => {
    expect(
      referencesInText(
        "{{ a | default('x') }} {{ b | d(5) | int }} {{ c | default(true) }} {{ d | default(e) }} {{ f }}",
      ),
    ).toMatchObject([
      { name: 'a', defaulted: true, default: 'x' },
      { name: 'b', defaulted: true, default: 5 },
      { name: 'c', defaulted: true, default: true },
      { name: 'd', defaulted: true },
      { name: 'e', defaulted: false },
      { name: 'f', defaulted: false },
    ]);
  });

  it('tell whether they are demanded, tested, or taken for true or false', () => {
    expect(referencesInText('{{ a | mandatory }}')[0]).toMatchObject({ mandatory: true });
    expect(referencesInExpression('b is defined')[0]).toMatchObject({ tested: true });
    expect(referencesInExpression('c is not defined')[0]).toMatchObject({ tested: true });
    expect(referencesInExpression('d | bool')[0]).toMatchObject({ asBoolean: true });
  });
});

describe('substitution', () => {
  const known: Record<string, string> = {
    host: 'grafana',
    domain: '{{ zone }}',
    zone: 'lab.example',
    loop: '{{ loop }}',
  };
  const put = (text: string): string | undefined =>
    substitute(text, (name, path) => (path.length === 0 ? known[name] : undefined));

  it('puts known values in, and values of values', () => {
    expect(put('{{ host }}.{{ domain }}')).toBe('grafana.lab.example');
    expect(put("{{ unknown | default('wiki') }}.x")).toBe('wiki.x');
    expect(put('plain')).toBe('plain');
  });

  it.each([
    '{{ unknown }}',
    '{{ host.name }}',
    '{{ host ~ domain }}',
    '{% if a %}b{% endif %}',
    '{{ loop }}',
    '{{ host | upper }}',
  ])('gives nothing for %s', (text) => {
    expect(put(text)).toBeUndefined();
  });
});
