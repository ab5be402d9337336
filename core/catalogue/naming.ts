// What an action is called: title, subject, aliases and verbs, from the names that the repository gives its parts.
import { firstParagraph } from './comments.ts';
import { isTemplated } from './jinja.ts';
import type { Offer } from './offers.ts';
import { firstOwn, type PlaybookReading } from './plays.ts';
import { nameOf, stemOf } from './repository.ts';
import { type Verb, verbsIn } from './verbs.ts';
import type { Visit } from './walk.ts';
import { asTitle, brief, roleWords, unique, wordsOf } from './words.ts';

export type Naming = {
  readonly title: string;
  readonly description: string;
  readonly subject: string;
  readonly aliases: readonly string[];
  readonly verbs: readonly string[];
};

/** Playbooks that stand for everything. */
const wholeLab = new Set([
  'site',
  'main',
  'playbook',
  'playbooks',
  'all',
  'everything',
  'master',
  'run',
  'index',
  'local',
  'homelab',
  'lab',
  'infra',
  'infrastructure',
  'full',
  'entrypoint',
]);
const filler = new Set([
  'a',
  'an',
  'the',
  'and',
  'or',
  'of',
  'on',
  'in',
  'to',
  'for',
  'with',
  'from',
  'all',
  'our',
  'my',
  'then',
  'playbook',
  'playbooks',
  'play',
  'role',
  'roles',
  'task',
  'tasks',
  'perform',
  'server',
  'servers',
  'host',
  'hosts',
  'yml',
]);

export function nameOffer(offer: Offer, reading: PlaybookReading): Naming {
  return offer.kind === 'playbook' ? nameWhole(offer, reading) : namePart(offer, reading);
}

function nameWhole(offer: Offer, reading: PlaybookReading): Naming {
  const { playbook } = reading;
  const stem = wordsOf(stemOf(playbook.path)).filter((word) => !['playbook', 'yml', 'pb'].includes(word));
  const fromStem = verbsIn(stem);
  const folders = playbook.path
    .split('/')
    .slice(0, -1)
    .flatMap((folder) => (verbsIn(wordsOf(folder)).rest.length === 0 ? verbsIn(wordsOf(folder)).verbs : []));
  const named = reading.plays.filter(({ play }) => play.name !== '' && !isTemplated(play.name));
  const main = named.length === 1 ? named[0] : (named.find(({ play }) => play.hosts !== 'localhost') ?? named[0]);
  const playName = main?.play.name ?? reading.imports.find((entry) => entry.name !== '')?.name ?? '';
  const fromPlay = verbsIn(wordsOf(playName));
  const roles = topRoles(offer.selected);
  const [role] = roles;
  const lone = roles.length === 1 && role !== undefined ? role : undefined;
  const generic = stem.length === 0 || (stem.every((word) => wholeLab.has(word)) && fromStem.verbs.length <= 1);
  const manyThings = roles.length > 2 || reading.plays.length > 3 || reading.imports.length > 1;
  const verbs = new Set<string>([...fromStem.verbs.filter((verb) => !generic || verb !== 'run'), ...folders]);
  if (verbs.size === 0) for (const verb of fromPlay.verbs) verbs.add(verb);
  if (verbs.size === 0 && (roles.length > 0 || reading.imports.length > 0))
    for (const verb of ['deploy', 'configure'] as const) verbs.add(verb);
  if (verbs.size === 0) for (const verb of taskVerbs(offer.selected)) verbs.add(verb);
  const rest = fromStem.rest.filter((word) => !filler.has(word) || fromStem.rest.length === 1);
  const playRest = fromPlay.rest.filter((word) => !filler.has(word));
  const everything = manyThings && (generic || rest.length === 0);
  const subjectWords = everything
    ? ['everything']
    : generic && lone !== undefined
      ? roleWords(lone)
      : rest.length > 0 && !generic
        ? rest
        : playRest.length > 0
          ? playRest
          : lone !== undefined
            ? roleWords(lone)
            : stem;
  const subject = subjectWords.join(' ');
  const description =
    playbook.header?.description ??
    (firstParagraph(playbook.comment) ||
      firstParagraph(firstOwn(reading)?.play.comment ?? []) ||
      (lone === undefined ? '' : (offer.selected.find((visit) => visit.target === lone)?.role?.description ?? '')) ||
      (isTemplated(playName) ? '' : playName));
  const words = [...verbs];
  return {
    title:
      everything && generic
        ? `${asTitle(words.slice(0, 1))} everything (${nameOf(playbook.path)})`
        : titleOf(words, subjectWords, playName, fromPlay.verbs),
    description: brief(description, 400),
    subject,
    aliases: unique([
      stem.join(' '),
      ...(everything ? ['site', 'whole lab', 'all'] : []),
      ...(lone === undefined ? [] : [roleWords(lone).join(' '), lone]),
      ...offer.otherTags,
      ...(playRest.length > 0 && playRest.length < 5 ? [playRest.join(' ')] : []),
      stemOf(playbook.path),
    ]).filter((alias) => alias !== subject && !verbs.has(alias)),
    verbs: unique([...words, ...fromStem.said, ...(fromStem.verbs.length === 0 ? fromPlay.said : [])]),
  };
}

function namePart(offer: Offer, reading: PlaybookReading): Naming {
  const tag = offer.tags[0] ?? '';
  const fromTag = verbsIn(wordsOf(offer.chosen ?? (tag || Object.keys(offer.enables)[0] || '')));
  const roles =
    offer.about.length > 0
      ? unique(offer.about.filter((visit) => visit.item.type === 'role').map((visit) => visit.target))
      : topRoles(offer.aboutPlays.flatMap((play) => play.visits));
  const lone = roles.length === 1 ? roles[0] : undefined;
  const within = unique(
    offer.about.filter((visit) => visit.item.type !== 'role').flatMap((visit) => visit.within?.name ?? []),
  );
  const names = [
    ...offer.aboutPlays.map(({ play }) => play.name),
    ...offer.about.map((visit) => visit.item.name),
  ].filter((name) => name !== '' && !isTemplated(name));
  const only = names.length === 1 || new Set(names).size === 1 ? (names[0] ?? '') : '';
  const fromName = verbsIn(wordsOf(only));
  const playNames =
    offer.plays.length === 1 && offer.plays[0] !== undefined && topRoles(offer.plays[0].visits).length === 1
      ? verbsIn(wordsOf(offer.plays[0].play.name))
      : undefined;
  const tagWords = switchRest(fromTag.rest, offer);
  const files = unique(offer.about.filter((visit) => visit.item.type === 'tasks').map((visit) => stemOf(visit.target)));
  const fromFile = files.length === 1 ? verbsIn(wordsOf(files[0] ?? '')) : undefined;

  const subjectWords =
    offer.chosen !== undefined && fromTag.rest.length > 0
      ? fromTag.rest
      : lone !== undefined
        ? roleWords(lone)
        : tagWords.length > 0
          ? tagWords
          : fromFile !== undefined && fromFile.rest.length > 0
            ? fromFile.rest
            : within.length === 1 && within[0] !== undefined
              ? roleWords(within[0])
              : fromName.rest.filter((word) => !filler.has(word));
  const verbs = new Set<string>([...fromTag.verbs, ...(fromFile?.verbs ?? [])]);
  if (verbs.size === 0) for (const verb of [...fromName.verbs, ...(playNames?.verbs ?? [])]) verbs.add(verb);
  const stemVerbs = verbsIn(wordsOf(stemOf(reading.playbook.path))).verbs.filter((verb) => verb !== 'run');
  if (verbs.size === 0) for (const verb of stemVerbs) verbs.add(verb);
  if (verbs.size === 0) for (const verb of roleVerbs(offer)) verbs.add(verb);
  if (verbs.size === 0) for (const verb of taskVerbs(offer.about)) verbs.add(verb);
  if (verbs.size === 0 && offer.about.some((visit) => visit.item.type !== 'task'))
    for (const verb of ['deploy', 'configure'] as const) verbs.add(verb);
  const words = [...verbs];
  const subject = (subjectWords.length > 0 ? subjectWords : wordsOf(tag)).join(' ');
  const role =
    offer.about.find((visit) => visit.role !== undefined)?.role ??
    offer.aboutPlays.flatMap((play) => play.visits).find((visit) => visit.target === lone)?.role;
  const comment =
    offer.about.map((visit) => firstParagraph(visit.item.comment)).find((text) => text !== '') ??
    offer.aboutPlays.map(({ play }) => firstParagraph(play.comment)).find((text) => text !== '');
  return {
    title: titleOf(words, wordsOf(subject), only, fromName.verbs),
    description: brief((lone === undefined ? '' : role?.description) || comment || only || '', 400),
    subject,
    aliases: unique([
      tag,
      wordsOf(tag).join(' '),
      ...(lone === undefined ? [] : [roleWords(lone).join(' '), lone]),
      ...offer.otherTags,
      ...(offer.chosen === undefined ? [] : [offer.chosen]),
      ...files,
    ]).filter((alias) => alias !== subject && !verbs.has(alias)),
    verbs: unique([...words, ...fromTag.said, ...(fromTag.verbs.length === 0 ? fromName.said : [])]),
  };
}

/** `jellyfin_enabled` is about jellyfin. */
function switchRest(words: readonly string[], offer: Offer): readonly string[] {
  return offer.tags.length > 0
    ? words
    : words.filter((word) => !['enabled', 'enable', 'active', 'use', 'installed', 'do', 'want'].includes(word));
}

function titleOf(
  verbs: readonly string[],
  subject: readonly string[],
  name: string,
  nameVerbs: readonly Verb[],
): string {
  const verb = verbs[0];
  // A name that already is an imperative phrase says it best.
  if (
    nameVerbs.length > 0 &&
    nameVerbs[0] === verb &&
    name.length <= 60 &&
    verbsIn(wordsOf(name).slice(0, 2)).verbs.length > 0
  )
    return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const what = asTitle(subject.filter((word, index) => !(index === 0 && word === verb)));
  return verb === undefined
    ? what || brief(name, 60)
    : `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)} ${what}`.trim();
}

/** The roles that plays name themselves, those for every run left out. */
export function topRoles(visits: readonly Visit[]): readonly string[] {
  return unique(
    visits
      .filter((visit) => visit.item.type === 'role' && visit.within === undefined && !visit.tags.has('always'))
      .map((visit) => visit.target),
  );
}

/** A role named for what it does: `backup`, `docker_update`. */
function roleVerbs(offer: Offer): readonly string[] {
  const roles = unique(offer.about.filter((visit) => visit.item.type === 'role').map((visit) => visit.target));
  return roles.length === 1 ? verbsIn(roleWords(roles[0] ?? '')).verbs.flatMap((verb) => [verb]) : [];
}

/** What the first tasks say they do. */
function taskVerbs(visits: readonly Visit[]): readonly Verb[] {
  const counts = new Map<Verb, number>();
  for (const visit of visits.slice(0, 40)) {
    const [verb] = verbsIn(wordsOf(isTemplated(visit.item.name) ? '' : visit.item.name).slice(0, 3)).verbs;
    if (verb !== undefined) counts.set(verb, (counts.get(verb) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 2)
    .map(([verb]) => verb);
}
