import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileText } from '../../../test/builders/hostile-text.ts';
import { code, codeLine, commitLink, fence, pingOf, plain, sentence, who } from './markup.ts';

const ada = '112233445566778899';
const zero = '\u200b';

describe('text from outside is literal', () => {
  test.each([
    ['everyone', 'hello @everyone and @here', `hello @${zero}everyone and @${zero}here`],
    ['a person', `<@${ada}> <@!${ada}>`, `\\<${zero}@${ada}> \\<${zero}@!${ada}>`],
    ['a role and a channel', '<@&1> <#2>', `\\<${zero}@&1> \\<${zero}#2>`],
    ['a command, a time, an emoji', '</do:1> <t:1:R> <a:x:1>', `\\<${zero}/do:1> \\<${zero}t:1:R> \\<${zero}a:x:1>`],
    [
      'emphasis',
      '**bold** __line__ ~~gone~~ ||spoiler||',
      '\\*\\*bold\\*\\* \\_\\_line\\_\\_ \\~\\~gone\\~\\~ \\|\\|spoiler\\|\\|',
    ],
    ['code', '`x` ```y```', '\\`x\\` \\`\\`\\`y\\`\\`\\`'],
    ['a link with another face', '[bank](https://evil.example/x)', '\\[bank](<https://evil.example/x>)'],
    ['a heading', '# big', '\\# big'],
    ['small print', '-# small', '\\-# small'],
    ['a quote', '>>> all of it', '\\>>> all of it'],
    ['a list', '- one', '\\- one'],
    ['a numbered list', '12. one', '12\\. one'],
    ['an escape', '\\*x', '\\\\\\*x'],
    ['a second line', 'one\n# two', 'one # two'],
    ['a number of a task', '#7 is done', '#7 is done'],
    ['an address of mail', 'ada@example.org', 'ada@example.org'],
    ['an address', 'see https://a.example/b_c?d=1.', 'see <https://a.example/b_c?d=1>.'],
    ['an address that would mark something', 'https://a.example/__b__', 'https\\://a.example/\\_\\_b\\_\\_'],
    ['colours and what is hidden', '\u001b[31mred\u001b[0m a\u202eb\u2060c', 'red a�bc'],
  ])('%s', (_what, text, shown) => {
    expect(plain(text, 200)).toBe(shown);
  });

  test('no person is named by it, and in a sentence of Chiffon one is', () => {
    expect(plain(`ask discord:${ada}`, 200)).toBe(`ask discord:${ada}`);
    expect(sentence(`Ask discord:${ada} or discord-role:${ada}, then \`resume #7\`.`, 200)).toBe(
      `Ask <@${ada}> or <@&${ada}>, then \`resume #7\`.`,
    );
    expect(sentence(`who: ['discord:${ada}']`, 200)).toBe(`who: \\['discord:${ada}']`);
  });

  test('it is never longer than there is room, and no escape is cut', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 30 }), (text, room) => {
        for (const shown of [plain(text, room), sentence(text, room)]) {
          expect(shown.length).toBeLessThanOrEqual(room);
          expect(shown).not.toMatch(/(?<!\\)(?:\\\\)*\\…/);
        }
      }),
    );
    expect(plain('***********', 6)).toBe('\\*\\*…');
    expect(plain('https://a.example/b and more', 20)).toBe('…');
  });
});

test('code holds one line, and ends where Chiffon ends it', () => {
  expect(code('a`b\nc', 20)).toBe("`a'b c`");
  expect(code('x'.repeat(30), 10)).toBe(`\`${'x'.repeat(7)}…\``);
  expect(code(' \u200b ', 10)).toBe('');
});

test('nothing ends a fence from within', () => {
  expect(fence('diff', ['+ ```', '+ @everyone'])).toBe(
    `\`\`\`diff\n+ \`${zero}\`${zero}\`\n+ @${zero}everyone\n\`\`\``,
  );
  expect(codeLine('  indented', 6)).toBe('  ind…');
});

test('only a commit with a real address is linked', () => {
  const sha = '9c1d22e8b1c04f7a';
  expect(commitLink(sha, 'https://git.example/c/9c1d22e8')).toBe('[9c1d22e8](<https://git.example/c/9c1d22e8>)');
  for (const url of [
    null,
    'javascript:alert(1)',
    'ssh://git.example/x',
    'https://a b',
    'https://a.example/)[x',
    'https://',
  ])
    expect(commitLink(sha, url)).toBe('`9c1d22e8`');
  expect(commitLink('x](y', 'https://git.example/c')).toBe('`x](y`');
});

test('only persons of Discord are pinged', () => {
  expect(pingOf(`discord:${ada}`)).toEqual([ada]);
  for (const actor of ['terminal:local', 'discord:x', `discord-role:${ada}`, `discord:${ada}0000000`])
    expect(pingOf(actor)).toEqual([]);
  expect(who('matrix:@ada:example.org')).toBe('matrix:@ada:example.org');
});
