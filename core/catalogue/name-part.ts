// What a part of a playbook is called: what a tag selects, or a variable switches on or chooses.
import { firstParagraph, headComment, linesOf } from './comments.ts';
import { isTemplated } from './jinja.ts';
import type { Lab } from './lab.ts';
import { folderVerbs, moduleVerbs, roleVerbs, taskVerbs } from './name-verbs.ts';
import { filler, firstFilled, type Naming, titleOf } from './name-words.ts';
import type { Offer } from './offer.ts';
import { mainName } from './play-name.ts';
import type { PlaybookReading } from './plays.ts';
import { stemOf } from './repository.ts';
import { topRoles } from './top-roles.ts';
import { type Verb, verbsIn } from './verbs.ts';
import { brief, roleWords, unique, wordsOf } from './words.ts';

export function namePart(lab: Lab, offer: Offer, reading: PlaybookReading): Naming {
  const tag = offer.tags[0] ?? '';
  const isChoice = offer.chosen !== undefined;
  const inTag = verbsIn(wordsOf(offer.chosen ?? (tag || Object.keys(offer.enables)[0] || '')));
  const roles =
    offer.about.length > 0
      ? unique(offer.about.filter((visit) => visit.item.type === 'role').map((visit) => visit.target))
      : topRoles(offer.aboutPlays.flatMap((play) => play.visits));
  const lone = roles.length === 1 ? roles[0] : undefined;
  const enclosing = unique(
    offer.about.filter((visit) => visit.item.type !== 'role').flatMap((visit) => visit.within?.name ?? []),
  );
  const around = enclosing.length === 1 ? roleWords(enclosing[0] ?? '') : [];
  const name = onlyName(offer);
  const inName = verbsIn(wordsOf(name));
  const files = unique(offer.about.filter((visit) => visit.item.type === 'tasks').map((visit) => stemOf(visit.target)));
  const inFile = verbsIn(files.length === 1 ? wordsOf(files[0] ?? '') : []);
  const inner = isChoice ? innerName(offer) : '';
  const inStem = verbsIn(wordsOf(stemOf(reading.playbook.path)));

  const subject = firstFilled(
    isChoice || offer.apart === true ? inTag.rest : [],
    lone === undefined ? [] : withoutVerb(roleWords(lone), roleVerbs(offer)),
    offer.tags.length > 0 ? inTag.rest : inTag.rest.filter((word) => !switchWords.has(word)),
    inFile.rest,
    around,
    inName.rest.filter((word) => !filler.has(word)),
    isChoice ? verbsIn(wordsOf(inner)).rest.filter((word) => !filler.has(word)) : wordsOf(tag),
    isChoice ? inStem.rest : [],
  );
  const isRoleName = lone !== undefined && wordsOf(tag).join(' ') === roleWords(lone).join(' ');
  const verbs = firstFilled<string>(
    unique([...(isRoleName ? roleVerbs(offer) : inTag.verbs), ...inFile.verbs]),
    offer.apart === true ? ['run'] : [],
    isChoice ? verbsIn(wordsOf(mainName(reading).text)).verbs : [],
    unique([...inName.verbs, ...playVerbs(offer)]),
    inStem.verbs.filter((verb) => verb !== 'run'),
    folderVerbs(reading.playbook.path),
    roleVerbs(offer),
    offer.about.some((visit) => visit.item.type !== 'task') || offer.aboutPlays.length > 0
      ? ['deploy', 'configure']
      : [],
    taskVerbs(offer.about),
    moduleVerbs(isChoice ? offer.selected : offer.about),
    isChoice ? ['deploy', 'configure'] : [],
  );
  const aliases = [
    tag,
    wordsOf(tag).join(' '),
    ...(lone === undefined ? [] : [roleWords(lone).join(' '), lone]),
    ...offer.otherTags,
    offer.chosen ?? '',
    ...files,
    around.length > 0 && !around.every((word) => subject.includes(word)) ? [...around, ...subject].join(' ') : '',
  ];
  return {
    title: titleOf(verbs, subject, isChoice ? inner : name),
    description: describe(lab, offer, reading, lone, name),
    subject: subject.join(' '),
    aliases: unique(aliases).filter((alias) => alias !== subject.join(' ') && !verbs.includes(alias)),
    verbs: unique([...verbs, ...(isRoleName ? [] : inTag.said), ...(inTag.verbs.length === 0 ? inName.said : [])]),
  };
}

/** `jellyfin_enabled` is about jellyfin. */
const switchWords = new Set(['enabled', 'enable', 'active', 'use', 'installed', 'do', 'want']);

function describe(lab: Lab, offer: Offer, reading: PlaybookReading, lone: string | undefined, name: string): string {
  const role =
    offer.about.find((visit) => visit.role !== undefined)?.role ??
    offer.aboutPlays.flatMap((play) => play.visits).find((visit) => visit.target === lone)?.role;
  const comments = [
    ...offer.about.map((visit) => visit.item.comment),
    ...offer.aboutPlays.map(({ play }) => play.comment),
  ].map(firstParagraph);
  const text =
    (lone === undefined ? '' : role?.description) ||
    comments.find((comment) => comment !== '') ||
    fileComment(lab, offer) ||
    (offer.chosen === undefined ? name : firstParagraph(reading.playbook.comment));
  return brief(text, 400);
}

/** The name of the play or of the items that an offer is about, where they have one name. */
function onlyName(offer: Offer): string {
  const names = new Set(
    [...offer.aboutPlays.map(({ play }) => play.name), ...offer.about.map((visit) => visit.item.name)].filter(
      (name) => name !== '' && !isTemplated(name),
    ),
  );
  return names.size === 1 ? ([...names][0] ?? '') : '';
}

/** What a play says it does, where the role is all that it is about. */
function playVerbs(offer: Offer): readonly Verb[] {
  const [play] = offer.plays;
  return offer.plays.length === 1 && play !== undefined && topRoles(play.visits).length === 1
    ? verbsIn(wordsOf(play.play.name)).verbs
    : [];
}

/** A role's words without the verb that it is named for. */
function withoutVerb(words: readonly string[], verbs: readonly Verb[]): readonly string[] {
  const { rest } = verbsIn(words);
  return verbs.length > 0 && rest.length > 0 ? rest : words;
}

/** What the only task file that an offer is about says at its head. */
function fileComment(lab: Lab, offer: Offer): string {
  const files = unique(offer.about.flatMap((visit) => (visit.item.type === 'tasks' ? visit.files : [])));
  return files.length === 1 ? firstParagraph(headComment(linesOf(lab.repository.text(files[0] ?? '') ?? ''))) : '';
}

/** The name of the only task in a chosen file. */
function innerName(offer: Offer): string {
  const inside = offer.selected.filter(
    (visit) => visit.parent !== undefined && offer.about.includes(visit.parent) && visit.item.type === 'task',
  );
  const name = inside[0]?.item.name ?? '';
  return inside.length === 1 && !isTemplated(name) ? name : '';
}
