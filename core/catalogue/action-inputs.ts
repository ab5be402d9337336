// An action's inputs: the hints of headers, specs, plays, comments, defaults and the tasks themselves, put in order.
import { choiceHints } from './choice-hints.ts';
import { documentedInputs } from './documented-inputs.ts';
import type { Header } from './header.ts';
import { demandHints, givenNames, inferredHints } from './inferred-inputs.ts';
import { defaultHints, headerHints, hostHints, playHints, promptHints, specHints } from './input-hints.ts';
import { type InputHint, mergeInputs } from './inputs.ts';
import type { Lab } from './lab.ts';
import type { Input } from './model.ts';
import type { Offer } from './offer.ts';
import { rolesOf } from './offer-roles.ts';
import type { PlaybookReading } from './plays.ts';
import { usesOf } from './references.ts';
import type { Visit } from './visit.ts';
import { entriesOf, jsonOf } from './yaml-tree.ts';

/** With more roles than this, a playbook's own action takes what its plays and headers declare, not every role's defaults. */
const maxRolesForDefaults = 5;

/** Everything that says something of an offer's inputs, the surest first, merged. */
export function inputsOf(
  lab: Lab,
  reading: PlaybookReading,
  offer: Offer,
  headers: readonly Header[],
  hosts: readonly string[],
): readonly Input[] {
  const roles = rolesOf(offer);
  const { plays } = offer;
  const visits = offer.selected;
  const given = givenNames(lab, plays, visits);
  const roleUses = visits.filter((visit) => visit.role !== undefined && roles.includes(visit.role));
  const few = roles.length <= maxRolesForDefaults;
  const used = new Set(
    visits.flatMap((visit) => (visit.depth === 0 || few ? usesOf(visit.item).map((use) => use.name) : [])),
  );
  const playVars = new Set(plays.flatMap(({ play }) => entriesOf(play.vars).map((entry) => entry.key)));
  const specs = roleUses
    .flatMap((visit) => (visit.role === undefined ? [] : specHints(visit.role, visit.item.tasksFrom)))
    .filter((hint) => few || hint.required === true);
  const inferred = inferredHints(lab, plays, visits, hosts);
  const hints: InputHint[] = [
    ...headers.flatMap(headerHints),
    ...plays.flatMap(({ play }) => promptHints(play)),
    ...demandHints(visits.filter((visit) => visit.depth === 0 || few)),
    ...choiceHints(lab, reading, offer),
    ...plays.flatMap(({ play }) => hostHints(play, (name) => given.has(name))),
    ...specs,
    ...documentedInputs(reading.playbook.comment, { path: reading.playbook.path, line: 1 }, used).hints,
    ...commandHints(lab, reading, used),
    ...plays.flatMap(({ play }) => playHints(play)),
    ...(few ? roleUses.flatMap(parameterHints) : []),
    ...(few
      ? roleUses.flatMap((visit) => (visit.role === undefined ? [] : defaultHints(visit.role, visit.item.tasksFrom)))
      : []),
    ...inferred.filter((hint) => few || hint.required === true),
  ];
  const names = new Set([
    ...Object.keys(offer.enables),
    ...roleUses.flatMap((visit) =>
      entriesOf(visit.item.vars).flatMap((entry) => (isSettledParameter(visit, entry.key) ? entry.key : [])),
    ),
  ]);
  const isGiven = (name: string): boolean =>
    given.has(name) ||
    playVars.has(name) ||
    lab.variables.isDefined(name, hosts) ||
    (lab.variables.isSealed(hosts) && hints.some((hint) => hint.name === name && hint.secret === true));
  return mergeInputs(
    hints.filter((hint) => !names.has(hint.name)),
    isGiven,
  );
}

/** Variables that the documents' commands give this playbook. */
function commandHints(lab: Lab, reading: PlaybookReading, used: ReadonlySet<string>): readonly InputHint[] {
  return lab
    .commands(reading.playbook.path)
    .flatMap((command) => documentedInputs([command.text], command.source, used).hints);
}

/** What a play passes to a role of its `roles:` is a default that a run can set otherwise. */
function parameterHints(visit: Visit): readonly InputHint[] {
  return entriesOf(visit.item.vars).flatMap((entry) => {
    const value = jsonOf(entry.value);
    if (value === null || isSettledParameter(visit, entry.key) || JSON.stringify(value).includes('{{')) return [];
    return [{ name: entry.key, source: { path: visit.item.source.path, line: entry.line }, default: value }];
  });
}

/** What tells one use of a role from another (`docker_state: absent`), or is handed over inside tasks, is not the person's to choose. */
function isSettledParameter(visit: Visit, name: string): boolean {
  return (
    visit.depth > 0 ||
    visit.item.dynamic ||
    visit.item.raw.entries.has('import_role') ||
    visit.item.raw.entries.has('ansible.builtin.import_role') ||
    /(^|_)(state|action|mode|operation|task)$/.test(name)
  );
}
