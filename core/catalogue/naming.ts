// What an action is called: title, subject, aliases and verbs, from the names that the repository gives its parts.
import { firstParagraph, headComment, linesOf } from './comments.ts';
import { isTemplated } from './jinja.ts';
import type { Lab } from './lab.ts';
import { actingModule, moduleVerb } from './module-verb.ts';
import type { Offer } from './offer.ts';
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
const articles = new Set(['a', 'an', 'the', 'and', 'of', 'on', 'to', 'for', 'with', 'from', 'all']);
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

export function nameOffer(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
  return offer.kind === 'playbook' ? nameWhole(lab, offer, reading) : namePart(lab, offer, reading);
}

function nameWhole(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
  const { playbook } = reading;
  const stem = wordsOf(stemOf(playbook.path)).filter((word) => !['playbook', 'yml', 'pb'].includes(word));
  const fromStem = verbsIn(stem);
  const playName = mainName(reading);
  const fromPlay = verbsIn(wordsOf(playName.text));
  const roles = topRoles(offer.selected);
  const lone = roles.length === 1 && !isTool(offer.selected) ? roles[0] : undefined;
  const generic = stem.length === 0 || stem.every((word) => wholeLab.has(word)) || namesHosts(stem, reading);
  const settled = offer.selected.filter((visit) => !isChosen(visit));
  const rest = fromStem.rest.filter((word) => !filler.has(word) || fromStem.rest.length === 1);
  const playRest = fromPlay.rest.filter((word) => !filler.has(word));
  const spoken = fromPlay.verbs.length === 0 ? [] : fromPlay.rest.filter((word) => !articles.has(word));
  const folder = topicOf(playbook.folder);
  const everything = (generic || rest.length === 0) && (roles.length > 1 || parts(reading, offer) > 2);

  const verbs = new Set<string>([
    ...fromStem.verbs.filter((verb) => !generic || verb !== 'run'),
    ...folderVerbs(playbook.path),
  ]);
  const lean = (more: readonly string[]): void => {
    if (verbs.size === 0) for (const verb of more) verbs.add(verb);
  };
  lean(fromPlay.verbs);
  lean(roles.length > 0 || reading.imports.length > 0 ? ['deploy', 'configure'] : []);
  lean(taskVerbs(settled));
  lean(moduleVerbs(settled));
  const subjectWords = everything
    ? ['everything']
    : generic && lone !== undefined
      ? roleWords(lone)
      : rest.length > 0 && !generic
        ? rest
        : folder.length > 0
          ? folder
          : playRest.length > 0
            ? playRest
            : spoken.length > 0
              ? spoken
              : lone !== undefined
                ? roleWords(lone)
                : stem;
  const subject = subjectWords.join(' ');
  const words = [...verbs];
  const ownName = playName.own && (everything ? reading.plays.length === 1 : true) ? playName.text : '';
  const description =
    firstParagraph(playbook.comment) ||
    firstParagraph(firstOwn(reading)?.play.comment ?? []) ||
    (offer.selected.find((visit) => visit.target === lone)?.role?.description ?? '') ||
    lab.mentions(playbook.path) ||
    ownName;
  return {
    title: titleOf(
      words,
      subjectWords,
      ownName,
      everything && reading.plays.length !== 1 ? ` (${nameOf(playbook.path)})` : '',
    ),
    description: brief(description, 400),
    subject,
    aliases: unique([
      stem.join(' '),
      folder.length === 0 ? '' : [...folder, ...stem].join(' '),
      ...(everything ? ['site', 'whole lab', 'all'] : []),
      ...(lone === undefined ? [] : [roleWords(lone).join(' '), lone]),
      ...offer.otherTags,
      ...(playName.own && playRest.length > 0 && playRest.length < 5
        ? [playRest.join(' '), fromPlay.rest.filter((word) => !articles.has(word)).join(' ')]
        : []),
      stemOf(playbook.path),
    ]).filter((alias) => alias !== subject && !verbs.has(alias)),
    verbs: unique([...words, ...fromStem.said, ...(fromStem.verbs.length === 0 ? fromPlay.said : [])]),
  };
}

const preparing =
  /^(assert|debug|fail|set_fact|meta|include_vars|setup|pause|wait_for|wait_for_connection|stat|slurp)$/;

/** The only role is a tool that the playbook's own tasks use: it names one of its task files, and acts itself as well. */
export function isTool(visits: readonly Visit[]): boolean {
  const own = visits.filter((visit) => visit.within === undefined);
  return (
    own.some(({ item }) => item.type === 'role' && item.tasksFrom !== '') &&
    !own.some(({ item }) => item.type === 'role' && item.tasksFrom === '') &&
    own.some(({ item }) => item.type === 'task' && !preparing.test(item.module))
  );
}

/** The name that speaks for a playbook: its only play's, or the one of several that is not a preparation. */
function mainName(reading: PlaybookReading): { readonly text: string; readonly own: boolean } {
  const named = reading.plays.filter(
    ({ play, tags }) => play.name !== '' && !isTemplated(play.name) && !tags.includes('always'),
  );
  const away = named.filter(({ play }) => !/^(localhost|127\.0\.0\.1)$/.test(play.hosts));
  const candidates = away.length > 0 ? away : named;
  const names = new Set(candidates.map(({ play }) => play.name));
  const [only] = candidates;
  // `Uptime Kuma | Provision`, `Uptime Kuma | Deploy`: what they share.
  const shared = new Set(named.map(({ play }) => play.name.split(/\s+[|:–—-]\s+/)[0] ?? ''));
  if (named.length > 1 && shared.size === 1)
    return { text: named[0]?.play.name.split(/\s+[|:–—-]\s+/)[0] ?? '', own: !named[0]?.imported };
  return names.size === 1 && only !== undefined
    ? { text: only.play.name, own: !only.imported }
    : { text: '', own: false };
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
      .filter(({ play, tags }) => !tags.includes('always') && !/^localhost$/.test(play.hosts))
      .map(({ play }) => play.name || play.hosts),
  );
  return Math.max(things.size, names.size > 1 ? names.size + 1 : 1, reading.imports.length > 1 ? 3 : 1);
}

/** `nas.yml` for the host or group nas is about all that runs there. */
function namesHosts(stem: readonly string[], reading: PlaybookReading): boolean {
  const name = stem.join(' ');
  return (
    reading.plays.every(
      ({ pattern, hosts }) =>
        wordsOf(pattern).join(' ') === name || (hosts.length === 1 && wordsOf(hosts[0] ?? '').join(' ') === name),
    ) && reading.plays.length > 0
  );
}

function isChosen(visit: Visit): boolean {
  return visit.choice !== undefined || (visit.parent !== undefined && isChosen(visit.parent));
}

/** Folders that only gather playbooks. */
const gathering = new Set([
  ...wholeLab,
  'playbooks',
  'ansible',
  'plays',
  'jobs',
  'ops',
  'operations',
  'maintenance',
  'tasks',
  'utils',
  'util',
  'tools',
  'scripts',
  'apps',
  'services',
  'stacks',
  'src',
  'provisioning',
  'common',
  'misc',
  'home',
  'server',
  'servers',
  'hosts',
  'roles',
  'examples',
]);

/** What a folder of playbooks is about: `playbooks/cluster/status.yml` is about the cluster. */
function topicOf(folder: string): readonly string[] {
  const words = wordsOf(folder.split('/').at(-1) ?? '').filter((word) => !gathering.has(word));
  return folder.includes('/') && verbsIn(words).rest.length > 0 ? words : [];
}

/** Folders named for what their playbooks do: `playbooks/restore/db.yml`. */
function folderVerbs(path: string): readonly string[] {
  return path
    .split('/')
    .slice(0, -1)
    .flatMap((folder) => (verbsIn(wordsOf(folder)).rest.length === 0 ? verbsIn(wordsOf(folder)).verbs : []));
}

function namePart(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
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
    (offer.chosen !== undefined || offer.apart === true) && fromTag.rest.length > 0
      ? fromTag.rest
      : lone !== undefined
        ? ownWords(roleWords(lone), roleVerbs(offer))
        : tagWords.length > 0
          ? tagWords
          : fromFile !== undefined && fromFile.rest.length > 0
            ? fromFile.rest
            : within.length === 1 && within[0] !== undefined
              ? roleWords(within[0])
              : fromName.rest.filter((word) => !filler.has(word));
  const sameAsRole = lone !== undefined && wordsOf(tag).join(' ') === roleWords(lone).join(' ');
  const verbs = new Set<string>([...(sameAsRole ? roleVerbs(offer) : fromTag.verbs), ...(fromFile?.verbs ?? [])]);
  const lean = (more: readonly string[]): void => {
    if (verbs.size === 0) for (const verb of more) verbs.add(verb);
  };
  lean(offer.apart === true ? ['run'] : []);
  lean([...fromName.verbs, ...(playNames?.verbs ?? [])]);
  lean(verbsIn(wordsOf(stemOf(reading.playbook.path))).verbs.filter((verb) => verb !== 'run'));
  lean(folderVerbs(reading.playbook.path));
  lean(roleVerbs(offer));
  lean(
    offer.about.some((visit) => visit.item.type !== 'task') || offer.aboutPlays.length > 0
      ? ['deploy', 'configure']
      : [],
  );
  lean(taskVerbs(offer.about));
  lean(moduleVerbs(offer.chosen === undefined ? offer.about : offer.selected));
  lean(offer.chosen === undefined ? [] : ['deploy', 'configure']);
  const words = [...verbs];
  const inner = verbsIn(wordsOf(innerName(offer)));
  const fallback =
    offer.chosen === undefined
      ? wordsOf(tag)
      : inner.rest.length > 0
        ? inner.rest.filter((word) => !filler.has(word))
        : verbsIn(wordsOf(stemOf(reading.playbook.path))).rest;
  const subject = (subjectWords.length > 0 ? subjectWords : fallback).join(' ');
  const role =
    offer.about.find((visit) => visit.role !== undefined)?.role ??
    offer.aboutPlays.flatMap((play) => play.visits).find((visit) => visit.target === lone)?.role;
  const comment =
    offer.about.map((visit) => firstParagraph(visit.item.comment)).find((text) => text !== '') ??
    offer.aboutPlays.map(({ play }) => firstParagraph(play.comment)).find((text) => text !== '');
  return {
    title: titleOf(words, wordsOf(subject), offer.chosen === undefined ? only : innerName(offer), ''),
    description: brief(
      (lone === undefined ? '' : role?.description) ||
        comment ||
        fileComment(lab, offer) ||
        (offer.chosen === undefined ? only : firstParagraph(reading.playbook.comment)),
      400,
    ),
    subject,
    aliases: unique([
      tag,
      wordsOf(tag).join(' '),
      ...(lone === undefined ? [] : [roleWords(lone).join(' '), lone]),
      ...offer.otherTags,
      ...(offer.chosen === undefined ? [] : [offer.chosen]),
      ...files,
    ]).filter((alias) => alias !== subject && !verbs.has(alias)),
    verbs: unique([
      ...words,
      ...(sameAsRole ? [] : fromTag.said),
      ...(fromTag.verbs.length === 0 ? fromName.said : []),
    ]),
  };
}

/** What the only task file that an offer is about says at its head. */
function fileComment(lab: Lab, offer: Offer): string {
  const files = unique(offer.about.flatMap((visit) => (visit.item.type === 'tasks' ? visit.files : [])));
  return files.length === 1 ? firstParagraph(headComment(linesOf(lab.repository.text(files[0] ?? '') ?? ''))) : '';
}

/** `jellyfin_enabled` is about jellyfin. */
function switchRest(words: readonly string[], offer: Offer): readonly string[] {
  return offer.tags.length > 0
    ? words
    : words.filter((word) => !['enabled', 'enable', 'active', 'use', 'installed', 'do', 'want'].includes(word));
}

function titleOf(verbs: readonly string[], subject: readonly string[], name: string, addition: string): string {
  const verb = verbs[0];
  const said = wordsOf(name);
  const first = verbsIn(said.slice(0, 2)).verbs[0];
  // A name that already is an imperative phrase about the subject says it best.
  if (
    addition === '' &&
    first !== undefined &&
    first === verb &&
    name.length <= 60 &&
    (subject.some((word) => said.some((other) => singular(other) === singular(word))) || subject.length === 0)
  )
    return capitalised(name.replace(/[.:!]+$/, ''));
  const what = asTitle(
    subject.filter((word, index) => !(index === 0 && verb !== undefined && verbsIn([word]).verbs[0] === verb)),
  );
  if (verb === undefined)
    return said.length > 0
      ? capitalised(brief(name, 60))
      : `Run ${what.toLowerCase() === subject.join(' ') ? what : subject.join(' ')}`.trim();
  return `${capitalised(verb)} ${what === 'Everything' ? 'everything' : what}${addition}`.trim();
}

function singular(word: string): string {
  return word.length < 4 ? word : word.replace(/s$/, '').replace(/e$/, '');
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The name of the only task in a chosen file. */
function innerName(offer: Offer): string {
  const inside = offer.selected.filter(
    (visit) => visit.parent !== undefined && offer.about.includes(visit.parent) && visit.item.type === 'task',
  );
  const name = inside[0]?.item.name ?? '';
  return inside.length === 1 && !isTemplated(name) ? name : '';
}

const tops = new WeakMap<readonly Visit[], readonly string[]>();

/** The roles that plays name themselves, those for every run left out. */
export function topRoles(visits: readonly Visit[]): readonly string[] {
  const known = tops.get(visits);
  if (known !== undefined) return known;
  const roles = unique(
    visits.flatMap((visit) =>
      visit.item.type === 'role' && visit.within === undefined && !visit.tags.has('always') ? visit.target : [],
    ),
  );
  tops.set(visits, roles);
  return roles;
}

/** A role's words without the verb that it is named for. */
function ownWords(words: readonly string[], verbs: readonly Verb[]): readonly string[] {
  const { rest } = verbsIn(words);
  return verbs.length > 0 && rest.length > 0 ? rest : words;
}

/** A role named for what it does, where it does it: a role `backup` that only installs scripts does not back anything up. */
function roleVerbs(offer: Offer): readonly Verb[] {
  const roles = unique(offer.about.filter((visit) => visit.item.type === 'role').map((visit) => visit.target));
  const verbs = roles.length === 1 ? verbsIn(roleWords(roles[0] ?? '')).verbs : [];
  if (verbs.length === 0) return [];
  const acts = offer.selected.some(
    ({ item, within }) =>
      within !== undefined && (actingModule.test(item.module) || verbs.some((verb) => moduleVerb(item) === verb)),
  );
  const unknown = offer.about.every((visit) => visit.role === undefined);
  return acts || unknown ? verbs : [];
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

function moduleVerbs(visits: readonly Visit[]): readonly Verb[] {
  for (const { item } of visits) {
    const verb = moduleVerb(item);
    if (verb !== undefined) return [verb];
  }
  return [];
}
