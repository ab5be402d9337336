// Requests that begin or sound like what was typed: the actions of the catalogue by their titles, known by their other names
// too, on the hosts that they are for.
import type { Action, Catalogue } from '../../core/catalogue/model.ts';
import { wordsOf } from '../../core/catalogue/words.ts';
import { fits, soundsLike } from './like-words.ts';

const suggestionsAtMost = 25;
/** What a platform shows of one at most. */
const charactersAtMost = 100;
/** With more actions than this, each is offered without its hosts first. */
const actionsWithHosts = 5;
/** Words that say nothing about an action. */
const ignored: ReadonlySet<string> = new Set(['a', 'an', 'the', 'on', 'to', 'at', 'in', 'for', 'of', 'please']);

type Entry = {
  /** As people type it: `deploy Grafana`. */
  readonly phrase: string;
  readonly words: readonly string[];
  readonly hosts: readonly string[];
};

/** Best first: what begins with it, what has all its words, what differs by a slip. */
export function suggestRequests(catalogue: Catalogue, typed: string): readonly string[] {
  const entries = entriesOf(catalogue);
  const whole = suggestionsFor(entries, typed);
  if (whole.length > 0) return shortened(whole);
  // `deploy grafana and back…`: what comes next is suggested behind what is said already.
  const [, before, last] = /^([\s\S]*(?:,|\band\b|\bthen\b)\s+)([\s\S]*)$/i.exec(typed) ?? [];
  if (before === undefined || last === undefined) return [];
  return shortened(suggestionsFor(entries, last).map((phrase) => `${before}${phrase}`));
}

function suggestionsFor(entries: readonly Entry[], typed: string): readonly string[] {
  const [, head, place] = /^([\s\S]*\S)\s+(?:on|to|at)\s+(\S*)$/i.exec(typed) ?? [];
  if (head !== undefined && place !== undefined) {
    const placed = matching(entries, head).flatMap((entry) => withHosts(entry, place));
    if (placed.length > 0) return placed;
  }
  const found = matching(entries, typed);
  const hosts = found.length > actionsWithHosts ? [] : found.map((entry) => withHosts(entry, ''));
  return [...found.map(({ phrase }) => phrase), ...hosts.flat()];
}

function matching(entries: readonly Entry[], typed: string): readonly Entry[] {
  const text = typed.trim().replace(/\s+/g, ' ').toLowerCase();
  const words = wordsOf(text).filter((word) => !ignored.has(word));
  const begins = entries.filter(({ phrase }) => phrase.toLowerCase().startsWith(text));
  const has = entries.filter((entry) => !begins.includes(entry) && words.every((word) => fits(word, entry.words)));
  if (begins.length + has.length > 0) return [...begins, ...has];
  return words.length === 0 ? [] : entries.filter((entry) => words.every((word) => soundsLike(word, entry.words)));
}

function withHosts({ phrase, hosts }: Entry, begin: string): readonly string[] {
  return hosts
    .filter((host) => host.toLowerCase().startsWith(begin.toLowerCase()))
    .map((host) => `${phrase} on ${host}`);
}

const known = new WeakMap<Catalogue, readonly Entry[]>();

function entriesOf(catalogue: Catalogue): readonly Entry[] {
  const before = known.get(catalogue);
  if (before !== undefined) return before;
  const entries = catalogue.actions.map(entryOf);
  known.set(catalogue, entries);
  return entries;
}

function entryOf({ title, subject, aliases, verbs, hosts }: Action): Entry {
  const plain = title.replace(/\s*\([^)]*\)$/, '');
  return {
    phrase: `${plain.slice(0, 1).toLowerCase()}${plain.slice(1)}`,
    words: [...new Set([plain, subject, ...aliases, ...verbs].flatMap(wordsOf))],
    hosts,
  };
}

function shortened(phrases: readonly string[]): readonly string[] {
  return [...new Set(phrases)].filter(({ length }) => length <= charactersAtMost).slice(0, suggestionsAtMost);
}
