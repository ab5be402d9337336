// Text from outside as Matrix clients show it: literally, in the plain body and in the HTML alike. Nothing in it becomes a tag, a
// pill, a mention or a link with another face; what is cut is cut between characters.
import { safeLine } from '../../../core/chat/safe-text.ts';
import type { Message } from '../message.ts';

/** A line of a message, for both kinds of clients. `block`: a `<pre>`, which stands on lines of its own. */
export type Line = { readonly text: string; readonly html: string; readonly block?: true };

/** Stands where a client would make a pill or a mention of what follows. What is invisible in the text itself has gone before. */
const breaker = '\u200b';
const graphemes = new Intl.Segmenter();

/** One harmless line of at most so many characters, `…` where something is missing. For a template of `line`. */
export function plain(text: string, charactersAtMost: number): string {
  return cut(withoutPills(safeLine(text).trim()), charactersAtMost);
}

/** A line of a template: what is put in is a line itself, or harmless text. */
export function line(parts: TemplateStringsArray, ...values: readonly (string | number | Line)[]): Line {
  let text = parts[0] ?? '';
  let html = escapeHtml(text);
  for (const [index, value] of values.entries()) {
    const rest = parts[index + 1] ?? '';
    text += (typeof value === 'object' ? value.text : String(value)) + rest;
    html += (typeof value === 'object' ? value.html : escapeHtml(String(value))) + escapeHtml(rest);
  }
  return { text, html };
}

export const nothing: Line = { text: '', html: '' };

export function strong(value: string | Line): Line {
  const { text, html } = line`${value}`;
  return text === '' ? nothing : { text, html: `<strong>${html}</strong>` };
}

/** One line as code: for paths, hashes and commits, which are read character by character. Empty for nothing. */
export function code(text: string, charactersAtMost: number): Line {
  const shown = cut(safeLine(text).trim(), charactersAtMost);
  return shown === '' ? nothing : { text: shown, html: `<code>${escapeHtml(shown)}</code>` };
}

/** Harmless lines as they are, in which clients make nothing of anything. */
export function preformatted(language: 'diff' | 'yaml' | 'json' | '', lines: readonly string[]): Line {
  const text = lines.join('\n');
  const kind = language === '' ? '' : ` class="language-${language}"`;
  return { text, html: `<pre><code${kind}>${escapeHtml(text)}\n</code></pre>`, block: true };
}

/**
 * A sentence that Chiffon says: what it sets in backticks is code, and persons are shown by their ids, which calls nobody by itself.
 */
export function sentence(text: string, charactersAtMost: number): Line {
  const harmless = cut(safeLine(text).trim(), charactersAtMost);
  const parts = harmless.split(/(`[^`]{1,200}`)/);
  return joined(
    parts
      .filter((part) => part !== '')
      .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1), 200) : line`${named(part)}`)),
    '',
  );
}

/** A person or a group as people know them. */
export function who(actor: string): string {
  return cut(named(safeLine(actor).trim()), 80);
}

/** A commit, linked where its address is one. */
export function commitLink(sha: string, url: string | null): Line {
  const face = code(sha.slice(0, 8), 20);
  const shown = face.text === '' ? line`?` : face;
  if (!/^[0-9a-f]+$/.test(sha) || url === null || url.length > 400 || !URL.canParse(url)) return shown;
  if (!/^https?:\/\/[^\s<>"'`\\@]+$/.test(url) || safeLine(url) !== url || isPermalink(url)) return shown;
  return { text: `${shown.text} (${url})`, html: `<a href="${escapeHtml(url)}">${shown.html}</a>` };
}

export function joined(lines: readonly Line[], between: string): Line {
  return {
    text: lines.map(({ text }) => text).join(between),
    html: lines.map(({ html }) => html).join(escapeHtml(between)),
  };
}

export function bodyOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join('\n');
}

function htmlOf(lines: readonly Line[]): string {
  let html = '';
  for (const [index, each] of lines.entries()) {
    const before = lines[index - 1];
    const apart = index > 0 && each.block !== true && before?.block !== true;
    html += `${apart ? '<br>' : ''}${each.html}`;
  }
  return html;
}

/** What both texts take of an event, as JSON. */
export function bytesOf({ text, html }: Line): number {
  return Buffer.byteLength(JSON.stringify(text)) + Buffer.byteLength(JSON.stringify(html)) + 8;
}

/** A message of text alone. */
export function messageOf(lines: readonly Line[], more: Partial<Message> = {}): Message {
  return { body: bodyOf(lines), html: htmlOf(lines), mentions: [], quiet: true, file: null, plan: null, ...more };
}

/** What the adapter says by itself. */
export function ownSentence(text: string): Message {
  return messageOf([sentence(text, 1_000)]);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Clients make pills of ids, aliases and links to them, and a mention of everybody of one word. */
function withoutPills(text: string): string {
  return text
    .replace(/@(?=room\b)/gi, `@${breaker}`)
    .replace(/(?<![\w.%-])([@#!+])(?=[^\s:@#!+]{1,255}:[A-Za-z0-9[])/g, `$1${breaker}`)
    .replace(/(matrix)(\.to)\b/gi, `$1${breaker}$2`)
    .replace(/\b(matrix:)(?=\/*(?:u|user|r|room|roomid|e|event)\/)/gi, `$1${breaker}`)
    .replace(/(\/#)(?=\/(?:user|room|group)\/)/gi, `$1${breaker}`);
}

function isPermalink(url: string): boolean {
  return withoutPills(url) !== url;
}

/** In Chiffon's own words: ids of persons of Matrix without the platform before them, which clients may show by name. */
function named(text: string): string {
  return text.replace(/(^|[\s(])matrix:(?=@[!-9;-~]+:)/g, '$1');
}

function cut(text: string, charactersAtMost: number): string {
  if (text.length <= charactersAtMost) return text;
  let kept = '';
  for (const { segment } of graphemes.segment(text.slice(0, charactersAtMost + 50))) {
    if (kept.length + segment.length > charactersAtMost - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
