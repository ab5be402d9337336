// A request as tokens: words, numbers, versions, paths, addresses, quoted text and the marks between them. Text as
// written is kept, since a value must reach Ansible exactly as it was typed. First stage of reading.
import { fold } from '../words/nearness.ts';

export type TokenKind =
  | 'word'
  | 'number'
  | 'quantity'
  | 'version'
  | 'url'
  | 'path'
  | 'address'
  | 'quoted'
  | 'secret'
  | 'mark';

export type Token = {
  readonly kind: TokenKind;
  /** As written; of quoted text what stands between the quotes. */
  readonly text: string;
  /** Folded: lower case, no accents, no possessive. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Tokens with one chunk number stand together without space: `uptime-kuma` is two tokens in one chunk. */
  readonly chunk: number;
  /** Part of a hyphenated name, in which no word is a mere function word: `be-1`, `check-in`. */
  readonly joined: boolean;
};

/** One way of writing: NFKC, straight quotes, plain dashes, no invisible characters. Line ends stay. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u200B-\u200D\u2060\uFEFF\u00AD]/g, '')
    .replace(/[\u2018\u2019\u201A\u201B\u02BC\u0060\u00B4]/g, "'")
    .replace(/[\u201C-\u201F\u00AB\u00BB]/g, '"')
    .replace(/\s?[\u2013\u2014]\s?/g, (dash) => (dash.length > 1 ? ' , ' : '-'))
    .replace(/[\u2010-\u2012\u2212]/g, '-')
    .replace(/\u2192|->|=>/g, ' to ')
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, ' ');
}

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ['secret', /‹secret:[^›\s]+›/uy],
  ['quoted', /"([^"\n]*)"/uy],
  ['quoted', /(?<![\p{L}\p{N}])'([^'\n]*)'(?![\p{L}\p{N}])/uy],
  ['url', /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>,;]*[^\s"'<>,;.!?:)]/iuy],
  ['address', /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/uy],
  ['path', /(?:~|\.{1,2})?\/[^\s"'<>,;]*[^\s"'<>,;.!?:)]/uy],
  [
    'path',
    /[\p{L}\p{N}_.-]+(?:\/[\p{L}\p{N}_.-]+)*\.(?:ya?ml|json|toml|ini|cfg|conf|env|j2|sh|py|txt|md|tar|gz|zip|sql|service|pem|crt|key|tgz|bak)(?![\p{L}\p{N}])/iuy,
  ],
  ['address', /\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2}|:\d+)?(?![\p{L}\p{N}.])/uy],
  ['version', /v\d+(?:\.\d+)*(?:[-+.][\p{L}\p{N}]+)*(?![\p{L}\p{N}])/iuy],
  ['version', /\d+(?:\.\d+){2,}(?:[-+][\p{L}\p{N}.]+)?(?![\p{L}\p{N}])/uy],
  ['version', /\d+\.\d+[-+][\p{L}][\p{L}\p{N}.]*/uy],
  ['word', /(?:0?\d|1\d|2[0-3]):[0-5]\d(?![\p{L}\p{N}])/uy],
  ['path', /[\p{L}\p{N}_-]+(?:\/[\p{L}\p{N}_.-]+)+(?::[\p{L}\p{N}_.-]+)?/uy],
  ['quantity', /\d+(?:\.\d+)?(?:[a-z]{1,7}|%)(?![\p{L}\p{N}_-])/iuy],
  ['number', /(?<![\p{L}\p{N}_-])[+-]?\d{1,3}(?:,\d{3})+(?![\p{L}\p{N}])/uy],
  ['number', /(?:(?<![\p{L}\p{N}_-])[+-])?\d+(?:\.\d+)?(?![\p{L}\p{N}.]*[\p{L}\p{N}_])/uy],
  ['address', /(?:[\p{Ll}\p{N}][\p{Ll}\p{N}-]*\.)+[\p{Ll}][\p{Ll}\p{N}-]*(?![\p{L}\p{N}])/uy],
  ['word', /up[ -]to[ -]date(?![\p{L}\p{N}])/iuy],
  ['word', /[\p{L}\p{N}]+(?:'[\p{L}]+)*/uy],
  ['mark', /\n|&&|[^\s]/uy],
];

/** Tokens of a normalised text. */
export function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let chunk = 0;
  let position = 0;
  while (position < text.length) {
    if (/[^\S\n]/u.test(text[position] ?? '')) {
      position += 1;
      chunk += 1;
      continue;
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = position;
      const match = pattern.exec(text);
      if (match === null) continue;
      const whole = match[0];
      const last = tokens.at(-1);
      // A hyphen or underscore inside a name joins its words; anything else that is a mark parts chunks.
      if (kind === 'mark' && (whole === '-' || whole === '_') && joins(text, position)) {
        position += 1;
        break;
      }
      if (kind === 'mark' || last?.kind === 'mark') chunk += 1;
      const inner = kind === 'quoted' ? (match[1] ?? '') : whole;
      tokens.push({
        kind,
        text: inner,
        word: foldWord(inner),
        start: position,
        end: position + whole.length,
        chunk,
        joined: false,
      });
      position += whole.length;
      break;
    }
  }
  return tokens.map((token, index) => ({
    ...token,
    joined:
      token.kind !== 'mark' && (tokens[index - 1]?.chunk === token.chunk || tokens[index + 1]?.chunk === token.chunk),
  }));
}

function joins(text: string, position: number): boolean {
  const before = text[position - 1] ?? ' ';
  const after = text[position + 1] ?? ' ';
  return /[\p{L}\p{N}_-]/u.test(before) && /[\p{L}\p{N}_-]/u.test(after);
}

const contractions = new Set([
  "let's",
  "it's",
  "that's",
  "what's",
  "who's",
  "where's",
  "how's",
  "there's",
  "here's",
  "she's",
  "he's",
  "when's",
  "why's",
]);

function foldWord(text: string): string {
  const folded = fold(text);
  if (/'s$/.test(folded) && !contractions.has(folded)) return folded.slice(0, -2).replaceAll("'", '');
  return folded === 'up to date' || folded === 'up-to-date' ? 'uptodate' : folded.replaceAll("'", '');
}

/** The text from the first to the last of these tokens, exactly as written. */
export function textOf(text: string, tokens: readonly Token[]): string {
  const first = tokens[0];
  const last = tokens.at(-1);
  return first === undefined || last === undefined ? '' : text.slice(first.start, last.end);
}
