// What a playbook as a whole is called, by its file, its plays, its only role, or the tasks that do what it is named for.
import { firstParagraph } from './comments.ts';
import { isTemplated } from './jinja.ts';
import type { Lab } from './lab.ts';
import { folderVerbs, moduleVerbs, taskVerbs } from './name-verbs.ts';
import { articles, filler, firstFilled, gathering, type Naming, titleOf, wholeLab } from './name-words.ts';
import type { Offer } from './offer.ts';
import { mainName } from './play-name.ts';
import { firstOwn, type PlaybookReading } from './plays.ts';
import { nameOf, stemOf } from './repository.ts';
import { isTool, topRoles } from './top-roles.ts';
import { type Verb, verbsIn } from './verbs.ts';
import type { Visit } from './visit.ts';
import { brief, roleWords, unique, wordsOf } from './words.ts';

export function nameWhole(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
  const { playbook } = reading;
  const roles = topRoles(offer.selected);
  const lone = roles.length === 1 && !isTool(offer.selected) ? roles[0] : undefined;
  const settled = offer.selected.filter((visit) => !isChosen(visit));

  const stem = wordsOf(stemOf(playbook.path)).filter((word) => !['playbook', 'yml', 'pb'].includes(word));
  const inStem = verbsIn(stem);
  const name = mainName(reading);
  const inName = verbsIn(wordsOf(name.text));
  const generic = stem.every((word) => wholeLab.has(word)) || namesHosts(stem, reading);
  const stemRest = inStem.rest.filter((word) => !filler.has(word) || inStem.rest.length === 1);
  const nameRest = inName.rest.filter((word) => !filler.has(word));
  const folder = topicOf(playbook.folder);
  const task =
    inName.rest.length > 0 || lone !== undefined ? '' : verbTask(settled, [...inStem.verbs, ...inName.verbs]);
  const everything = (generic || stemRest.length === 0) && (roles.length > 1 || parts(reading, offer) > 2);

  const verbs = firstFilled<string>(
    unique([...inStem.verbs.filter((verb) => !generic || verb !== 'run'), ...folderVerbs(playbook.path)]),
    inName.verbs,
    roles.length > 0 || reading.imports.length > 0 ? ['deploy', 'configure'] : [],
    taskVerbs(settled),
    moduleVerbs(settled),
  );
  const roleName = lone === undefined ? [] : roleWords(lone);
  const subject = firstFilled(
    everything ? ['everything'] : [],
    generic ? roleName : stemRest,
    folder,
    nameRest,
    verbsIn(wordsOf(task)).rest.filter((word) => !filler.has(word)),
    inName.verbs.length === 0 ? [] : inName.rest.filter((word) => !articles.has(word)),
    roleName,
    stem,
  );
  const ownName = name.own && (!everything || reading.plays.length === 1) ? name.text || task : '';
  const description =
    firstParagraph(playbook.comment) ||
    firstParagraph(firstOwn(reading)?.play.comment ?? []) ||
    (offer.selected.find((visit) => visit.target === lone)?.role?.description ?? '') ||
    lab.mentions(playbook.path) ||
    ownName;
  const aliases = [
    stem.join(' '),
    folder.length === 0 ? '' : [...folder, ...stem].join(' '),
    ...(everything ? ['site', 'whole lab', 'all'] : []),
    roleName.join(' '),
    lone ?? '',
    ...offer.otherTags,
    ...(name.own && nameRest.length < 5
      ? [nameRest.join(' '), inName.rest.filter((word) => !articles.has(word)).join(' ')]
      : []),
    stemOf(playbook.path),
  ];
  return {
    title: titleOf(
      verbs,
      subject,
      ownName,
      everything && reading.plays.length !== 1 ? ` (${nameOf(playbook.path)})` : '',
    ),
    description: brief(description, 400),
    subject: subject.join(' '),
    aliases: unique(aliases).filter((alias) => alias !== subject.join(' ') && !verbs.includes(alias)),
    verbs: unique([...verbs, ...inStem.said, ...(inStem.verbs.length === 0 ? inName.said : [])]),
  };
}

/** The first task that does what the playbook is named for: `upgrade.yml` with a task `Upgrade all packages`. */
function verbTask(visits: readonly Visit[], verbs: readonly Verb[]): string {
  const named = visits.find(
    ({ item, within }) =>
      within === undefined &&
      !isTemplated(item.name) &&
      verbsIn(wordsOf(item.name).slice(0, 2)).verbs.some((verb) => verbs.includes(verb)),
  );
  return named?.item.name ?? '';
}

/** How many different things a playbook does: roles, files and blocks that stand in its plays. */
function parts(reading: PlaybookReading, offer: Offer): number {
  const things = new Set<string>();
  for (const visit of offer.selected) {
    if (visit.parent !== undefined || visit.tags.has('always')) continue;
    if (visit.item.type === 'role' || visit.item.type === 'tasks') things.add(visit.item.target);
    else if (visit.item.type === 'block') things.add(`${visit.item.source.path}:${visit.item.source.line}`);
  }
  const names = new Set(
    reading.plays
      .filter(({ play, tags }) => !tags.includes('always') && play.hosts !== 'localhost')
      .map(({ play }) => play.name || play.hosts),
  );
  return Math.max(things.size, names.size > 1 ? names.size + 1 : 1, reading.imports.length > 1 ? 3 : 1);
}

/** `nas.yml` for the host or group nas is about all that runs there. */
function namesHosts(stem: readonly string[], reading: PlaybookReading): boolean {
  const name = stem.join(' ');
  const isNamed = (text: string): boolean => wordsOf(text).join(' ') === name;
  return (
    reading.plays.length > 0 &&
    reading.plays.every(({ pattern, hosts }) => isNamed(pattern) || (hosts.length === 1 && isNamed(hosts[0] ?? '')))
  );
}

function isChosen(visit: Visit): boolean {
  return visit.choice !== undefined || (visit.parent !== undefined && isChosen(visit.parent));
}

/** What a folder of playbooks is about: `playbooks/cluster/status.yml` is about the cluster. */
function topicOf(folder: string): readonly string[] {
  const words = wordsOf(folder.split('/').at(-1) ?? '').filter((word) => !gathering.has(word));
  return folder.includes('/') && verbsIn(words).rest.length > 0 ? words : [];
}
