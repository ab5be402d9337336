// Which list of the repository is meant: by its name, alias or path, or by the service to which it belongs.
import type { ConfigTarget } from '../../catalogue/model.ts';
import { alignNames } from '../matching/align.ts';
import type { Lexicon } from '../matching/lexicon.ts';
import { isContent } from '../reading/settle.ts';
import type { Token } from '../reading/tokens.ts';
import { nearness, stem, wordsOf } from '../words/nearness.ts';
import { fillAdjectives, genericNouns } from '../words/plain-words.ts';

const configWords =
  /^(config|configs|configuration|configurations|conf|settings|setting|yaml|yml|file|files|list|lists|entries|entry)$/;
export type Lists = { readonly targets: readonly ConfigTarget[]; readonly vague: boolean; readonly certain: boolean };

/** The lists that these words mean: by name, alias, path, or by the service to which they belong. */
export function findLists(tokens: readonly Token[], lexicon: Lexicon): Lists | null {
  const words = tokens.filter((token) => isContent(token) && !fillAdjectives.has(token.word));
  if (words.length === 0) {
    const isPronoun = tokens.some((token) => /^(it|that|this|them|there)$/.test(token.word));
    return isPronoun ? { targets: lexicon.configs, vague: true, certain: false } : null;
  }
  const byPath = lexicon.configs.filter((config) =>
    words.some(
      (token) =>
        token.kind === 'path' &&
        (config.path === token.text ||
          config.path.endsWith(`/${token.text}`) ||
          config.path.replace(/^.*\//, '') === token.text),
    ),
  );
  if (byPath.length > 0) return { targets: byPath, vague: false, certain: true };
  const scored = lexicon.configs
    .map((config) => ({ config, ...matchList(words, config, lexicon) }))
    .filter((found) => found.explained);
  const named = scored.filter((found) => found.byName);
  if (named.length > 0) return { targets: named.map((found) => found.config), vague: false, certain: true };
  const bySubject = scored.filter((found) => found.bySubject);
  if (bySubject.length > 0)
    return {
      targets: bySubject.map((found) => found.config),
      vague: false,
      certain: words.some((token) => configWords.test(token.word)),
    };
  if (words.every((token) => configWords.test(token.word)))
    return { targets: lexicon.configs, vague: true, certain: true };
  return null;
}

function matchList(
  words: readonly Token[],
  config: ConfigTarget,
  lexicon: Lexicon,
): { readonly explained: boolean; readonly byName: boolean; readonly bySubject: boolean } {
  const names = namesOf(config);
  const joined = words.map((token) => token.word).join('');
  if (names.some((name) => name.join('') === joined)) return { explained: true, byName: true, bySubject: false };
  const nameWords = names.flat();
  const owners = lexicon.entries.filter((entry) => entry.action.configs.some((other) => sameList(other, config)));
  const subject = new Set(
    owners.flatMap((entry) => [...alignNames(words, entry.names, lexicon.weight, lexicon.isKnown).matched.keys()]),
  );
  let byName = false;
  let bySubject = false;
  for (const token of words) {
    const inName = nameWords.some((word) => nearness(token.word, word) >= 0.95);
    if (subject.has(token)) bySubject = true;
    else if (inName) byName = true;
    else if (!configWords.test(token.word) && !genericNouns.has(token.word))
      return { explained: false, byName: false, bySubject: false };
  }
  return { explained: byName || bySubject, byName, bySubject };
}

/** The list that the object itself names: "a monitor", "the homepage bookmarks". */
export function ownList(
  object: readonly Token[],
  lexicon: Lexicon,
): { readonly targets: readonly ConfigTarget[]; readonly tokens: readonly Token[] } | null {
  let best: { readonly targets: readonly ConfigTarget[]; readonly tokens: readonly Token[] } | null = null;
  for (const config of lexicon.configs) {
    for (const name of namesOf(config)) {
      const telling = name.filter((word) => !genericNouns.has(word));
      const tokens = object.filter((token) => telling.some((word) => stem(word) === stem(token.word)));
      if (tokens.length === 0 || tokens.length < telling.length || tokens.length <= (best?.tokens.length ?? 0))
        continue;
      const targets = lexicon.configs.filter((other) =>
        namesOf(other).some((another) => another.join(' ') === name.join(' ')),
      );
      best = { targets, tokens };
    }
  }
  return best;
}

export function namesOf(config: ConfigTarget): readonly (readonly string[])[] {
  const own = [config.name, ...config.aliases, config.list.at(-1) ?? '']
    .map(wordsOf)
    .filter((words) => words.length > 0);
  return own;
}

export function sameList(a: ConfigTarget, b: ConfigTarget): boolean {
  return a.path === b.path && a.list.join('\n') === b.list.join('\n');
}
