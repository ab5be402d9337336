// What a playbook offers: itself as a whole, what its tags select, what its variables enable. Each offer becomes an action.
import type { JsonValue } from '../json.ts';
import { type Enabling, enablingOf } from './conditions.ts';
import { folderChoicesOf } from './folder-choices.ts';
import { givenNames } from './inferred-inputs.ts';
import { canBeHandedOver } from './inputs.ts';
import type { Lab } from './lab.ts';
import { canBeGivenAnew, loopChoicesOf } from './loops.ts';
import type { ActionKind } from './model.ts';
import type { Offer } from './offer.ts';
import { isPartial } from './playbook.ts';
import type { PlaybookReading, PlayReading } from './plays.ts';
import { definedBy } from './references.ts';
import { insideOf, runWith, topVisits } from './selection.ts';
import { verbKind, verbsIn } from './verbs.ts';
import type { Visit } from './visit.ts';
import { roleWords, wordsOf } from './words.ts';
import { jsonOf, textOf } from './yaml-tree.ts';

/** Tags that say how to run, not what. */
const reserved =
  /^(always|never|all|tagged|untagged|skip_ansible_lint|no-?test|notest|molecule.*|idempotence.*|ci|skip[-_].*)$/i;

type Introduction = { readonly play: PlayReading; readonly visit: Visit | undefined };

export function offersOf(lab: Lab, reading: PlaybookReading): readonly Offer[] {
  const whole: Offer = {
    kind: 'playbook',
    tags: [],
    enables: {},
    about: [],
    aboutPlays: [],
    plays: reading.plays,
    selected: reading.plays.flatMap((play) => runWith(play, undefined)),
    otherTags: [],
  };
  const tagged = taggedOffers(lab, reading);
  const specific = tagged.filter((offer) => !coversAll(offer, reading));
  const covering = tagged.filter((offer) => coversAll(offer, reading));
  const enabled = enabledOffers(lab, reading, specific);
  return [
    { ...whole, otherTags: [...covering.flatMap((offer) => [...offer.tags, ...offer.otherTags])] },
    ...specific,
    ...enabled,
  ];
}

/** Plays whose tags this playbook offers: its own, and those of files that nobody runs by themselves. */
function isOwn(play: PlayReading): boolean {
  return !play.imported || isPartial(play.play.source.path);
}

function taggedOffers(lab: Lab, reading: PlaybookReading): readonly Offer[] {
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

/** The tag selects all that the playbook does. */
function coversAll(offer: Offer, reading: PlaybookReading): boolean {
  if (Object.keys(offer.enables).length > 0) return false;
  const [tag = ''] = offer.tags;
  return reading.plays.every((play) =>
    topVisits(play).every((visit) => visit.tags.has(tag) || visit.tags.has('always')),
  );
}

const switchWords =
  /(^|_)(enabled?|install|installed|deploy|deployed|active|activate|setup|configure|use|run|do|want|needs?)(_|$)/;

/** The variables that make the conditions on these items true, where a run can set them and they are not true already. */
function enablesOf(
  lab: Lab,
  about: readonly Visit[],
  plays: readonly PlayReading[],
): Readonly<Record<string, JsonValue>> {
  const enables: Record<string, JsonValue> = {};
  for (const visit of about) {
    if (visit.item.type === 'task') continue;
    for (const enabling of enablingsOf(visit)) {
      const value =
        plays.map((play) => textOf(play.variables.get(enabling.variable))).find((text) => text !== undefined) ??
        lab.value(enabling.variable);
      if (enabling.kind === 'switch' && /^(true|yes|on)$/i.test(value ?? '')) continue;
      if (enabling.kind !== 'switch' && value === enabling.value) continue;
      enables[enabling.variable] = enabling.value;
    }
  }
  return enables;
}

const enablings = new WeakMap<Visit, readonly Enabling[]>();

/** Conditions on an item that tell it from others, not ones on the state of the host. */
function enablingsOf(visit: Visit): readonly Enabling[] {
  const known = enablings.get(visit) ?? findEnablings(visit);
  enablings.set(visit, known);
  return known;
}

function findEnablings(visit: Visit): readonly Enabling[] {
  return visit.item.when.flatMap((condition) => {
    const enabling = enablingOf(condition);
    if (enabling === undefined) return [];
    if (enabling.kind !== 'switch') return [enabling];
    const target = new Set([...roleWords(visit.target.replace(/\.ya?ml$/, '')), ...wordsOf(visit.item.name)]);
    return switchWords.test(enabling.variable) ||
      wordsOf(enabling.variable).some((word) => word.length > 2 && target.has(word))
      ? [enabling]
      : [];
  });
}

/** Whether an item stands behind a switch that no host has on. */
export function isSwitchedOff(lab: Lab, play: PlayReading, visit: Visit): boolean {
  return visit.when.some((condition) => {
    const enabling = enablingOf(condition);
    if (enabling?.kind !== 'switch') return false;
    const definitions = lab.variables.definitions(enabling.variable);
    const fallback = visit.role?.defaults.find((variable) => variable.name === enabling.variable)?.value;
    const own = textOf(play.variables.get(enabling.variable));
    const values =
      own !== undefined
        ? [own]
        : definitions.length > 0
          ? definitions.map((definition) => textOf(definition.value))
          : [textOf(fallback)];
    return values.every((value) =>
      value === undefined ? /\|\s*(default|d)\(\s*(false|no|0)/i.test(condition) : /^(false|no|off|0)$/i.test(value),
    );
  });
}

function enabledOffers(lab: Lab, reading: PlaybookReading, tagged: readonly Offer[]): readonly Offer[] {
  const offers = new Map<
    string,
    { readonly way: Way; readonly tags: readonly string[]; readonly about: Visit[]; readonly plays: Set<PlayReading> }
  >();
  const bases = new Map<string, readonly Visit[]>();
  const withTag = new Set(tagged.flatMap((offer) => offer.about));
  const own = reading.plays.filter(isOwn);
  const visits = own.flatMap((play) => play.visits);
  const defined = new Set([...definedBy(visits), ...givenNames(lab, own, visits)]);
  for (const play of own) {
    for (const visit of play.visits) {
      for (const way of waysTo(lab, reading, visit, withTag, defined)) {
        const tags = nearestTag(visit, tagged);
        const key = JSON.stringify([tags, way.enables]);
        const known = offers.get(key) ?? { way, tags, about: [], plays: new Set() };
        known.about.push(visit);
        known.plays.add(play);
        offers.set(key, known);
      }
    }
  }
  return [...offers.values()].map(({ way, tags, about, plays }) => ({
    ...way,
    tags,
    about,
    aboutPlays: [],
    plays: [...plays],
    selected: runWithout(reading, tags[0], [...plays], about, bases),
    otherTags: [],
  }));
}

/**
 * A variable selects no tasks by itself: all else that has no condition of its own runs as well, on the same hosts.
 * `bases` keeps what that is for each set of plays.
 */
function runWithout(
  reading: PlaybookReading,
  tag: string | undefined,
  plays: readonly PlayReading[],
  about: readonly Visit[],
  bases: Map<string, readonly Visit[]>,
): readonly Visit[] {
  const key = `${tag ?? ''}:${plays.map((play) => reading.plays.indexOf(play)).join(',')}`;
  let base = bases.get(key);
  if (base === undefined) {
    const hosts = new Set(plays.flatMap((play) => play.hosts));
    base = reading.plays
      .filter((play) => plays.includes(play) || play.hosts.some((host) => hosts.has(host)))
      .flatMap((play) => runWith(play, tag))
      .filter((visit) => !isOtherwise(visit));
    bases.set(key, base);
  }
  return [...new Set([...base, ...about, ...about.flatMap(insideOf)])];
}

/** Stands under another choice or another switch. */
function isOtherwise(visit: Visit): boolean {
  for (let at: Visit | undefined = visit; at !== undefined; at = at.parent)
    if (at.choice !== undefined || enablingsOf(at).length > 0) return true;
  return false;
}

type Way = {
  readonly enables: Readonly<Record<string, JsonValue>>;
  readonly chosen?: string;
  readonly kind: ActionKind;
};

/** How a run can come to this item by variables alone. */
function waysTo(
  lab: Lab,
  reading: PlaybookReading,
  visit: Visit,
  withTag: ReadonlySet<Visit>,
  defined: ReadonlySet<string>,
): readonly Way[] {
  const kind: ActionKind = visit.item.type === 'tasks' ? 'task-file' : 'enabled';
  if (visit.choice !== undefined && (visit.item.type === 'tasks' || visit.item.type === 'role')) {
    const { choice } = visit;
    if (
      choice.list !== undefined &&
      !(canBeGivenAnew(lab, reading, choice.list.variable) && canBeHandedOver(choice.list.element))
    )
      return [];
    if (choice.list !== undefined)
      return [{ enables: { [choice.list.variable]: [jsonOf(choice.list.element)] }, chosen: choice.value, kind }];
    return defined.has(choice.variable)
      ? []
      : [{ enables: { [choice.variable]: choice.value }, chosen: choice.value, kind }];
  }
  const settled = (name: string): boolean => isSettled(lab, visit, defined, name);
  const folders = folderChoicesOf(lab, visit, settled, reading.playbook.folder).filter(
    (choice) => !choice.isList || canBeGivenAnew(lab, reading, choice.variable),
  );
  const loops = folders.length > 0 ? [] : loopChoicesOf(lab, reading, visit, settled);
  if (loops.length > 0)
    return loops.map((choice) => ({ enables: { [choice.variable]: choice.value }, chosen: choice.chosen, kind }));
  if (folders.length > 0)
    return folders.map((choice) => ({
      enables: { [choice.variable]: choice.value },
      chosen: choice.chosen,
      kind: 'enabled',
    }));
  if (visit.item.type === 'task' && visit.depth > 0) return [];
  return enablingsOf(visit)
    .filter((enabling) => !defined.has(enabling.variable) && !(withTag.has(visit) && enabling.kind === 'switch'))
    .filter(
      (enabling) => enabling.kind !== 'switch' || visit.item.type !== 'task' || switchWords.test(enabling.variable),
    )
    .filter((enabling) => enabling.kind === 'switch' || !withTag.has(visit))
    .filter((enabling) => enabling.kind !== 'equal' || !isDefault(lab, visit, enabling))
    .map((enabling) => ({
      enables: { [enabling.variable]: enabling.value },
      kind,
      ...(enabling.kind === 'switch'
        ? {}
        : { chosen: String(Array.isArray(enabling.value) ? enabling.value[0] : enabling.value) }),
    }));
}

/** Whether the repository itself says what a variable is, so that it is no choice of the person's. */
export function isSettled(lab: Lab, visit: Visit, defined: ReadonlySet<string>, name: string): boolean {
  return (
    defined.has(name) ||
    lab.variables.definitions(name).length > 0 ||
    (visit.within !== undefined &&
      [...visit.within.defaults, ...visit.within.vars].some((variable) => variable.name === name))
  );
}

/** `state == 'present'` where present is the default: the plain action does that. */
function isDefault(lab: Lab, visit: Visit, enabling: Enabling): boolean {
  const fallback = visit.within?.defaults.find((variable) => variable.name === enabling.variable);
  return (
    (fallback !== undefined && jsonOf(fallback.value) === enabling.value) ||
    lab.value(enabling.variable) === enabling.value
  );
}

/** The tag on the way to an item that selects the least. */
function nearestTag(visit: Visit, tagged: readonly Offer[]): readonly string[] {
  for (let above: Visit | undefined = visit.parent; above !== undefined; above = above.parent) {
    const at = above;
    const offer = tagged.find((one) => one.about.length === 1 && one.about[0] === at);
    if (offer !== undefined) return offer.tags;
  }
  return [];
}
