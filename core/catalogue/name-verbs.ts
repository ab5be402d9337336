// What an offer does, as far as the names of roles, tasks and folders and the modules in use tell.
import { isTemplated } from './jinja.ts';
import { actingModule, moduleVerb } from './module-verb.ts';
import type { Offer } from './offer.ts';
import { type Verb, verbsIn } from './verbs.ts';
import type { Visit } from './visit.ts';
import { roleWords, unique, wordsOf } from './words.ts';

/** A role named for what it does, where it does it: a role `backup` that only installs scripts does not back anything up. */
export function roleVerbs(offer: Offer): readonly Verb[] {
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

/** What most of the first tasks say they do. */
export function taskVerbs(visits: readonly Visit[]): readonly Verb[] {
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

/** What the first module that tells does. */
export function moduleVerbs(visits: readonly Visit[]): readonly Verb[] {
  for (const { item } of visits) {
    const verb = moduleVerb(item);
    if (verb !== undefined) return [verb];
  }
  return [];
}

/** Folders named for what their playbooks do: `playbooks/restore/db.yml`. */
export function folderVerbs(path: string): readonly Verb[] {
  return path
    .split('/')
    .slice(0, -1)
    .map((folder) => verbsIn(wordsOf(folder)))
    .flatMap(({ verbs, rest }) => (rest.length === 0 ? verbs : []));
}
