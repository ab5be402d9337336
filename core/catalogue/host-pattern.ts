// Ansible's host patterns (`web:&staging:!old`, `db[0]`, `*.lan`, `~regex`) resolved against an inventory that was read.
import picomatch from 'picomatch';

/** What a pattern is resolved against: all hosts in inventory order, and each group's hosts (children included). */
export type Hosts = { readonly hosts: readonly string[]; readonly groups: ReadonlyMap<string, readonly string[]> };

/** A longer pattern is no name that anybody wrote. */
const maxPattern = 500;
const localhosts = ['localhost', '127.0.0.1', '::1'];

/** The hosts that a pattern stands for, each once, in Ansible's order. Unknown names give nothing. */
export function resolveHostPattern(pattern: string, inventory: Hosts): readonly string[] {
  const parts = splitHostPattern(pattern);
  const plain = parts.filter((part) => !/^[!&]/.test(part));
  const ordered = [
    ...(plain.length === 0 && parts.length > 0 ? ['all'] : plain),
    ...parts.filter((part) => part.startsWith('&')),
    ...parts.filter((part) => part.startsWith('!')),
  ];
  let found: readonly string[] = [];
  for (const part of ordered) {
    if (part.startsWith('!')) {
      const without = new Set(matchOne(part.slice(1), inventory));
      found = found.filter((host) => !without.has(host));
    } else if (part.startsWith('&')) {
      const within = new Set(matchOne(part.slice(1), inventory));
      found = found.filter((host) => within.has(host));
    } else found = [...new Set([...found, ...matchOne(part, inventory)])];
  }
  return found;
}

/** The single patterns of a pattern. Commas win over colons, as in Ansible; a colon inside brackets separates nothing. */
function splitHostPattern(pattern: string): readonly string[] {
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : isAddress(pattern)
      ? [pattern]
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== '' && part !== '!' && part !== '&');
}

function isAddress(pattern: string): boolean {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*$/i.test(pattern.trim()) && pattern.split(':').length > 3;
}

function matchOne(pattern: string, inventory: Hosts): readonly string[] {
  if (inventory.hosts.includes(pattern)) return [pattern];
  const subscript = pattern.startsWith('~') ? null : /^(.+)\[(?:(-?\d+)|(\d+)([:-])(\d*))\]$/.exec(pattern);
  if (subscript === null) return enumerate(pattern, inventory);
  const [, base = '', index, start, , end] = subscript;
  const hosts = enumerate(base, inventory);
  if (index !== undefined) return hosts.slice(Number(index)).slice(0, 1);
  return hosts.slice(Number(start), end === undefined || end === '' ? undefined : Number(end) + 1);
}

function enumerate(pattern: string, inventory: Hosts): readonly string[] {
  if (pattern === 'all' || pattern === '*') return inventory.hosts;
  const matches = matcher(pattern);
  if (matches === undefined) return [];
  const groups = [...inventory.groups.keys()].filter((group) => group !== 'all' && matches(group));
  const found = groups.flatMap((group) => inventory.groups.get(group) ?? []);
  if (groups.length === 0 || /[.?*[]/.test(pattern) || pattern.startsWith('~'))
    found.push(...inventory.hosts.filter((host) => matches(host)));
  if (found.length === 0 && localhosts.includes(pattern)) return [pattern];
  return [...new Set(found)];
}

function matcher(pattern: string): ((name: string) => boolean) | undefined {
  if (pattern.length > maxPattern) return undefined;
  if (!pattern.startsWith('~'))
    return picomatch(pattern, { nobrace: true, noextglob: true, nonegate: true, dot: true, bash: true });
  try {
    const expression = new RegExp(`^(?:${pattern.slice(1)})`);
    return (name) => expression.test(name);
  } catch {
    return undefined;
  }
}
