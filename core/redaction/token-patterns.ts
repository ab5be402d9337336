// Secrets that give themselves away by their look: tokens of well-known makers, keys, passwords beside their name.
// Every pattern is linear: it starts only where a token can start, and what it repeats is bounded or cannot overlap.

export type Range = readonly [start: number, end: number];

/** A block of several lines that the text before it has opened. */
export type OpenBlock = 'none' | 'private-key' | 'vault';

/** Where a token can begin: not in the middle of a word, but right after an escaped line end in JSON. */
const begin = '(?<=^|[^A-Za-z0-9_-]|\\\\[nrt])';

const token = new RegExp(
  `${begin}(?:${[
    'gh[pousr]_[A-Za-z0-9]{30,255}',
    'github_pat_[A-Za-z0-9_]{30,255}',
    'glpat-[A-Za-z0-9_-]{20,255}',
    '(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])',
    'xox[a-z]-[A-Za-z0-9-]{10,255}',
    'xapp-[A-Za-z0-9-]{10,255}',
    'sk-[A-Za-z0-9_-]{20,255}',
    '[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}',
    'AIza[0-9A-Za-z_-]{35}',
    'npm_[A-Za-z0-9]{36}',
    'pypi-[A-Za-z0-9_-]{50,512}',
    'dckr_pat_[A-Za-z0-9_-]{20,64}',
    'hf_[A-Za-z0-9]{30,64}',
    'hvs\\.[A-Za-z0-9_-]{20,255}',
    'tskey-[A-Za-z0-9-]{16,128}',
    'syt_[A-Za-z0-9_-]{16,255}',
    'SG\\.[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,64}',
    'AGE-SECRET-KEY-1[0-9A-Z]{50,64}',
    'eyJ[A-Za-z0-9_-]{8,8192}\\.eyJ[A-Za-z0-9_-]{8,8192}\\.[A-Za-z0-9_-]{8,8192}',
    '[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,64}',
  ].join('|')})`,
  'gm',
);

/** A hash of a password, as in /etc/shadow. */
const passwordHash = /\$(?:[1567y]|2[abxy]|sha1|argon2(?:id|i|d)|gy)\$[./A-Za-z0-9$=,+-]{20,255}/g;
const bearer = /(?<![A-Za-z])bearer[ \t]{1,4}([A-Za-z0-9._~+/=-]{20,8192})/gi;
const webhook =
  /(?:hooks\.slack\.com\/(?:services|workflows)|discord(?:app)?\.com\/api\/webhooks)\/([A-Za-z0-9_/-]{10,255})/g;
const urlCredentials = /:\/\/(?:[^\s/:@"']{0,128}:([^\s/@"']{1,512})|([^\s/:@"']{20,512}))@/g;

const secretName =
  '(?:pass(?:word|wd|phrase)|pwd|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|credentials?|authorization)';
/** `password: `, `"token": `, `api_key=`; what follows is read by hand, for it may be quoted in several ways. */
const assignment = new RegExp(`${secretName}(?:\\\\?["'])?[ \\t]{0,8}(?:=>|:=|[:=])[ \\t]{0,8}`, 'gi');
/** What is no secret beside such a name. */
const plainValue =
  /^(?:true|false|yes|no|null|none|undefined|omit|\*+|x+|\[redacted\].*|\{\{.*|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER)$/is;

const blockBegin = /(-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----)|\$ANSIBLE_VAULT;/g;

/** The secrets in whole lines, in order and not overlapping, and the block that is open at the end. */
export function findTokens(text: string, open: OpenBlock): { readonly ranges: Range[]; readonly open: OpenBlock } {
  const ranges: Range[] = [];
  for (const pattern of [token, passwordHash])
    for (const found of text.matchAll(pattern)) ranges.push([found.index, found.index + found[0].length]);
  for (const pattern of [bearer, webhook, urlCredentials]) {
    for (const found of text.matchAll(pattern)) {
      const value = found[1] ?? found[2] ?? '';
      const start = found.index + found[0].lastIndexOf(value);
      if (!plainValue.test(value)) ranges.push([start, start + value.length]);
    }
  }
  findAssigned(text, ranges);
  const rest = findBlocks(text, open, ranges);
  return { ranges: inOrder(ranges), open: rest };
}

function findAssigned(text: string, ranges: Range[]): void {
  assignment.lastIndex = 0;
  for (let found = assignment.exec(text); found !== null; found = assignment.exec(text)) {
    const [start, end] = valueAt(text, found.index + found[0].length, /^auth/i.test(found[0]));
    if (end > start && !plainValue.test(text.slice(start, Math.min(end, start + 64)))) ranges.push([start, end]);
    assignment.lastIndex = Math.max(assignment.lastIndex, end);
  }
}

const bareValue = /[^\s,;&"'<>)}\]]{1,8192}/y;
const schemedValue = /(?:[A-Za-z]{1,16}[ \t]{1,4})?[^\s,;&"'<>)}\]]{1,8192}/y;

/** The value that begins here: in quotes, in quotes that are escaped themselves, or up to the next space or bracket. */
function valueAt(text: string, at: number, schemed: boolean): Range {
  let quoteAt = at;
  while (quoteAt < at + 4 && text[quoteAt] === '\\') quoteAt += 1;
  const quote = text[quoteAt];
  if (quote === '"' || quote === "'") {
    return [quoteAt + 1, closing(text, quoteAt + 1, quote, quoteAt - at)];
  }
  const value = schemed ? schemedValue : bareValue;
  value.lastIndex = at;
  return [at, at + (value.exec(text)?.[0].length ?? 0)];
}

/** The end of a quoted value: its closing quote on the same line, else the line's end. */
function closing(text: string, from: number, quote: string, depth: number): number {
  let backslashes = 0;
  for (let at = from; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') {
      backslashes += 1;
      continue;
    }
    if (text[at] === quote) {
      // Quotes of this depth carry `depth` backslashes; an escaped quote within carries an odd number of escapes more.
      const escapes = (backslashes - depth) / (depth + 1);
      if (escapes <= 0) return at - backslashes;
      if (Number.isInteger(escapes) && escapes % 2 === 0) return at - depth;
    }
    backslashes = 0;
  }
  return endOfLine(text, from);
}

/** Private keys and vaulted values go on over lines: from their first line to their end, or to the first line unlike them. */
function findBlocks(text: string, open: OpenBlock, ranges: Range[]): OpenBlock {
  let block = open;
  let at = 0;
  while (at < text.length) {
    if (block === 'none') {
      blockBegin.lastIndex = at;
      const found = blockBegin.exec(text);
      if (found === null) return 'none';
      const lineEnd = endOfLine(text, found.index);
      const end = found[1] === undefined ? undefined : endOfKey(text, found.index, lineEnd);
      if (end === undefined) block = found[1] === undefined ? 'vault' : 'private-key';
      ranges.push([found.index, end ?? lineEnd]);
      at = end ?? lineEnd + 1;
      continue;
    }
    const lineEnd = endOfLine(text, at);
    const end = block === 'private-key' ? endOfKey(text, at, lineEnd) : undefined;
    if (end === undefined && !belongs(text.slice(at, lineEnd), block)) {
      block = 'none';
      continue;
    }
    const start = at + text.slice(at, lineEnd).search(/\S|$/);
    ranges.push([start, end ?? lineEnd]);
    at = end ?? lineEnd + 1;
    if (end !== undefined) block = 'none';
  }
  return block;
}

function endOfKey(text: string, from: number, lineEnd: number): number | undefined {
  const line = text.slice(from, lineEnd);
  const found = /-----END [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----/.exec(line);
  return found === null ? undefined : from + found.index + found[0].length;
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}

/** Lines of a key are Base64 or headers, lines of a vaulted value are hexadecimal; diffs and lists put a little around them. */
function belongs(line: string, block: OpenBlock): boolean {
  const core = line.replace(/^[\s"'+|>,-]{1,64}/, '').replace(/(?:[\s"',]|\\n){1,16}$/, '');
  if (block === 'vault') return /^[0-9a-f]{2,}$/.test(core);
  return (
    core === '' || /^[A-Za-z0-9+/=]{1,200}$/.test(core) || /^(?:Proc-Type|DEK-Info|Version|Comment|Hash): /.test(core)
  );
}

/** Sorted, with those that overlap made one. */
export function inOrder(ranges: Range[]): Range[] {
  ranges.sort((left, right) => left[0] - right[0] || right[1] - left[1]);
  const merged: Range[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && range[0] < last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], range[1])];
    else if (range[1] > range[0]) merged.push(range);
  }
  return merged;
}
