// Ansible's host ranges: `web[01:03]`, `db-[a:c]`, `n[1:9:2]`, several in one name.

/** An inventory that stands for more hosts than this in one line is refused. */
const maxHosts = 10_000;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The names that a pattern with ranges stands for, or why it is no valid range. A name without a range stands for itself. */
export function expandHostRange(pattern: string): readonly string[] | { readonly problem: string } {
  let names: readonly string[] = [pattern];
  for (;;) {
    const first = names[0] ?? '';
    if (!/\[[^\]]*:[^\]]*\]/.test(first)) return names;
    const next: string[] = [];
    for (const name of names) {
      const expanded = expandFirst(name);
      if (!Array.isArray(expanded)) return { problem: expanded };
      next.push(...expanded);
      if (next.length > maxHosts) return { problem: `stands for more than ${maxHosts} hosts` };
    }
    names = next;
  }
}

function expandFirst(name: string): string[] | string {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(name);
  const [, head = '', range = '', tail = ''] = match ?? [];
  const bounds = range.split(':');
  if (match === null || bounds.length < 2 || bounds.length > 3)
    return 'a host range is [begin:end] or [begin:end:step]';
  const [begin = '', end = '', step = '1'] = bounds;
  if (end === '') return 'a host range needs an end';
  const by = Number(step);
  if (!Number.isSafeInteger(by) || by < 1) return `${step} is no step of a host range`;
  const from = begin === '' ? '0' : begin;
  if (letters.includes(from) && from.length === 1 && letters.includes(end) && end.length === 1) {
    if (letters.indexOf(from) > letters.indexOf(end)) return `[${range}] begins after its end`;
    const between = letters.slice(letters.indexOf(from), letters.indexOf(end) + 1);
    return [...between].filter((_, index) => index % by === 0).map((letter) => `${head}${letter}${tail}`);
  }
  if (!/^\d+$/.test(from) || !/^\d+$/.test(end)) return `[${range}] is no host range`;
  const width = from.length > 1 && from.startsWith('0') ? from.length : 0;
  if (width > 0 && width !== end.length) return `[${range}] needs a begin and an end of the same length`;
  const [low, high] = [Number(from), Number(end)];
  if (high - low > maxHosts * by) return `[${range}] stands for more than ${maxHosts} hosts`;
  const names: string[] = [];
  for (let number = low; number <= high; number += by)
    names.push(`${head}${String(number).padStart(width, '0')}${tail}`);
  return names;
}
