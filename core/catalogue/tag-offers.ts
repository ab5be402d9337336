// What a playbook's tags select: each tag that stands on something by itself is an offer.
import type { Lab } from './lab.ts';
import type { Offer } from './offer.ts';
import { isOwn, type PlaybookReading, type PlayReading } from './plays.ts';
import { insideOf, runWith } from './selection.ts';
import { enablesOf } from './switches.ts';
import { verbKind, verbsIn } from './verbs.ts';
import type { Visit } from './visit.ts';
import { roleWords, wordsOf } from './words.ts';

/** Tags that say how to run, not what. */
const reserved =
  /^(always|never|all|tagged|untagged|skip_ansible_lint|no-?test|notest|molecule.*|idempotence.*|ci|skip[-_].*)$/i;

type Introduction = { readonly play: PlayReading; readonly visit: Visit | undefined };

export function taggedOffers(lab: Lab, reading: PlaybookReading): readonly Offer[] {
  const byTag = new Map<string, Introduction[]>();
  const introduce = (tag: string, introduction: Introduction): void => {
    if (reserved.test(tag) || tag.includes('{{')) return;
    const known = byTag.get(tag);
    if (known === undefined) byTag.set(tag, [introduction]);
    else known.push(introduction);
  };
  for (const play of reading.plays) {
    for (const tag of play.tags) introduce(tag, { play, visit: undefined });
    for (const visit of play.visits)
      for (const tag of visit.introduced) if (isReached(visit, tag)) introduce(tag, { play, visit });
  }
  const groups = new Map<string, { readonly tags: string[]; readonly introductions: readonly Introduction[] }>();
  for (const [tag, all] of byTag) {
    const files = new Set(all.map(({ play }) => play.play.source.path));
    // What one imported playbook offers by itself is not offered a second time by the playbook that imports it.
    if (!all.some(({ play }) => isOwn(play)) && files.size === 1) continue;
    const introductions = all.filter(({ visit }) => visit === undefined || !isHollow(lab, visit, tag));
    if (introductions.length === 0) continue;
    const key = introductions
      .map(
        ({ play, visit }) =>
          `${play.play.source.path}:${(visit?.item ?? play.play).source.line}:${visit?.target ?? ''}:${visit?.parent?.target ?? ''}`,
      )
      .sort()
      .join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { tags: [tag], introductions });
    else group.tags.push(tag);
  }
  const offers = [...groups.values()].flatMap(({ tags, introductions }): readonly Offer[] => {
    const [main = '', ...others] = byFitness(tags, introductions);
    const apart = others.filter((tag) => saysElse(tag, main));
    const offer = (tag: string, otherTags: readonly string[]): Offer => {
      const about = introductions.flatMap(({ visit }) => visit ?? []);
      const plays = reading.plays.filter((play) => introductions.some((introduction) => introduction.play === play));
      const enables = enablesOf(lab, about, plays);
      return {
        kind: Object.keys(enables).length > 0 ? 'enabled' : 'tagged',
        tags: [tag],
        enables,
        about,
        aboutPlays: introductions.filter(({ visit }) => visit === undefined).map(({ play }) => play),
        plays,
        selected: plays.flatMap((play) => runWith(play, tag)),
        otherTags,
        ...(tag === main ? {} : { apart: true }),
      };
    };
    return [
      offer(
        main,
        others.filter((tag) => !apart.includes(tag)),
      ),
      ...apart.map((tag) => offer(tag, [])),
    ];
  });
  return offers;
}

/** The tag that names the thing first: the role's own name before `monitoring`. */
function byFitness(tags: readonly string[], introductions: readonly Introduction[]): readonly string[] {
  const names = new Set(
    introductions
      .flatMap(({ play, visit }) => [
        visit?.target ?? '',
        ...(visit === undefined
          ? play.visits.filter((one) => one.depth === 0 && one.item.type === 'role').map((one) => one.target)
          : []),
      ])
      .map((name) => roleWords(name).join(' ')),
  );
  return [...tags].sort((a, b) => Number(names.has(wordsOf(b).join(' '))) - Number(names.has(wordsOf(a).join(' '))));
}

/** Tags on the same items are names of one thing, unless one adds a word or a weighty verb: roles look at the tags they run with. */
function saysElse(tag: string, main: string): boolean {
  const [words, mainWords] = [wordsOf(tag), wordsOf(main)];
  const [said, mainSaid] = [verbsIn(words), verbsIn(mainWords)];
  const verbs = said.verbs.filter((verb) => !mainSaid.verbs.includes(verb));
  if (verbs.some((verb) => verbKind(verb).risk !== 'low' || !verbKind(verb).idempotent)) return true;
  return (
    mainSaid.rest.length > 0 &&
    mainSaid.rest.every((word) => said.rest.includes(word)) &&
    words.length > mainWords.length
  );
}

/** A tag inside an include counts only when the include itself is selected by it. */
function isReached(visit: Visit, tag: string): boolean {
  for (let above = visit.parent; above !== undefined; above = above.parent) {
    if (above.item.dynamic && !above.tags.has(tag) && !above.tags.has('always')) return false;
  }
  return true;
}

/** `include_role` with a tag but no `apply`: the include is selected, nothing inside it is. */
function isHollow(lab: Lab, visit: Visit, tag: string): boolean {
  if (!visit.item.dynamic || visit.files.length === 0 || visit.item.applied.includes(tag)) return false;
  const inside = insideOf(visit);
  if (inside.length === 0 || inside.some((one) => one.tags.has(tag) || one.tags.has('always'))) return false;
  lab.repository.find(
    visit.item.source.path,
    visit.item.source.line,
    `the tag ${tag} selects this include but nothing inside it; use an import, or \`apply: {tags: ${tag}}\``,
  );
  return true;
}
