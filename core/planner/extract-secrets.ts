// Takes secret values out of a request before it is stored or planned: what stands after words such as password, and
// tokens that are known by their shape. Ordinary sentences about passwords lose nothing.

export type ExtractedSecret = { readonly placeholder: string; readonly name: string; readonly value: string };

/** The text with each secret replaced by a placeholder, and what was replaced. `secretInputNames`: inputs that are secret. */
export function extractSecrets(
  text: string,
  secretInputNames: readonly string[] = [],
): { readonly text: string; readonly secrets: readonly ExtractedSecret[] } {
  const spans = [...shapes(text), ...named(text, secretInputNames)].sort((a, b) => a.start - b.start || b.end - a.end);
  const secrets: ExtractedSecret[] = [];
  let result = '';
  let from = 0;
  for (const span of spans) {
    if (span.start < from || span.end <= span.start) continue;
    const value = text.slice(span.start, span.end);
    const known = secrets.find((secret) => secret.value === value);
    const placeholder = known?.placeholder ?? freshPlaceholder(text, secrets.length + 1);
    if (known === undefined) secrets.push({ placeholder, name: span.name, value });
    result += text.slice(from, span.outerStart) + placeholder;
    from = span.outerEnd;
  }
  return { text: result + text.slice(from), secrets };
}

/** `start` to `end` is the value; the outer bounds take in its quotes. */
type Span = {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly outerStart: number;
  readonly outerEnd: number;
};

/** Numbers already taken by placeholders in the text are not used again. */
function freshPlaceholder(text: string, number: number): string {
  let next = number;
  while (text.includes(`‹secret:${next}›`)) next += 1;
  return `‹secret:${next}›`;
}

const shapePatterns: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'private key',
    /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----[\s\S]*?-----END [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----/g,
  ],
  ['token', /\bgh[pousr]_[A-Za-z0-9]{20,}\b/g],
  ['token', /\bgithub_pat_[A-Za-z0-9_]{20,}\b/g],
  ['token', /\bglpat-[A-Za-z0-9_-]{16,}/g],
  ['api key', /\bsk-[A-Za-z0-9_-]{16,}/g],
  ['api key', /\b(?:pk|rk|sk)_(?:live|test)_[A-Za-z0-9]{16,}\b/g],
  ['access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ['token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/g],
  ['token', /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g],
  ['token', /\bnpm_[A-Za-z0-9]{30,}\b/g],
  ['token', /\bhf_[A-Za-z0-9]{20,}\b/g],
  ['api key', /\bAIza[0-9A-Za-z_-]{30,}/g],
  ['token', /\b\d{8,10}:[A-Za-z0-9_-]{35}\b/g],
  ['token', /\b[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,}/g],
  ['token', /\btskey-[a-z]+-[A-Za-z0-9-]{10,}/g],
  ['token', /\bhvs\.[A-Za-z0-9_-]{20,}/g],
];

function shapes(text: string): readonly Span[] {
  const found = shapePatterns.flatMap(([name, pattern]) =>
    [...text.matchAll(pattern)].map((match) => plainSpan(name, match.index, match.index + match[0].length)),
  );
  // The password in an address: https://user:password@host.
  const inAddress = [...text.matchAll(/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:([^\s/@]+)@/gi)].map((match) => {
    const start = match.index + match[0].length - 1 - (match[1]?.length ?? 0);
    return plainSpan('password', start, start + (match[1]?.length ?? 0));
  });
  return [...found, ...inAddress];
}

function plainSpan(name: string, start: number, end: number): Span {
  return { name, start, end, outerStart: start, outerEnd: end };
}

const keywords = [
  'password',
  'passphrase',
  'passwd',
  'pwd',
  'pass word',
  'api key',
  'apikey',
  'api token',
  'access key',
  'access token',
  'auth key',
  'auth token',
  'secret key',
  'private key',
  'client secret',
  'token',
  'secret',
  'pin',
];

/** Words after "password" that show that no value follows. */
const ordinary = new Set(
  `of for on in at from and or but to with without is are was be being using via as if when then please now again everywhere
  rotation manager managers policy policies length reset resets login logins auth authentication protection protected file files
  hash hashes hashing prompt expiry expiration store vault generator change changes changed based only field fields input variable
  settings setting storage backup backups database db strength rules rule list export import restart deploy update upgrade remove
  the a an my our your his her their its this that these those it them same new old current default random strong secure good better
  wrong broken lost leaked expired invalid missing empty not no never too bad weak stolen compromised forgotten correct right set reset
  server service services app host hosts everyone users user account accounts admin administrator root something anything someone
  next first also too well instead everything all any every each some one longer shorter stays still safe secret known unknown value values`.split(
    /\s+/,
  ),
);

type Value = {
  readonly start: number;
  readonly end: number;
  readonly outerStart: number;
  readonly outerEnd: number;
  readonly quoted: boolean;
};

function named(text: string, names: readonly string[]): readonly Span[] {
  const spans: Span[] = [];
  const inputs = names
    .filter((name) => name.length > 1)
    .map((name) => ({
      name,
      pattern: name
        .split(/[\s_-]+/)
        .map(escapeForRegExp)
        .join('[\\s_-]+'),
    }));
  const alternatives = [
    ...inputs.map(({ pattern }) => pattern),
    ...keywords.map((word) => word.split(' ').map(escapeForRegExp).join('[\\s_-]?')),
  ].sort((a, b) => b.length - a.length);
  const keyword = new RegExp(
    `(?<![\\p{L}\\p{N}‹])(?:[\\p{L}\\p{N}]+[_-])*(${alternatives.join('|')})s?(?![\\p{L}\\p{N}])`,
    'giu',
  );
  for (const match of text.matchAll(keyword)) {
    const said = match[0];
    const after = match.index + said.length;
    const value = valueAfter(text, match.index, after);
    if (value === null) continue;
    spans.push({ name: nameOf(said, inputs), ...value });
  }
  return spans;
}

function nameOf(said: string, inputs: readonly { readonly name: string }[]): string {
  const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '');
  return inputs.find(({ name }) => plain(name) === plain(said))?.name ?? said.toLowerCase();
}

function valueAfter(text: string, keywordAt: number, from: number): Value | null {
  const rest = text.slice(from);
  const explicit = /^\s*(?:=|:(?!\/\/)|:=|->|=>)\s*/.exec(rest);
  if (explicit !== null) return readValue(text, from + explicit[0].length);
  // "password is x", "password to x", "password for bob to x".
  const worded =
    /^\s+(?:(?:of|for|on|in|at)\s+(?:the\s+)?(?:[\p{L}\p{N}_.-]+\s+){1,3}?)?(is|to|as|should be|shall be|must be|will be|equals)\s+(?:be\s+)?/iu.exec(
      rest,
    );
  if (worded !== null) {
    const value = readValue(text, from + worded[0].length);
    if (value === null) return null;
    const said = text.slice(value.start, value.end);
    if (value.quoted) return value;
    const connector = worded[1]?.toLowerCase() ?? '';
    if (ordinary.has(plainWord(said))) return null;
    if (connector === 'is' || connector.endsWith('be') || connector === 'equals') return value;
    const before = text.slice(Math.max(0, keywordAt - 60), keywordAt);
    return looksSecret(said) ||
      /\b(?:set|change|reset|update|make|rotate|use|with|setting|changing|put)\b[^.;]*$/i.test(before)
      ? value
      : null;
  }
  const space = /^\s+/.exec(rest);
  if (space === null) return null;
  const value = readValue(text, from + space[0].length);
  if (value === null) return null;
  if (value.quoted) return value;
  const said = text.slice(value.start, value.end);
  if (ordinary.has(plainWord(said))) return null;
  if (looksSecret(said)) return value;
  // A plain word counts only where a value is announced: "with password swordfish".
  const before = text.slice(Math.max(0, keywordAt - 40), keywordAt);
  return /\b(?:with|using|use|and|set|where)\s+(?:(?:the|a|an|his|her|its|their|my|new|initial|admin|root|user|database|db)\s+)*$/i.test(
    before,
  ) && /^[\p{L}\p{N}]/u.test(said)
    ? value
    : null;
}

function plainWord(said: string): string {
  return said.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Digits among letters, signs, or mixed case: no word of a sentence. Versions, amounts, paths and addresses are none. */
function looksSecret(said: string): boolean {
  if (/^v?\d+(?:[.:]\d+)*$|^\d+[a-z]{0,2}$|^[/~]|:\/\/|\.ya?ml$/i.test(said)) return /^\d{4,}$/.test(said);
  return (
    (/\d/.test(said) && /\p{L}/u.test(said)) ||
    /[!@#$%^&*+=?~|\\<>{}[\]]/.test(said) ||
    /\p{Ll}\p{Lu}/u.test(said) ||
    said.length >= 24
  );
}

function readValue(text: string, at: number): Value | null {
  const rest = text.slice(at);
  if (rest.startsWith('‹secret:')) return null;
  const quoted = /^(?:"([^"\n]+)"|'([^'\n]+)'|“([^”\n]+)”|‘([^’\n]+)’|`([^`\n]+)`)/u.exec(rest);
  if (quoted !== null)
    return {
      start: at + 1,
      end: at + quoted[0].length - 1,
      outerStart: at,
      outerEnd: at + quoted[0].length,
      quoted: true,
    };
  const plain = /^[^\s"'“”‘’,;]+/u.exec(rest)?.[0].replace(/[.)\]:]+$/, '') ?? '';
  if (plain.length === 0 || plain.startsWith('{{')) return null;
  return { start: at, end: at + plain.length, outerStart: at, outerEnd: at + plain.length, quoted: false };
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
