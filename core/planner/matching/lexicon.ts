// Everything a catalogue has names for, indexed once per catalogue: actions by the words that name their subject,
// hosts and groups, inputs, configuration lists, portals. The later stages only look things up here.
import type { Action, Catalogue, ConfigTarget, Portal } from '../../catalogue/model.ts';
import { areSame, compact, slipNearness, stem, wordsOf } from '../words/nearness.ts';
import { genericNouns, isPlain } from '../words/plain-words.ts';
import { isProperWord } from '../words/proper.ts';
import { namesOfAction, type SubjectName } from './action-names.ts';
import { indexPlaces, type PlaceIndex } from './places.ts';

export type Entry = {
  readonly action: Action;
  readonly order: number;
  /** In canonical verbs; empty where the catalogue does not know. */
  readonly verbs: readonly string[];
  readonly names: readonly SubjectName[];
  /** Stems of the description's words. */
  readonly described: ReadonlySet<string>;
};

export type Lexicon = {
  readonly catalogue: Catalogue;
  readonly entries: readonly Entry[];
  readonly places: PlaceIndex;
  /** How much a word says, 0 to 1: rare ones more than common ones, ones that are nowhere most of all. */
  readonly weight: (word: string) => number;
  /** Whether these words, joined, name a subject of the catalogue, and how surely. */
  readonly subject: (words: readonly string[]) => number;
  /** Whether this word stands in some subject's name. */
  readonly subjectWord: (word: string) => boolean;
  /** Whether the words name an input of some action. */
  readonly inputName: (words: readonly string[]) => boolean;
  /** A word that the catalogue or the language knows, so that it is no slip for something else. */
  readonly isKnown: (word: string) => boolean;
  /** Other names, without spaces, of the thing that a value names: the subject's aliases. */
  readonly otherNames: (value: string) => readonly string[];
  readonly configs: readonly ConfigTarget[];
  readonly portals: readonly Portal[];
};

const indexed = new WeakMap<Catalogue, Lexicon>();

/** The index of a catalogue; built at its first use and forgotten with it. */
export function lexiconOf(catalogue: Catalogue): Lexicon {
  const known = indexed.get(catalogue);
  if (known !== undefined) return known;
  const built = build(catalogue);
  indexed.set(catalogue, built);
  return built;
}

function build(catalogue: Catalogue): Lexicon {
  const entries = catalogue.actions.map((action, order): Entry => {
    const { names, verbs } = namesOfAction(action);
    const described = new Set(wordsOf(`${action.description} ${action.title}`).map(stem));
    return { action, order, verbs, names, described };
  });
  const phrases = new Set<string>();
  const subjectsOfWord = new Map<string, Set<string>>();
  for (const entry of entries) {
    for (const name of entry.names) {
      if (name.words.every((word) => genericNouns.has(word))) continue;
      phrases.add(name.compact);
      for (const word of name.words) {
        const key = stem(word);
        const subjects = subjectsOfWord.get(key) ?? new Set<string>();
        subjects.add(entry.names[0]?.compact ?? name.compact);
        subjectsOfWord.set(key, subjects);
      }
    }
  }
  // Values that inputs accept are names as well: `restart grafana` with a list of services to choose from.
  for (const { action } of entries) {
    for (const input of action.inputs) {
      for (const choice of input.choices ?? []) {
        if (typeof choice === 'string' && /^[a-z][\w .-]{2,}$/i.test(choice) && !isPlain(choice))
          phrases.add(compact(choice));
      }
    }
  }
  const inputs = new Set<string>();
  for (const { action } of entries) {
    for (const input of action.inputs) {
      for (const name of [input.name, ...input.aliases]) {
        const words = wordsOf(name);
        for (let from = 0; from < words.length; from += 1) inputs.add(words.slice(from).join(''));
      }
    }
  }
  const wordsOfSubjects = [...new Set(entries.flatMap((entry) => entry.names.flatMap((name) => name.words)))];
  const places = indexPlaces(catalogue);
  const subjectCount = new Set(entries.map((entry) => entry.names[0]?.compact)).size;
  const list = [...phrases];
  const memory = new Map<string, number>();

  const others = new Map<string, Set<string>>();
  for (const entry of entries) {
    const keys = entry.names.filter((name) => !name.generic && name.worth >= 0.95).map((name) => name.compact);
    for (const key of keys) for (const other of keys) others.set(key, (others.get(key) ?? new Set()).add(other));
  }

  const subject = (words: readonly string[]): number => {
    const joined = words.join('');
    if (phrases.has(joined)) return 1;
    const known = memory.get(joined);
    if (known !== undefined) return known;
    let best = 0;
    if (joined.length >= 4 && !(words.length === 1 && isProperWord(joined))) {
      for (const phrase of list) best = Math.max(best, slipNearness(joined, phrase));
    }
    if (memory.size > 2000) memory.clear();
    memory.set(joined, best);
    return best;
  };

  return {
    catalogue,
    entries,
    places,
    subject,
    subjectWord: (word) =>
      (subjectsOfWord.has(stem(word)) || wordsOfSubjects.some((other) => areSame(word, other))) &&
      !genericNouns.has(word),
    inputName: (words) => inputs.has(words.join('')),
    weight: (word) => {
      if (genericNouns.has(word)) return 0.12;
      const found = subjectsOfWord.get(stem(word))?.size ?? 0;
      return found === 0 ? 1 : Math.max(0.35, 1 - Math.log(found) / Math.log(subjectCount + 2));
    },
    isKnown: (word) =>
      subjectsOfWord.has(stem(word)) ||
      phrases.has(word) ||
      isProperWord(word) ||
      inputs.has(word) ||
      places.isName(word),
    otherNames: (value) => [...(others.get(compact(value)) ?? [])],
    configs: catalogue.configs,
    portals: catalogue.portals,
  };
}
