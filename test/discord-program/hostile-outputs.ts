// What a playbook may print, or be called, to harm those who read it in Discord.

export type Victims = { readonly user: string; readonly role: string; readonly channel: string };

/** Each begins with its number, `h0:` and so on; every hundredth is a line of 50 kB. */
export function hostileOutputs(count: number, { user, role, channel }: Victims): readonly string[] {
  const pieces = [
    ...['@everyone', '@here', `<@${user}>`, `<@!${user}>`, `<@&${role}>`, `<#${channel}>`, '</do:1>', '<t:0:R>'],
    ...[
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
    ],
    ...[
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
    ],
    ...[
      '\r',
      '\n',
      '\t',
      '\u2028',
      '日本',
      '👩‍👩‍👧',
      'e\u0301',
      '@\u200beveryone',
      '@everyone'.split('').join('\u200b'),
      'https://discord.gg/x',
    ],
  ];
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
