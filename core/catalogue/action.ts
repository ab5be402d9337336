// An offer composed into an action of the catalogue: named, weighed, with its inputs, hosts, configuration and files.
import { toActionId } from '../ids.ts';
import { inputsOf } from './action-inputs.ts';
import { type Header, readHeaders } from './header.ts';
import { isTemplated, referencesInText } from './jinja.ts';
import type { Lab } from './lab.ts';
import type { Action, ConfigTarget, Source } from './model.ts';
import { nameOffer } from './naming.ts';
import type { Offer } from './offer.ts';
import { loneRole, rolesOf } from './offer-roles.ts';
import { hostsOf, type PlaybookReading, type PlayReading } from './plays.ts';
import { readsOf } from './reads.ts';
import { usesOf } from './references.ts';
import { topRoles } from './top-roles.ts';
import type { Visit } from './visit.ts';
import { weigh } from './weight.ts';
import { unique } from './words.ts';

export type Composed = {
  readonly action: Action;
  readonly offer: Offer;
  readonly reading: PlaybookReading;
  readonly hidden: boolean;
};

/** The action of an offer; undefined where its variable leads to no host at all (`hosts: "{{ app }}"` with no such group). */
export function composeAction(lab: Lab, reading: PlaybookReading, offer: Offer): Composed | undefined {
  const headers = headersOf(lab, reading, offer);
  // A role's own header speaks for a playbook or task that has none; with one, only the role's inputs and lists count.
  const roleHeader = headers.findIndex(({ source }) => source === loneRole(offer)?.header?.source);
  const speaking = roleHeader < 0 ? headers : headers.slice(0, Math.max(1, roleHeader));
  const first = <Key extends keyof Header>(key: Key): Header[Key] | undefined =>
    speaking.find((header) => header[key] !== undefined)?.[key];
  const naming = nameOffer(lab, offer, reading);
  const targets = offer.plays.map((play) => targetsOf(lab, play, offer));
  const hosts = lab.sameHosts(unique(targets.flatMap((target) => target.hosts)));
  if (hosts.length === 0 && targets.some((target) => target.chosen)) return undefined;
  const verbs = first('verbs') ?? naming.verbs;
  const weight = weigh(
    verbs,
    offer.selected,
    hosts.length,
    offer.kind === 'playbook' && topRoles(offer.selected).length > 2,
  );
  const aliases = unique([
    ...(first('aliases') ?? []),
    ...(first('subject') === undefined ? [] : [naming.subject]),
    ...naming.aliases,
  ]);
  const subject = first('subject') ?? naming.subject;
  const estimated = first('duration') ?? weight.estimatedMs;
  const timeout = first('timeout');
  const action: Action = {
    id: toActionId(idOf(reading.playbook.path, offer)),
    kind: offer.kind,
    title: first('title') ?? naming.title,
    description: first('description') ?? describe(naming.description, reading, offer),
    subject,
    aliases: aliases.filter((alias) => alias !== subject),
    verbs,
    agent: 'ansible',
    playbook: reading.playbook.path,
    tags: offer.tags,
    skipTags: first('skipTags') ?? [],
    enables: offer.enables,
    inputs: inputsOf(lab, reading, offer, headers, hosts),
    pattern: unique(targets.map((target) => target.pattern)).join(', '),
    hosts,
    ...limitOf(reading, offer, targets),
    configs: [],
    risk: first('risk') ?? weight.risk,
    idempotent: first('idempotent') ?? weight.idempotent,
    estimatedMs: estimated,
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    reads: readsOf(lab, reading, offer, hosts),
    sources: sourcesOf(reading, offer, headers),
  };
  return { action, offer, reading, hidden: first('hidden') === true };
}

export function withConfigs(action: Action, configs: readonly ConfigTarget[]): Action {
  return configs.length === 0
    ? action
    : { ...action, configs, reads: [...new Set([...action.reads, ...configs.map((config) => config.path)])].sort() };
}

/** Whoever approves must know that more runs than what was asked for. */
function describe(description: string, reading: PlaybookReading, offer: Offer): string {
  const others = offer.selected.some(
    (visit) =>
      visit.parent === undefined &&
      !offer.about.includes(visit) &&
      !visit.tags.has('always') &&
      !usesOf(visit.item).some((use) => Object.hasOwn(offer.enables, use.name)) &&
      !offer.about.some((about) => isAbove(visit, about)),
  );
  if (offer.kind === 'playbook' || offer.tags.length > 0 || !others) return description;
  return `${description === '' ? '' : `${description.replace(/[.\s]*$/, '')}. `}Runs all of ${reading.playbook.path}, with ${Object.keys(offer.enables).join(' and ')} set.`;
}

function isAbove(above: Visit, visit: Visit): boolean {
  return visit.parent !== undefined && (visit.parent === above || isAbove(above, visit.parent));
}

type Targets = { readonly pattern: string; readonly hosts: readonly string[]; readonly chosen: boolean };

/** A play's hosts, where the offer's own variables may fill its pattern. */
function targetsOf(lab: Lab, play: PlayReading, offer: Offer): Targets {
  const chosen = referencesInText(play.play.hosts).some((reference) => Object.hasOwn(offer.enables, reference.name));
  return { ...(chosen ? hostsOf(lab, play.play, play.given, offer.enables) : play), chosen };
}

/** `site.yml`, `site.yml#grafana`, `site.yml?grafana_enabled=true`. */
function idOf(playbook: string, offer: Offer): string {
  const tags = offer.tags.length === 0 ? '' : `#${offer.tags.join('+')}`;
  const enables = Object.entries(offer.enables).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? (offer.chosen ?? JSON.stringify(value)) : String(value)}`,
  );
  return `${playbook}${tags}${enables.length === 0 ? '' : `?${enables.join('&')}`}`;
}

/** A variable cannot keep a playbook's other plays from running; a limit can, where no play prepares others from localhost. */
function limitOf(reading: PlaybookReading, offer: Offer, targets: readonly Targets[]): { readonly limit?: string } {
  if (offer.kind === 'playbook' || offer.tags.length > 0) return {};
  const reached = new Set(reading.plays.flatMap((play) => play.hosts));
  const meant = new Set(targets.flatMap((target) => target.hosts));
  const patterns = unique(targets.map((target) => target.pattern));
  if (reached.size === meant.size || reached.has('localhost') || patterns.some((pattern) => isTemplated(pattern)))
    return {};
  return { limit: patterns.length === 1 ? (patterns[0] ?? '') : [...meant].join(',') };
}

/** The headers that speak for an offer, the nearest first. */
function headersOf(lab: Lab, reading: PlaybookReading, offer: Offer): readonly Header[] {
  const found: (Header | undefined)[] = [];
  for (const visit of offer.about)
    found.push(readHeaders(lab.repository, visit.item.source.path).above.get(visit.item.source.line));
  for (const play of offer.aboutPlays) found.push(play.play.header);
  if (offer.kind === 'playbook')
    found.push(reading.playbook.header, ...(reading.plays.length === 1 ? [reading.plays[0]?.play.header] : []));
  if (offer.chosen === undefined || offer.about.every((visit) => visit.item.type === 'role'))
    found.push(loneRole(offer)?.header);
  for (const visit of offer.about)
    if (visit.item.type === 'tasks' && visit.files.length === 1)
      found.push(readHeaders(lab.repository, visit.files[0] ?? '').file);
  return found.filter((header) => header !== undefined);
}

function sourcesOf(reading: PlaybookReading, offer: Offer, headers: readonly Header[]): readonly Source[] {
  const first =
    offer.kind === 'playbook'
      ? [{ path: reading.playbook.path, line: reading.playbook.entries[0]?.source.line ?? 1 }]
      : [];
  const about = [...offer.about.map((visit) => visit.item.source), ...offer.aboutPlays.map(({ play }) => play.source)];
  const files = (
    offer.about.length > 0
      ? offer.about
      : offer.selected.filter((visit) => visit.item.type === 'role' && visit.within === undefined)
  ).flatMap((visit) => visit.files.map((path) => ({ path, line: 1 })));
  const specs = rolesOf(offer).flatMap((role) =>
    [...role.entryPoints.values()].slice(0, 1).map((entry) => ({ path: entry.path, line: 1 })),
  );
  const seen = new Set<string>();
  return [
    ...first,
    ...about.filter((source) => source.path === reading.playbook.path),
    ...about,
    ...headers.map((header) => header.source),
    ...files,
    ...specs,
  ].filter((source) => {
    const key = `${source.path}:${source.line}`;
    return !seen.has(key) && seen.add(key).size <= 40;
  });
}
