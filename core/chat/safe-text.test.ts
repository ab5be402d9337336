import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../../test/builders/hostile-text.ts';
import { lineCharactersAtMost, safeLine, safeLines, safeText } from './safe-text.ts';

const dangerous = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/u;

test.each([
  ['a title is set', '\u001b]0;owned\u0007name', 'name'],
  ['the screen is wiped', 'a\u001b[2J\u001b[Hb', 'ab'],
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['an 8-bit sequence', '\u009b2Jx', 'x'],
  ['a sequence without an end', 'a\u001b]0;title', 'aitle'],
  ['a sequence hidden by an invisible character', '\u001b\u200b[31mx', '�[31mx'],
  ['a backspace', 'ab\b\bcd', 'ab��cd'],
  ['text that runs backwards', 'a\u202egnp.exe', 'a�gnp.exe'],
  ['invisible characters', 'ap\u200bpro\u00adve\u2060', 'approve'],
  ['tags', 'a\u{e0041}b', 'ab'],
  ['a second line', 'one\r\n╭─ Plan #9\u2028two', 'one ╭─ Plan #9 two'],
  ['marks piled up', `a${'\u0301'.repeat(50)}`, 'a\u0301\u0301'],
  ['half a character', 'a\ud83d', 'a�'],
])('made harmless: %s', (_what, text, shown) => {
  expect(safeLine(text)).toBe(shown);
});

test('nothing that moves, hides or turns around survives, whatever the text', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(safeLine(text)).not.toMatch(dangerous);
      for (const line of safeLines(text)) expect(line).not.toMatch(dangerous);
    }),
  );
});

test('a progress bar that rewrites its line becomes lines', () => {
  expect(safeLines('10 %\r50 %\r100 %\ndone')).toEqual(['10 %', '50 %', '100 %', 'done']);
});

test('a long line is cut, and says how much is missing', () => {
  const [line = ''] = safeLines('x'.repeat(lineCharactersAtMost + 1_234));
  expect(line).toBe(`${'x'.repeat(lineCharactersAtMost)} … (1,234 more characters)`);
});

test('a file takes long lines whole', () => {
  const line = 'x'.repeat(lineCharactersAtMost + 1_234);
  expect(safeText(`${line}\r\n\u001b[31mend\u001b[0m\t\u0007\n`)).toBe(`${line}\nend    �\n`);
  expect(safeText(`${line}\nend\n`)).toBe(`${line}\nend\n`);
});

test('what is harmless in a file is what is harmless in lines', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(safeText(text)).toBe(safeLines(text).join('\n'));
    }),
  );
});
