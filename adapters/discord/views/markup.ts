// Text from outside as Discord shows it: literally. Nothing in it becomes a mention, a heading, a link with another face,
// a fence's end; what is cut is cut between characters, and never in the middle of an escape.
import { safeLine } from '../../../core/chat/safe-text.ts';

/** Stands where a mention would begin. Discord's own libraries break mentions so; what is invisible in the text itself has gone before. */
const breaker = '\u200b';
const person = /discord:(\d{15,20})(?!\d)/y;
const role = /discord-role:(\d{15,20})(?!\d)/y;
/** What can be tapped: plain addresses only, shown as they are, and without a preview. */
const address = /https?:\/\/[A-Za-z0-9][A-Za-z0-9.:-]*(?:\/[A-Za-z0-9./_~%?=&#+,;-]*)?/y;
const block = /^(?:#{1,3}(?=\s|$)|>|[-+](?=[\s#]|$)|\d+(?=[.)](?:\s|$)))/;
const codeSpan = /`([^`\s](?:[^`]{0,78}[^`\s])?)`/y;
const graphemes = new Intl.Segmenter();

/** One harmless line of at most so many characters, `…` where something is missing. */
export function plain(text: string, charactersAtMost: number): string {
  return cut(tokensOf(enough(text, charactersAtMost), false), charactersAtMost);
}

/**
 * The same of a sentence that Chiffon says: what it sets in backticks is code, and persons are shown by their names, which
 * pings nobody by itself.
 */
export function sentence(text: string, charactersAtMost: number): string {
  return cut(tokensOf(enough(text, charactersAtMost), true), charactersAtMost);
}

/** One line as code: for paths, hashes and commits, which are read character by character. Empty for nothing. */
export function code(text: string, charactersAtMost: number): string {
  const line = breakMentions(safeLine(text).trim().replaceAll('`', "'"));
  return line === '' ? '' : `\`${cut(split(line), charactersAtMost - 2)}\``;
}

/** Harmless lines in a fence, which nothing in them can end. */
export function fence(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines.map(inFence), '```'].join('\n');
}

/** A harmless line as it stands in a fence. */
export function inFence(line: string): string {
  return breakMentions(line).replace(/`(?=`)/g, `\`${breaker}`);
}

/** Discord shows the name to it; whether it pings is said beside the content, by a message's `pings`. */
export function who(actor: string): string {
  return sentence(actor, 40);
}

/** Whom a message pings for this actor: only persons of Discord can be. */
export function pingOf(actor: string): readonly string[] {
  const found = /^discord:(\d{15,20})$/.exec(actor)?.[1];
  return found === undefined ? [] : [found];
}

/** A commit, linked where its address is one. */
export function commitLink(sha: string, url: string | null): string {
  const face = sha.slice(0, 8);
  const label = code(face, 20) || plain('?', 1);
  if (!/^[0-9a-f]+$/.test(face) || url === null || url.length > 400 || !/^https?:\/\/[^\s<>()[\]\\@`]+$/.test(url))
    return label;
  if (!URL.canParse(url) || safeLine(url) !== url) return label;
  return `[${face}](<${url}>)`;
}

/** Harmless words for a button or an option, where Discord reads no markup. */
export function label(text: string, charactersAtMost: number): string {
  return cut(split(breakMentions(safeLine(text).trim())), charactersAtMost);
}

/** A harmless line of code, its indentation kept. */
export function codeLine(line: string, charactersAtMost: number): string {
  return line.length <= charactersAtMost ? line : cut(split(line), charactersAtMost);
}

function breakMentions(text: string): string {
  return text.replace(/<(?=[@#:/]|[a-z]{1,8}:)/gi, `<${breaker}`).replace(/@(?=everyone|here)/gi, `@${breaker}`);
}

/** As much of a harmless line as can be shown: no name or mark of it gets shorter by half. */
function enough(text: string, charactersAtMost: number): string {
  return safeLine(text)
    .trim()
    .slice(0, 2 * charactersAtMost + 100);
}

/** Characters, each with what makes it literal; an address or a person is one of them. */
function tokensOf(text: string, own: boolean): readonly string[] {
  const start = block.exec(text)?.[0] ?? '';
  if (/^[\w ,.…“”'();=/$%!?·—–+\]-]*$/u.test(text) && start === '' && !text.includes('_') && !own) return split(text);
  // A list's number keeps its face when its dot is escaped; the other marks are escaped themselves.
  const escapedAt = start === '' ? -1 : /^\d/.test(start) ? start.length : 0;
  const tokens: string[] = [];
  let at = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    if (index < at) continue;
    const whole = wholeAt(text, index, own);
    const shown = literal(segment, text[index - 1] ?? ' ', text.slice(index, index + 12));
    tokens.push(whole?.shown ?? (index === escapedAt ? `\\${segment}` : shown));
    at = index + (whole?.length ?? segment.length);
  }
  return tokens;
}

function wholeAt(text: string, index: number, own: boolean): { shown: string; length: number } | null {
  const find = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = index;
    return pattern.exec(text);
  };
  const before = text[index - 1] ?? ' ';
  if (text[index] === 'h' && /[^A-Za-z0-9_]/.test(before)) {
    const found = find(address)?.[0].replace(/[.,;:?]+$/, '');
    // An accent on its last letter would be lost.
    const goesOn = found !== undefined && /\p{M}/u.test(text[index + found.length] ?? ' ');
    if (found !== undefined && !goesOn && !/__|~~/.test(found)) return { shown: `<${found}>`, length: found.length };
  }
  if (!own) return null;
  const quoted = find(codeSpan);
  if (quoted !== null) return { shown: code(quoted[1] ?? '', 100), length: quoted[0].length };
  if (text[index] !== 'd' || /[^\s(]/.test(before)) return null;
  const named = find(person);
  if (named !== null) return { shown: `<@${named[1] ?? ''}>`, length: named[0].length };
  const group = find(role);
  return group === null ? null : { shown: `<@&${group[1] ?? ''}>`, length: group[0].length };
}

function literal(character: string, before: string, rest: string): string {
  const next = rest[1] ?? ' ';
  switch (rest[0]) {
    case '\\':
    case '*':
    case '`':
    case '|':
    case '[':
    // Within a word it is literal by itself, until a later one, in a path or a diff, makes it the begin of something.
    case '_':
      return `\\${character}`;
    case '~':
      return before === '~' || next === '~' ? `\\${character}` : character;
    case ':':
      return next === '/' ? `\\${character}` : character;
    case '<':
      return isMention(rest) ? `\\<${breaker}` : `\\${character}`;
    case '@':
      return isMention(rest) ? `@${breaker}` : character;
    default:
      return character;
  }
}

function isMention(rest: string): boolean {
  return breakMentions(rest)[1] === breaker;
}

function split(text: string): readonly string[] {
  return /^[ -~]*$/.test(text) ? text.split('') : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function cut(tokens: readonly string[], charactersAtMost: number): string {
  const whole = tokens.join('');
  if (whole.length <= charactersAtMost) return whole;
  const kept: string[] = [];
  let size = 1;
  for (const token of tokens) {
    size += token.length;
    if (size > charactersAtMost) break;
    kept.push(token);
  }
  while (kept.at(-1) === ' ') kept.pop();
  return `${kept.join('')}…`;
}
