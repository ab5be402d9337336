// Text of people, models and programs put into Markdown so that it shows as what it is, whatever it holds.

/** A sentence: no mark-up of its own, no links, one line. */
export function plain(text: string): string {
  return visible(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\\`*_[\]<>|~&]/g, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+#=]/, '\\$&')
    .replace(/(?<=\w)(:\/\/|@)(?=\w)/g, '\\$1')
    .replace(/\bwww(?=\.)/gi, '$&\\');
}

/** A name or a value, in one line. */
export function code(text: string): string {
  const line = visible(text).replace(/\n/g, ' ');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const room = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : '';
  return `${ticks}${room}${line}${room}${ticks}`;
}

/** Several lines, exactly as they are. */
export function fenced(text: string, language = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${visible(text).replace(/\n$/, '')}\n${fence}`;
}

/** Control characters, and those that turn the direction of writing, as their numbers: `\u{202e}`. Line breaks and tabs stay. */
export function visible(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(hidden, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
