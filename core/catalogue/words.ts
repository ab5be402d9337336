// Names of files, roles, tags and variables as words that people say, and words as a title.

const capitals: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'API',
    'CA',
    'CI',
    'CPU',
    'DB',
    'DDNS',
    'DHCP',
    'DNS',
    'GPU',
    'HA',
    'HTTP',
    'IP',
    'K3s',
    'K8s',
    'LDAP',
    'LXC',
    'MQTT',
    'MOTD',
    'MariaDB',
    'MySQL',
    'NAS',
    'NFS',
    'NTP',
    'OS',
    'PostgreSQL',
    'SMB',
    'SSH',
    'SSL',
    'TLS',
    'UPS',
    'URL',
    'VM',
    'VMs',
    'VPN',
    'VPS',
    'ZFS',
  ].map((word) => [word.toLowerCase(), word]),
);

/** `uptime_kuma`, `uptime-kuma`, `UptimeKuma` and `roles/uptime.kuma` alike: lower-case words. */
export function wordsOf(name: string): readonly string[] {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (known.size >= maxKnown) known.clear();
  const words = split(name);
  known.set(name, words);
  return words;
}

const known = new Map<string, readonly string[]>();
const maxKnown = 20_000;

function split(name: string): readonly string[] {
  return name
    .replace(/['’]s\b/g, '')
    .replace(/([\p{Ll}\d])(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** A role's own words: without a Galaxy namespace, folders, and the usual `ansible-role-` in front. */
export function roleWords(role: string): readonly string[] {
  const last = role.split('/').at(-1) ?? role;
  const own = last.split('.').at(-1) ?? last;
  const words = wordsOf(own.replace(/^(ansible[-_]?)?role[-_]/i, '').replace(/^ansible[-_](?=.)/i, ''));
  return words.length === 0 ? wordsOf(role) : words;
}

/** `Uptime Kuma`, `Back up DNS`. */
export function asTitle(words: readonly string[]): string {
  return words.map((word) => capitals[word] ?? `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join(' ');
}

/** The first sentence or line, shortened to what a card can show. */
export function brief(text: string, length = 160): string {
  const line = text
    .replace(/\s+/g, ' ')
    .replace(/(?<=[.!?])\s[^.!?]*:\s*$/, '')
    .trim();
  const sentence = /^(.{15,}?(?<!\b(?:e\.g|i\.e|etc|vs|incl|approx))[.!?])\s/.exec(line)?.[1] ?? line;
  return sentence.length <= length ? sentence : `${sentence.slice(0, length - 1).trimEnd()}…`;
}

/** Each text once, without blanks. */
export function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text) => text.trim() !== ''))];
}
