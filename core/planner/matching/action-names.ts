// The names by which people may call what an action is about, taken from its subject, aliases, title, tags, roles and
// playbook, each with how much it is worth.
import type { Action } from '../../catalogue/model.ts';
import { wordsOf } from '../words/nearness.ts';
import { determiners, fillAdjectives, genericNouns } from '../words/plain-words.ts';
import { canonicalVerbs, isCanonical, verbPhrases } from '../words/verbs.ts';

export type SubjectName = {
  readonly words: readonly string[];
  readonly compact: string;
  /** 1 for what the catalogue calls the subject, less for what merely lies near. */
  readonly worth: number;
  /** All of its words are so general that they name nothing in particular. */
  readonly generic: boolean;
  /** An alias that says the verb too: `nightly backup`. Its verbs count as the action's own. */
  readonly verbs: readonly string[];
};

const joining = new Set([
  'and',
  'or',
  'of',
  'for',
  'with',
  'on',
  'in',
  'to',
  'from',
  'by',
  'via',
  'using',
  'at',
  'into',
  'as',
]);

/** Names of an action's subject, the catalogue's own first, and its verbs in canonical form. */
export function namesOfAction(action: Action): {
  readonly names: readonly SubjectName[];
  readonly verbs: readonly string[];
} {
  const title = splitVerb(wordsOf(action.title));
  const verbs = [...new Set(action.verbs.flatMap((verb) => (isCanonical(verb) ? [verb] : canonicalVerbs(verb))))];
  const playbook = splitVerb(wordsOf(action.playbook.replace(/^.*\//, '').replace(/\.ya?ml$/, '')));
  const names: SubjectName[] = [];
  const put = (all: readonly string[], worth: number, saidVerbs: readonly string[] = []): void => {
    const words = all.filter((word) => !determiners.has(word));
    if (words.every((word) => fillAdjectives.has(word) || word === 'rolling')) return;
    const joined = words.join('');
    if (names.some((name) => name.compact === joined)) return;
    names.push({
      words: words.filter((word) => !joining.has(word)),
      compact: joined,
      worth,
      generic: words.every((word) => genericNouns.has(word) || joining.has(word)) || saysOnlyVerb(words, verbs),
      verbs: saidVerbs,
    });
  };
  put(wordsOf(action.subject), 1);
  for (const alias of action.aliases) {
    const words = wordsOf(alias);
    const { verbs: said, rest } = splitVerb(words);
    put(words, 1, said);
    if (said.length > 0) put(rest, 0.98, said);
  }
  put(headOf(title.rest), 0.98);
  put(title.rest, 0.98);
  if (action.tags.length === 1) for (const tag of action.tags) put(wordsOf(tag), 0.95);
  if (action.kind === 'playbook') put(playbook.rest, 0.95);
  if (names.length === 0) put(wordsOf(verbs[0] ?? action.title), 1);
  // A catalogue that does not know the verb may still have it in the title: "Open a port".
  return { names, verbs: verbs.length > 0 ? verbs : title.verbs };
}

/** "reboot", "backup": the name is what is done, so it names no subject. */
function saysOnlyVerb(words: readonly string[], verbs: readonly string[]): boolean {
  return words.every((word) =>
    verbPhrases(word).some((phrase) =>
      phrase.readings.some(
        (reading) =>
          reading.strength === 1 &&
          verbs.includes(reading.verb) &&
          !/^(deploy|configure|run|create)$/.test(reading.verb),
      ),
    ),
  );
}

/** The words up to the first joining word: of `a host with restic`, the host. */
function headOf(words: readonly string[]): readonly string[] {
  const stop = words.findIndex((word) => joining.has(word) && word !== 'and' && word !== 'of');
  return stop <= 0 ? words : words.slice(0, stop);
}

/** A name's leading or closing verb, in canonical verbs, and what is left. */
function splitVerb(words: readonly string[]): {
  readonly verbs: readonly string[];
  readonly rest: readonly string[];
} {
  for (const length of [3, 2, 1]) {
    const head = words.slice(0, length);
    if (head.length === length && words.length >= length) {
      const found = verbPhrases(head.join(' ')).filter((phrase) => phrase.form !== 'past');
      if (found.length > 0) return { verbs: strong(found), rest: words.slice(length) };
    }
  }
  const last = words.at(-1);
  if (last !== undefined && words.length > 1) {
    const found = verbPhrases(last).filter((phrase) => phrase.form === 'base' || phrase.form === 'noun');
    const nouns = found.filter((phrase) => phrase.nounToo);
    if (nouns.length > 0) return { verbs: strong(nouns), rest: words.slice(0, -1) };
  }
  return { verbs: [], rest: words };
}

function strong(found: ReturnType<typeof verbPhrases>): readonly string[] {
  return [
    ...new Set(
      found.flatMap((phrase) =>
        phrase.readings.filter((reading) => reading.strength === 1).map((reading) => reading.verb),
      ),
    ),
  ];
}
