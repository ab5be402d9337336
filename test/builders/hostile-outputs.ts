// What a playbook may print, or be called, to harm those who read it in a chat.

/** What means something in most chats: markup, what is invisible or runs backwards, what moves a cursor, breaks of lines. */
const anywhere = [
  '```',
  '``',
  '`',
  '```ansi\n',
  '> ',
  '>>> ',
  '# ',
  '-# ',
  '||',
  '**',
  '__',
  '~~',
  '\\',
  '\\`',
  '[ok](https://evil.example)',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u202e',
  '\u2066',
  '\u2069',
  '\u0000',
  '\u0007',
  '\u001b[2J',
  '\u001b]0;t\u0007',
  '\r',
  '\n',
  '\t',
  '\u2028',
  '日本',
  '👩‍👩‍👧',
  'e\u0301',
];

/**
 * Each begins with its number, `h0:` and so on; every hundredth is a line of 50 kB.
 * @param here what means something in the chat that is tested
 */
export function hostileOutputs(count: number, here: readonly string[]): readonly string[] {
  const pieces = [...here, ...anywhere];
  let seed = 1;
  const next = (most: number): number => {
    // Park and Miller's: the same outputs in every run.
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  return Array.from({ length: count }, (_, index) => {
    const text = Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)] ?? '').join(
      next(2) === 0 ? '' : ' ',
    );
    return `h${index}: ${index % 100 === 99 ? text.repeat(Math.ceil(50_000 / text.length)) : text}`;
  });
}
