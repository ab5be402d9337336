// Inputs that nobody declares: variables that the tasks use and nothing in the repository defines.
import type { InputHint } from './inputs.ts';
import { isSecretName } from './inputs.ts';
import type { Lab } from './lab.ts';
import type { PlayReading } from './plays.ts';
import { definedBy, demandsOf, isBuiltIn, type Use, usesOf } from './references.ts';
import { join } from './repository.ts';
import { variablesOf } from './variables.ts';
import type { Visit } from './visit.ts';
import { brief } from './words.ts';
import { entriesOf } from './yaml-tree.ts';

/** All names that the plays and roles themselves give a value, whatever the inventory says. */
export function givenNames(lab: Lab, plays: readonly PlayReading[], visits: readonly Visit[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { play, given } of plays) {
    for (const entry of entriesOf(given)) names.add(entry.key);
    for (const file of play.varsFiles) {
      const path = join(
        play.source.path.split('/').slice(0, -1).join('/'),
        file.replace(/^\{\{\s*playbook_dir\s*\}\}\//, ''),
      );
      if (path !== undefined)
        for (const variable of variablesOf(lab.repository.yaml(path), path)) names.add(variable.name);
    }
  }
  for (const visit of visits) {
    for (const entry of entriesOf(visit.item.vars)) names.add(entry.key);
    for (const variable of visit.role?.vars ?? []) names.add(variable.name);
    if (visit.item.type === 'vars')
      for (const path of visit.files)
        for (const variable of variablesOf(lab.repository.yaml(path), path)) names.add(variable.name);
  }
  return names;
}

/** What `assert` and `fail` demand. */
export function demandHints(visits: readonly Visit[]): readonly InputHint[] {
  const defined = definedBy(visits);
  return demandsOf(visits)
    .filter((demand) => !defined.has(demand.name))
    .map((demand) => ({
      name: demand.name,
      source: demand.source,
      required: true,
      choices: demand.choices,
      description: /\{[{%]/.test(demand.message) ? '' : brief(demand.message.replace(/\s+/g, ' '), 200),
    }));
}

/** Variables that are used, are not defined, and so have to be given (or may be, where each use has a default). */
export function inferredHints(
  lab: Lab,
  plays: readonly PlayReading[],
  visits: readonly Visit[],
  hosts: readonly string[],
): readonly InputHint[] {
  const defined = new Set([...definedBy(visits), ...givenNames(lab, plays, visits)]);
  for (const { play } of plays) for (const entry of entriesOf(play.vars)) defined.add(entry.key);
  const roles = new Set(visits.flatMap((visit) => [visit.role ?? [], visit.within ?? []].flat()));
  for (const role of roles) for (const variable of role.defaults) defined.add(variable.name);
  const open =
    visits.some(
      (visit) =>
        visit.item.type === 'vars' &&
        (visit.files.length === 0 || visit.files.some((path) => lab.repository.isEncrypted(path))),
    ) || plays.some(({ play }) => play.varsFiles.some((file) => isUnknown(lab, play.source.path, file)));
  const sealed = open || lab.variables.isSealed(hosts);
  const found = new Map<string, { use: Use; required: boolean; fallback: Use['default'] }>();
  for (const visit of visits) {
    if (visit.item.type === 'block') continue;
    const uses = usesOf(visit.item);
    if (uses.length === 0) continue;
    const tested = new Set([...uses.flatMap((use) => (use.tested ? use.name : [])), ...visit.when.flatMap(testedIn)]);
    for (const use of uses) {
      if (
        defined.has(use.name) ||
        isBuiltIn(use.name) ||
        use.path.length > 0 ||
        use.name.startsWith('_') ||
        lab.variables.isDefined(use.name, hosts)
      )
        continue;
      const optional = use.defaulted || use.tested || tested.has(use.name);
      const known = found.get(use.name);
      if (known === undefined)
        found.set(use.name, { use, required: !optional || use.mandatory, fallback: use.default });
      else {
        known.required ||= !optional || use.mandatory;
        known.fallback ??= use.default;
      }
    }
  }
  return [...found].map(([name, { use, required, fallback }]) => ({
    name,
    source: use.source,
    type: use.asBoolean ? ('bool' as const) : undefined,
    // What may lie in an encrypted file is not asked of people.
    required: required && !open && !(sealed && (isSecretName(name, 'str') || name.startsWith('vault_'))),
    default: required ? undefined : fallback,
  }));
}

function testedIn(condition: string): readonly string[] {
  if (!condition.includes('defined')) return [];
  return [...condition.matchAll(/\b([A-Za-z_]\w*)\s+is\s+defined\b/g)].map((match) => match[1] ?? '');
}

function isUnknown(lab: Lab, playbook: string, file: string): boolean {
  const path = join(playbook.split('/').slice(0, -1).join('/'), file.replace(/^\{\{\s*playbook_dir\s*\}\}\//, ''));
  return path === undefined || !lab.repository.has(path) || lab.repository.isEncrypted(path);
}
