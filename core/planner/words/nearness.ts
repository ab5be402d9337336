// How near two words are: exact, same stem, a typing slip, a shortened form. Decides what counts as "the same word"
// everywhere in the planner, so that a slip is forgiven in one way only.
import { stemmer } from 'stemmer';

/** 0 to 1: 1 the same word, 0 another word. */
export function nearness(said: string, known: string): number {
  if (said === known) return 1;
  if (said.length === 0 || known.length === 0) return 0;
  if (stem(said) === stem(known) && Math.min(said.length, known.length) > 2) return 0.98;
  return slipNearness(said, known);
}

/** Words that mean one thing in names: what people shorten and what names spell out. */
const sameThing = new Map(
  [
    'cert certs certificate certificates',
    'db dbs database databases',
    'pg postgres postgresql psql pgsql',
    'tls ssl',
    'repo repos repository repositories',
    'mongo mongodb',
    'k8s kubernetes',
    'config configuration',
    'pw password passwords',
    'img image images',
    'vol vols volume volumes',
    'mon monitoring',
    'docs documentation',
    'prometheus prom',
    'wg wireguard',
    'ha homeassistant',
    'pkg pkgs package packages',
    'elastic elasticsearch',
    'influx influxdb',
  ].flatMap((line, group) => line.split(' ').map((word): [string, number] => [word, group])),
);

/** Two words for one thing: `cert` and `certificates`. */
export function areSame(said: string, known: string): boolean {
  const group = sameThing.get(said);
  return group !== undefined && group === sameThing.get(known);
}

/** As `nearness`, for typing slips only. Words with different digits are never near: web1 is not web2. */
export function slipNearness(said: string, known: string): number {
  const longer = Math.max(said.length, known.length);
  const allowed = slipsAllowed(longer);
  if (allowed === 0 || Math.abs(said.length - known.length) > allowed) return 0;
  // People rarely miss the first letter; where they do, only a swap or a single slip in a longer word is forgiven.
  if (said[0] !== known[0]) {
    const swapped = said[0] === known[1] && said[1] === known[0];
    if (!swapped) return longer >= 6 && isFirstSlip(said, known) && digits(said) === digits(known) ? 0.95 : 0;
  }
  const slips = editDistance(said, known, allowed);
  if (slips > allowed || digits(said) !== digits(known)) return 0;
  return slips === 1 ? (longer >= 6 ? 0.95 : longer === 5 ? 0.92 : 0.84) : slips === 2 ? 0.88 : 0.82;
}

/** Only the first letter is wrong, missing, or too much. */
function isFirstSlip(a: string, b: string): boolean {
  return a.slice(1) === b.slice(1) || a === b.slice(1) || a.slice(1) === b;
}

/** Slips forgiven in a word of that length. */
function slipsAllowed(length: number): number {
  if (length < 4) return 0;
  if (length < 7) return 1;
  return length < 12 ? 2 : 3;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours; `limit + 1` when it is more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    let smallest = row;
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit + 1;
}

/** Porter's stem of a lower-case word; words with digits are names and stay whole. */
export const stem = remembered((word: string): string => (/\d/.test(word) ? word : stemmer(word)));

/** The digits of a word: web1 is not web2. */
function digits(word: string): string {
  return word.replace(/\D/g, '');
}

/** A name as people may write it in one go: letters and digits only, lower case. */
export const compact = remembered((name: string): string => fold(name).replace(/[^\p{L}\p{N}]/gu, ''));

/** The words of a name written any way: `uptime_kuma`, `Uptime-Kuma`, `uptimeKuma`. */
export const wordsOf = remembered((name: string): readonly string[] =>
  fold(name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 0),
);

/** Lower case, no accents. */
export function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII needs no normalising.
  return (/^[\u0000-\u007f]*$/.test(text) ? text : text.normalize('NFKD').replace(/\p{M}/gu, '')).toLowerCase();
}

/** A pure function with a bounded memory: the names of one catalogue are asked for again and again. */
function remembered<Result>(work: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = work(text);
    if (known.size >= 5000) known.clear();
    if (text.length <= 200) known.set(text, made);
    return made;
  };
}
