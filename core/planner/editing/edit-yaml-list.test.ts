import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { addToList, diffOf, takeFromList } from './edit-yaml-list.ts';

const item = { name: 'New', url: 'https://new.lab' };

function added(before: string, path: readonly string[] = ['list'], items = [item]): string {
  const edit = addToList(before, path, items);
  return edit.type === 'edited' ? edit.after : edit.type === 'unchanged' ? '(unchanged)' : `(impossible: ${edit.why})`;
}

describe('adding to a list', () => {
  it('comes after the last item, in its style, and leaves comments alone', () => {
    expect(
      added('# head\nlist:\n  # first\n  - name: A # x\n    url: https://a\n    # of A\n\n# tail\nother: 1\n'),
    ).toBe(
      '# head\nlist:\n  # first\n  - name: A # x\n    url: https://a\n    # of A\n  - name: New\n    url: https://new.lab\n\n# tail\nother: 1\n',
    );
  });

  it('keeps items that are not indented under their key', () => {
    expect(added('list:\n- name: A\n  url: https://a\nother: 1\n')).toBe(
      'list:\n- name: A\n  url: https://a\n- name: New\n  url: https://new.lab\nother: 1\n',
    );
  });

  it('keeps wide dashes and a blank line between items', () => {
    expect(added('list:\n  -   name: A\n      url: a\n\n  -   name: B\n      url: b\n')).toBe(
      'list:\n  -   name: A\n      url: a\n\n  -   name: B\n      url: b\n\n  -   name: New\n      url: https://new.lab\n',
    );
  });

  it('quotes as the items there are quoted', () => {
    expect(added('list:\n  - name: "A"\n    url: "https://a"\n')).toContain(
      '  - name: "New"\n    url: "https://new.lab"\n',
    );
    expect(added("list:\n  - name: 'A'\n    url: 'https://a'\n")).toContain(
      "  - name: 'New'\n    url: 'https://new.lab'\n",
    );
  });

  it('writes flow items where the items are flow', () => {
    expect(added('list:\n  - { name: A, url: a }\n')).toBe(
      'list:\n  - { name: A, url: a }\n  - { name: New, url: https://new.lab }\n',
    );
  });

  it('goes on with a flow list on its line', () => {
    const after = added('list: [{ name: A, url: a }] # short\n');
    expect(after).toMatch(/^list: \[\{ name: A, url: a \}, .*\] # short\n$/);
    expect(parse(after)).toEqual({ list: [{ name: 'A', url: 'a' }, item] });
  });

  it('turns an empty list into a block', () => {
    expect(added('a: 1\nlist: []\nb: 2\n')).toBe('a: 1\nlist:\n  - name: New\n    url: https://new.lab\nb: 2\n');
    expect(added('a:\n  list: []\n', ['a', 'list'])).toBe('a:\n  list:\n    - name: New\n      url: https://new.lab\n');
    expect(parse(added('list: [] # none yet\n'))).toEqual({ list: [item] });
  });

  it('fills a key without a value, and adds a key that is missing', () => {
    expect(added('list:\nother: 1\n')).toBe('list:\n  - name: New\n    url: https://new.lab\nother: 1\n');
    expect(added('list: null\n')).toBe('list:\n  - name: New\n    url: https://new.lab\n');
    expect(added('other: 1\n')).toBe('other: 1\nlist:\n  - name: New\n    url: https://new.lab\n');
    expect(added('')).toBe('list:\n  - name: New\n    url: https://new.lab\n');
    expect(added('---\n# nothing here\n')).toBe(
      '---\n# nothing here\nlist:\n  - name: New\n    url: https://new.lab\n',
    );
  });

  it('keeps a file without a last line end, and Windows line ends', () => {
    expect(added('list:\n  - name: A\n    url: a')).toBe(
      'list:\n  - name: A\n    url: a\n  - name: New\n    url: https://new.lab',
    );
    expect(added('list:\r\n  - name: A\r\n    url: a\r\nb: 1\r\n')).toBe(
      'list:\r\n  - name: A\r\n    url: a\r\n  - name: New\r\n    url: https://new.lab\r\nb: 1\r\n',
    );
  });

  it('works on a list at the root', () => {
    expect(added('- name: A\n  url: a\n', [])).toBe('- name: A\n  url: a\n- name: New\n  url: https://new.lab\n');
    expect(added('[]\n', [])).toBe('- name: New\n  url: https://new.lab\n');
  });

  it('keeps a multi-line last item whole', () => {
    const before = 'list:\n  - name: A\n    note: |\n      two\n      lines\nother: 1\n';
    expect(added(before)).toBe(
      'list:\n  - name: A\n    note: |\n      two\n      lines\n  - name: New\n    url: https://new.lab\nother: 1\n',
    );
  });

  it('refuses what is no list, no YAML, or not there deeper down', () => {
    expect(added('list: 3\n')).toContain('impossible');
    expect(added('list: {a: [}\n')).toContain('impossible');
    expect(added('a: 1\n', ['x', 'y'])).toContain('impossible');
    expect(added('{list: {}}\n')).toContain('impossible');
  });

  it('changes nothing when nothing is added', () => {
    expect(added('list: []\n', ['list'], [])).toBe('(unchanged)');
  });

  it('only ever adds, whatever the file holds', () => {
    const text = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ./:#'"-]{0,12}[a-z]$/);
    const entry = fc.record({ name: text, url: text, n: fc.integer() });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 4 }),
        fc.array(entry, { minLength: 1, maxLength: 3 }),
        fc.constantFrom({}, { indentSeq: false }, { defaultStringType: 'QUOTE_DOUBLE' as const }, { indent: 4 }),
        fc.boolean(),
        (old, fresh, style, ended) => {
          const written = `# head\n${stringify({ before: { a: 1 }, list: old, after: ['x'] }, style)}`;
          const before = ended ? written : written.replace(/\n$/, '');
          const after = added(before, ['list'], fresh);
          expect(parse(after)).toEqual({ before: { a: 1 }, list: [...old, ...fresh], after: ['x'] });
          const gone = diffOf('f.yml', before, after)
            .split('\n')
            .filter((line) => line.startsWith('-') && !line.startsWith('---'));
          expect(gone.filter((line) => !/^-"?list"?: \[\]$/.test(line))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('taking from a list', () => {
  const isB = (entry: unknown): boolean =>
    typeof entry === 'object' && entry !== null && 'name' in entry && entry.name === 'B';

  it('takes the item with the comments above it, and nothing else', () => {
    const edit = takeFromList(
      'list:\n  - name: A\n  # about B\n  - name: B\n    url: b\n  - name: C\n# tail\n',
      ['list'],
      isB,
    );
    expect(edit).toEqual({ type: 'edited', after: 'list:\n  - name: A\n  - name: C\n# tail\n' });
  });

  it('takes the last item', () => {
    const edit = takeFromList('list:\n  - name: A\n  - name: B\n', ['list'], isB);
    expect(edit).toEqual({ type: 'edited', after: 'list:\n  - name: A\n' });
  });

  it('leaves the file alone where there is no such item, and does not empty a list', () => {
    expect(takeFromList('list:\n  - name: A\n', ['list'], isB).type).toBe('unchanged');
    expect(takeFromList('list:\n  - name: B\n', ['list'], isB).type).toBe('impossible');
  });
});

describe('the diff', () => {
  it('has the headers of git and three lines around the change', () => {
    const before = 'a: 1\nb: 2\nc: 3\nd: 4\nlist:\n  - x\n';
    expect(diffOf('config/x.yml', before, `${before}  - y\n`)).toBe(
      '--- a/config/x.yml\n+++ b/config/x.yml\n@@ -4,3 +4,4 @@\n d: 4\n list:\n   - x\n+  - y\n',
    );
  });
});
