// Numbers and amounts as people write them: `8080`, `two`, `30 days`, `a week`, `512MB`. Used where an input's value is read.

const numberWords = new Map([
  ['zero', 0],
  ['one', 1],
  ['two', 2],
  ['three', 3],
  ['four', 4],
  ['five', 5],
  ['six', 6],
  ['seven', 7],
  ['eight', 8],
  ['nine', 9],
  ['ten', 10],
  ['eleven', 11],
  ['twelve', 12],
]);

/** `two` is 2, `1,024` is 1024, `8080` is 8080; anything else null. */
export function readNumber(text: string): number | null {
  const word = numberWords.get(text.toLowerCase());
  if (word !== undefined) return word;
  if (/^[+-]?\d{1,3}(,\d{3})+$/.test(text)) return Number(text.replaceAll(',', ''));
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return null;
}

export type Unit = { readonly kind: 'time' | 'size' | 'share'; readonly factor: number };

/** Seconds for time, bytes for size. Sizes by 1024, as container limits and disks in a lab are meant. */
const units = new Map<string, Unit>();
const add = (kind: Unit['kind'], factor: number, names: string): void => {
  for (const name of names.split(' ')) units.set(name, { kind, factor });
};
add('time', 1, 's sec secs second seconds');
add('time', 60, 'min mins minute minutes');
add('time', 3600, 'h hr hrs hour hours');
add('time', 86_400, 'd day days');
add('time', 7 * 86_400, 'w wk week weeks');
add('time', 30 * 86_400, 'month months');
add('time', 365 * 86_400, 'y yr year years');
add('size', 1024, 'k kb kib kilobyte kilobytes');
add('size', 1024 ** 2, 'm mb mib megabyte megabytes meg megs');
add('size', 1024 ** 3, 'g gb gib gigabyte gigabytes gig gigs');
add('size', 1024 ** 4, 't tb tib terabyte terabytes');
add('share', 1, '% percent pct');

/** The unit that a word is, or null. `m` alone is megabytes, as in `512m`. */
export function readUnit(word: string): Unit | null {
  return units.get(word.toLowerCase()) ?? null;
}

/** `30d`, `8GB`, `512m`, `80%` as number and unit. */
export function readQuantity(text: string): { readonly amount: number; readonly unit: Unit } | null {
  const parts = /^([+-]?\d+(?:\.\d+)?)([a-z%]+)$/i.exec(text);
  if (parts === null) return null;
  const unit = readUnit(parts[2] ?? '');
  const amount = Number(parts[1]);
  return unit === null || Number.isNaN(amount) ? null : { amount, unit };
}

/** The unit in which an input counts, from the words of its name and description; null where they say none. */
export function unitOfInput(nameWords: readonly string[], description: string): Unit | null {
  for (const word of [...nameWords].reverse()) {
    const unit = word.length > 1 || word === 's' ? readUnit(word) : null;
    if (unit !== null) return unit;
  }
  const inText =
    /\b(?:in|of|number of|how many|for)\s+(seconds|minutes|hours|days|weeks|months|megabytes|gigabytes|MB|GB|MiB|GiB|kB|percent)\b/i.exec(
      description,
    ) ?? /\b(seconds|minutes|hours|days|weeks|months|megabytes|gigabytes|MB|GB|MiB|GiB|percent)\b/i.exec(description);
  return inText === null ? null : readUnit(inText[1] ?? '');
}

/** An amount counted in another unit; null where the kinds differ or it does not come out even. */
export function convert(amount: number, from: Unit, to: Unit): number | null {
  if (from.kind !== to.kind) return null;
  const exact = (amount * from.factor) / to.factor;
  const rounded = Math.round(exact * 1e6) / 1e6;
  return Number.isFinite(rounded) ? rounded : null;
}
