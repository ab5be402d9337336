// What variables switch on or choose in a playbook: each way is an offer.
import type { JsonValue } from '../json.ts';
import type { Enabling } from './conditions.ts';
import { folderChoicesOf } from './folder-choices.ts';
import { givenNames } from './inferred-inputs.ts';
import { canBeHandedOver } from './inputs.ts';
import type { Lab } from './lab.ts';
import { canBeGivenAnew, loopChoicesOf } from './loops.ts';
import type { ActionKind } from './model.ts';
import type { Offer } from './offer.ts';
import { isOwn, type PlaybookReading, type PlayReading } from './plays.ts';
import { definedBy } from './references.ts';
import { insideOf, runWith } from './selection.ts';
import { isSettled } from './settled.ts';
import { enablingsOf, switchWords } from './switches.ts';
import type { Visit } from './visit.ts';
import { jsonOf } from './yaml-tree.ts';

/** `tagged` are the offers by tags: a variable is an addition to the nearest of them. */
export function variableOffers(lab: Lab, reading: PlaybookReading, tagged: readonly Offer[]): readonly Offer[] {
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
