import { describe, expect, it } from 'vitest';
import { at, jsonOf, parseYaml, textOf, type YamlNode } from './yaml-tree.ts';

const only = (text: string): YamlNode | undefined => parseYaml(text).documents[0];
const json = (text: string): unknown => {
  const root = only(text);
  return root === undefined ? undefined : jsonOf(root);
};

describe('a YAML file', () => {
  it('knows the line of every key and item', () => {
    const root = only('# head\n---\na: 1\n\nlist:\n  - x\n  - key: >-\n      folded\n      text\n    last: z\n');
    expect(at(root, 'a')?.line).toBe(3);
    expect(root?.kind === 'map' && root.entries.get('list')?.line).toBe(5);
    const list = at(root, 'list');
    expect(list?.kind === 'list' && list.items.map((item) => item.line)).toEqual([6, 7]);
    const second = list?.kind === 'list' ? list.items[1] : undefined;
    expect(second?.kind === 'map' && second.entries.get('last')?.line).toBe(10);
    expect(textOf(at(second, 'key'))).toBe('folded text');
  });

  it('is read by the rules of YAML 1.1, as PyYAML reads it', () => {
    expect(json('[yes, No, on, OFF, true, y, n, ~, null, "yes"]')).toEqual([
      true,
      false,
      true,
      false,
      true,
      'y',
      'n',
      null,
      null,
      'yes',
    ]);
    expect(json('[0644, 0x1F, 1_000, 22:30, 1.5, .5, 1e3, 09, 2024-01-01, 1.2.3]')).toEqual([
      420,
      31,
      1000,
      1350,
      1.5,
      0.5,
      '1e3',
      '09',
      '2024-01-01',
      '1.2.3',
    ]);
  });

  it('keeps what a scalar looks like in the file', () => {
    expect(textOf(at(only('mode: 0644'), 'mode'))).toBe('0644');
  });

  it('merges with <<, own keys winning', () => {
    expect(json('base: &b {a: 1, b: 2}\nmine: {<<: *b, b: 3}')).toEqual({ base: { a: 1, b: 2 }, mine: { b: 3, a: 1 } });
  });

  it('marks vaulted values and decodes none', () => {
    const node = at(only('token: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n'), 'token');
    expect(node).toMatchObject({ kind: 'scalar', vaulted: true, value: null, source: '' });
  });

  it('reads through tags of its own', () => {
    expect(json('a: !unsafe "{{ x }}"\nb: !reference [x, y]\nc: !custom {d: 1}')).toEqual({
      a: '{{ x }}',
      b: ['x', 'y'],
      c: { d: 1 },
    });
  });

  it('holds several documents', () => {
    expect(parseYaml('---\na: 1\n---\n- b\n').documents.map(jsonOf)).toEqual([{ a: 1 }, ['b']]);
  });

  it.each([
    ['a: b\n c: d\n', 2],
    ['a: [1\nb: 2\n', 2],
    ['x: 1\nmsg: {{ oops }}\n', 2],
    ['a: *nowhere\n', 1],
    ['\ta: 1\n', 1],
  ])('with a mistake has no documents, and says where: %j', (text, line) => {
    const { documents, problems } = parseYaml(text);
    expect(documents).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.line).toBe(line);
  });

  it('of a billion laughs is refused in no time', () => {
    const laughs = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'
        .split('')
        .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
    ].join('\n');
    expect(parseYaml(laughs).problems[0]?.message).toMatch(/stands for more than/);
  });

  it('nested too deeply is refused', () => {
    expect(parseYaml(`${'['.repeat(2000)}${']'.repeat(2000)}`).problems).toHaveLength(1);
  });

  it('that is empty or only comments holds nothing', () => {
    expect(parseYaml('')).toEqual({ documents: [], problems: [] });
    expect(parseYaml('# nothing\n---\n')).toEqual({ documents: [], problems: [] });
  });
});
