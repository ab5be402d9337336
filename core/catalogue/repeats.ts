// The same thing offered in two ways is one action: the more specific playbook stays, the other becomes a source and a name of it.
import type { Composed } from './action.ts';
import type { Action } from './model.ts';
import type { Visit } from './visit.ts';

export function withoutRepeats(composed: readonly Composed[]): readonly Composed[] {
  const byWork = new Map<string, Composed[]>();
  for (const one of composed) {
    const key = workOf(one);
    if (key === undefined) continue;
    const known = byWork.get(key);
    if (known === undefined) byWork.set(key, [one]);
    else known.push(one);
  }
  const dropped = new Map<Composed, Composed>();
  for (const one of composed) {
    const other = one.offer.chosen === undefined ? undefined : composed.find((candidate) => isNarrower(candidate, one));
    if (other !== undefined) dropped.set(one, other);
  }
  for (const alike of byWork.values()) {
    const [kept, ...others] = [...alike].sort((a, b) => preference(a) - preference(b));
    for (const other of others)
      if (kept !== undefined && sameHosts(kept.action, other.action)) dropped.set(other, kept);
  }
  return composed
    .filter((one) => !dropped.has(one))
    .map((one) => {
      const others = [...dropped].filter(([, kept]) => kept === one).map(([other]) => other.action);
      return others.length === 0 ? one : { ...one, action: absorb(one.action, others) };
    });
}

/** Chooses the same thing with a plain variable, where the other has to replace a whole list. */
function isNarrower(candidate: Composed, one: Composed): boolean {
  const isList = ({ action }: Composed): boolean => Object.values(action.enables).some((value) => Array.isArray(value));
  return (
    isList(one) &&
    !isList(candidate) &&
    candidate.offer.chosen === one.offer.chosen &&
    candidate.action.verbs[0] === one.action.verbs[0] &&
    sameHosts(candidate.action, one.action)
  );
}

/** What an action does, as roles with their entry points and parameters, where it does nothing else. */
function workOf({ offer, action, reading }: Composed): string | undefined {
  const visits =
    offer.about.length > 0
      ? offer.about
      : offer.plays.flatMap((play) =>
          play.visits.filter((visit) => visit.parent === undefined && !visit.tags.has('always')),
        );
  if (visits.length === 0) return undefined;
  const parts = visits.map((visit) => {
    // Where a variable chooses, but not which role or file, what it chooses tells one from the other.
    const chosen = visit.choice === undefined ? (offer.chosen ?? '') : '';
    if (visit.item.type === 'role')
      return `role:${visit.role?.folder ?? visit.target}:${visit.item.tasksFrom}:${parameters(visit)}:${chosen}`;
    if (visit.item.type === 'tasks' && visit.files.length === 1) return `tasks:${visit.files[0]}:${chosen}`;
    return `item:${reading.playbook.path}:${visit.item.source.path}:${visit.item.source.line}:${chosen}`;
  });
  return `${[...new Set(parts)].sort().join('|')}::${action.verbs[0] ?? ''}::${offer.apart === true ? offer.tags.join() : ''}`;
}

/** The names of the variables that a use of a role hands to it. */
function parameters(visit: Visit): string {
  return visit.item.vars?.kind === 'map' ? [...visit.item.vars.entries.keys()].join(',') : '';
}

/** A playbook of its own before a part of one; a shorter selection before a longer one. */
function preference({ action, reading }: Composed): number {
  return (
    (action.kind === 'playbook' ? 0 : 100) +
    (action.tags.length > 0 ? 0 : 20) +
    reading.playbook.entries.length +
    (Object.keys(action.enables).length > 0 ? 5 : 0)
  );
}

function sameHosts(a: Action, b: Action): boolean {
  const [left, right] = [new Set(a.hosts), new Set(b.hosts)];
  return left.size === right.size && [...left].every((host) => right.has(host));
}

function absorb(action: Action, others: readonly Action[]): Action {
  const aliases = new Set([...action.aliases, ...others.flatMap((other) => [other.subject, ...other.aliases])]);
  aliases.delete(action.subject);
  return {
    ...action,
    aliases: [...aliases],
    sources: [...action.sources, ...others.flatMap((other) => other.sources.slice(0, 1))],
  };
}
